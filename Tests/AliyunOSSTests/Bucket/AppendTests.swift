import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Appending", .timeLimit(.minutes(5)))
struct AppendTests {
    @Test("Every kind of body can be appended, with either signature version", arguments: [SignatureVersion.v4, .v1])
    func bodies(signature: SignatureVersion) async throws {
        let service = try TestService { $0.signature = signature }
        let folder = try ScratchDirectory()
        let bytes = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try folder.write("file", bytes)
        try folder.write("nothing")
        let chunks = stride(from: 0, to: bytes.count, by: 999).map { Data(bytes[$0..<min($0 + 999, bytes.count)]) }
        let bodies: [(ObjectBody, [UInt8])] = [
            (.string("Hello, OSS"), Array("Hello, OSS".utf8)), (.bytes(bytes), bytes), (.bytes([]), []),
            (.file(folder["file"]), bytes),
            (try .file(folder["file"], offset: 1000, length: 70_000), Array(bytes[1000..<71_000])),
            (.sequence(chunks.stream), bytes), (.file(folder["nothing"]), []),
        ]
        var expected: [UInt8] = []
        var options = AppendObjectOptions()
        for (body, added) in bodies {
            let position = Int64(expected.count)
            expected += added
            let result = try await service.bucket.appendObject("a b/ü+%", body, at: position, options: options)
            #expect(result.nextPosition == Int64(expected.count))
            #expect(result.crc64 == CRC64.checksum(expected))
            #expect(result.isVerified)
            #expect(!result.eTag.isEmpty && result.requestID != nil)
            options.previousCRC64 = result.crc64
        }
        #expect(service.server.data(of: "a b/ü+%", in: "photos") == Data(expected))
        #expect(try await service.bucket.headObject("a b/ü+%").type == "Appendable")
    }

    @Test("An append to content with an unknown checksum stores once and reports that nothing was compared")
    func unknownChecksum() async throws {
        let service = try TestService()
        #expect(try await service.bucket.appendObject("log", "abc", at: 0).isVerified)
        let result = try await service.bucket.appendObject("log", "def", at: 3)
        #expect(result.nextPosition == 6)
        #expect(result.crc64 == CRC64.checksum(Data("abcdef".utf8)))
        #expect(!result.isVerified)
        #expect(service.server.data(of: "log", in: "photos") == Data("abcdef".utf8))
        #expect(service.server.requests.map(\.status) == [200, 200])
    }

    @Test("A wrong checksum of the existing content is detected, even if nothing is added", arguments: ["def", ""])
    func wrongChecksum(piece: String) async throws {
        let service = try TestService()
        try await service.bucket.appendObject("log", "abc", at: 0)
        var options = AppendObjectOptions()
        options.previousCRC64 = 1
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.appendObject("log", .string(piece), at: 3, options: options)
        }
        #expect(error?.code == .checksumMismatch)
        #expect(service.server.requests.count == 2)
    }

    @Test("An append at a position other than the end is rejected, and the error states the end")
    func wrongPosition() async throws {
        let service = try TestService()
        try await service.bucket.appendObject("log", "abc", at: 0)
        for position: Int64 in [0, 2, 4] {
            let error = await #expect(throws: OSSError.self) {
                try await service.bucket.appendObject("log", "x", at: position)
            }
            #expect(error?.code == .positionMismatch)
            #expect(error?.serviceError?.code == "PositionNotEqualToLength")
            #expect(error?.serviceError?.nextAppendPosition == 3)
            #expect(error?.message.hasSuffix("; the object ends at 3") == true)
        }
        let missing = await #expect(throws: OSSError.self) {
            try await service.bucket.appendObject("other", "x", at: 1)
        }
        #expect(missing?.serviceError?.nextAppendPosition == 0)
        #expect(service.server.data(of: "log", in: "photos") == Data("abc".utf8))
    }

    @Test("The append that creates an object sets its attributes")
    func attributes() async throws {
        let service = try TestService()
        let options = AppendObjectOptions(contentType: "text/plain", metadata: ["n": "1"])
        try await service.bucket.appendObject("log", "", at: 0, options: options)
        try await service.bucket.appendObject("log", "abc", at: 0)
        try await service.bucket.appendObject("log", "d", at: 3, options: AppendObjectOptions(contentType: "a/b"))
        let metadata = try await service.bucket.headObject("log")
        #expect(metadata.contentType == "text/plain")
        #expect(metadata.metadata == ["n": "1"])
        #expect(metadata.size == 4)
        #expect(service.server.requests[2].headers["x-oss-meta-n"] == nil)
    }

    @Test("Creating an object that already exists can be forbidden")
    func forbidsOverwrite() async throws {
        let service = try TestService()
        var options = AppendObjectOptions()
        options.forbidsOverwrite = true
        try await service.bucket.appendObject("log", "", at: 0, options: options)
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.appendObject("log", "a", at: 0, options: options)
        }
        #expect(error?.code == .alreadyExists)
        try await service.bucket.appendObject("log", "a", at: 0)
        try await service.bucket.appendObject("log", "b", at: 1, options: options)
        #expect(service.server.data(of: "log", in: "photos") == Data("ab".utf8))
    }

    @Test("An append that may have arrived is not sent again")
    func lostReply() async throws {
        let service = try TestService()
        service.server.add(.closeAfterApplying(), when: .operation("AppendObject"))
        service.server.add(.respond(status: 500, code: "InternalError"), when: .operation("AppendObject"))
        let lost = await #expect(throws: OSSError.self) { try await service.bucket.appendObject("log", "a", at: 0) }
        #expect(lost?.code == .connectionLost)
        #expect(lost?.attempts == 1)
        #expect(service.server.data(of: "log", in: "photos") == Data("a".utf8))
        let failed = await #expect(throws: OSSError.self) { try await service.bucket.appendObject("log", "b", at: 1) }
        #expect(failed?.code == .serviceUnavailable)
        #expect(service.server.requests.count == 2)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("An append that the service rejects because it is busy is sent again")
    func throttled() async throws {
        let service = try TestService()
        service.server.add(.respond(status: 503, code: "ServerBusy"), when: .operation("AppendObject"), times: 2)
        try await service.bucket.appendObject("log", "a", at: 0)
        #expect(service.server.requests.map(\.status) == [503, 503, 200])
        #expect(service.server.data(of: "log", in: "photos") == Data("a".utf8))
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A response to an append that is inconsistent is rejected",
        arguments: [
            ("x-oss-hash-crc64ecma", "1" as String?, OSSError.Code.checksumMismatch),
            ("x-oss-next-append-position", "4", .invalidResponse),
            ("x-oss-next-append-position", nil, .invalidResponse),
        ])
    func wrongAnswer(name: String, value: String?, code: OSSError.Code) async throws {
        let service = try TestService()
        service.server.add(.header(name, value), when: .operation("AppendObject"))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.appendObject("log", "abc", at: 0) }
        #expect(error?.code == code)
        #expect(service.server.requests.count == 1)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("If the response has no checksum, nothing is compared and the result reports it")
    func noChecksum() async throws {
        let service = try TestService()
        service.server.add(.header("x-oss-hash-crc64ecma", nil), when: .operation("AppendObject"))
        let result = try await service.bucket.appendObject("log", "abc", at: 0)
        #expect(result.crc64 == nil)
        #expect(!result.isVerified)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A file that grows during an append is appended up to its earlier size; a file that changes is an error")
    func changingFile() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try folder.write("log", "0123456789")
        var options = AppendObjectOptions()
        options.onProgress = { _ in try? folder.write("log", "0123456789, and more") }
        let body = try ObjectBody.file(folder["log"], offset: 2, length: 5)
        try await service.bucket.appendObject("log", body, at: 0, options: options)
        options.onProgress = { _ in try? folder.write("log", "ABCDEFGHIJKLMNOPQRST") }
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.appendObject("log", body, at: 5, options: options)
        }
        #expect(error?.code == .sourceChanged)
        #expect(service.server.data(of: "log", in: "photos")?.prefix(5) == Data("23456".utf8))
    }

    @Test(
        "A sealed object does not change, and sealing it again returns the same time",
        arguments: [SignatureVersion.v4, .v1])
    func seal(signature: SignatureVersion) async throws {
        let service = try TestService { $0.signature = signature }
        try await service.bucket.appendObject("log", "abc", at: 0)
        #expect(try await service.bucket.headObject("log").sealedTime == nil)
        let wrong = await #expect(throws: OSSError.self) { try await service.bucket.sealObject("log", at: 2) }
        #expect(wrong?.code == .positionMismatch)
        #expect(wrong?.serviceError?.nextAppendPosition == 3)
        // Of the two operations, only this one may be retried.
        service.server.add(.closeAfterApplying(), when: .operation("SealAppendObject"))
        let time = try await service.bucket.sealObject("log", at: 3)
        #expect(try await service.bucket.sealObject("log", at: 3) == time)
        #expect(try await service.bucket.headObject("log").sealedTime == time)
        let error = await #expect(throws: OSSError.self) { try await service.bucket.appendObject("log", "d", at: 3) }
        #expect(error?.code == .refused)
        #expect(error?.serviceError?.code == "AppendSealedObjectNotAllowed")
        let missing = await #expect(throws: OSSError.self) { try await service.bucket.sealObject("other", at: 0) }
        #expect(missing?.code == .notFound)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A response to sealing that contains no time is rejected")
    func sealWithoutTime() async throws {
        let service = try TestService()
        try await service.bucket.appendObject("log", "abc", at: 0)
        service.server.add(.header("x-oss-sealed-time", nil), when: .operation("SealAppendObject"))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.sealObject("log", at: 3) }
        #expect(error?.code == .invalidResponse)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("An object created by PutObject cannot be appended to")
    func notAppendable() async throws {
        let service = try TestService()
        try await service.bucket.putObject("whole", "abc")
        let error = await #expect(throws: OSSError.self) { try await service.bucket.appendObject("whole", "d", at: 3) }
        #expect(error?.code == .refused)
        #expect(error?.serviceError?.code == "ObjectNotAppendable")
    }

    @Test("An impossible position is rejected before any request", arguments: [-1, .min, (5 << 30) + 1, .max])
    func impossiblePosition(position: Int64) async throws {
        let service = try TestService()
        let append = await #expect(throws: OSSError.self) {
            try await service.bucket.appendObject("log", "a", at: position)
        }
        #expect(append?.code == .invalidArgument)
        let seal = await #expect(throws: OSSError.self) { try await service.bucket.sealObject("log", at: position) }
        #expect(seal?.code == .invalidArgument)
        #expect(service.server.requests.isEmpty)
    }

    @Test("An appendable object can have 5 GB and not one byte more")
    func room() throws {
        let limit: Int64 = 5 << 30
        for (length, count) in [(0, limit), (limit, 0), (limit - 1, 1), (0, 0)] as [(Int64, Int64)] {
            try AppendState(length: length).checkRoom(forBytes: count)
        }
        for (length, count) in [(0, limit + 1), (limit, 1), (limit - 1, 2), (.max, 0), (-1, 0)] as [(Int64, Int64)] {
            let error = #expect(throws: OSSError.self) {
                try AppendState(length: length).checkRoom(forBytes: count)
            }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("The outcome of an append follows from the length and checksum of the object")
    func fate() {
        let (old, piece) = (Data("abc".utf8), Data("de".utf8))
        let content = AppendState(length: 3, checksum: CRC64.checksum(old))
        let unknown = AppendState(length: 3)
        let added = AppendState(length: 2, checksum: CRC64.checksum(piece))
        let empty = AppendState(length: 0, checksum: 0)
        let whole = AppendState(length: 5, checksum: CRC64.checksum(old + piece))
        #expect(content.adding(added) == whole)
        #expect(unknown.adding(added) == AppendState(length: 5))
        let cases: [(AppendState, AppendState, AppendState?, AppendState.Fate)] = [
            (content, added, whole, .stored), (content, added, content, .notStored), (content, added, nil, .unlike),
            (content, added, AppendState(length: 5, checksum: 1), .unlike),
            (content, added, AppendState(length: 5), .unlike), (unknown, added, whole, .unlike),
            (content, added, AppendState(length: 3, checksum: 1), .unlike),
            (content, added, unknown, .notStored), (unknown, added, content, .notStored),
            (content, added, AppendState(length: 6, checksum: 1), .unlike),
            (content, added, .nothing, .unlike), (.nothing, added, nil, .notStored),
            (.nothing, added, .nothing, .notStored), (.nothing, added, added, .stored),
            (.nothing, empty, nil, .notStored), (.nothing, empty, .nothing, .stored),
            (content, empty, content, .stored), (unknown, empty, content, .notStored),
        ]
        for (content, piece, found, fate) in cases {
            #expect(
                content.fate(of: piece, found: found) == fate, "\(content) + \(piece): \(String(describing: found))")
        }
    }
}

extension Array where Element: Sendable {
    /// Returns the elements as a sequence that can be read once.
    fileprivate var stream: AsyncStream<Element> {
        AsyncStream { continuation in
            for element in self { continuation.yield(element) }
            continuation.finish()
        }
    }
}
