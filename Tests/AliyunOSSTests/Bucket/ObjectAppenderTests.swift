import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("ObjectAppender", .timeLimit(.minutes(5)))
struct ObjectAppenderTests {
    @Test("An appender creates an object and appends to an existing one")
    func goesOn() async throws {
        let service = try TestService()
        let options = AppendObjectOptions(contentType: "text/plain", metadata: ["n": "1"])
        let first = try await service.bucket.makeAppender(for: "log", options: options)
        #expect(await first.position == 0)
        #expect(await first.crc64 == 0)
        #expect(try await first.append("abc").nextPosition == 3)
        #expect(try await first.append("").nextPosition == 3)
        #expect(try await first.append("def").isVerified)
        let second = try await service.bucket.makeAppender(for: "log")
        #expect(await second.position == 6)
        #expect(await second.crc64 == CRC64.checksum(Data("abcdef".utf8)))
        let result = try await second.append("g")
        #expect(result.isVerified)
        #expect(await second.position == 7)
        #expect(await second.crc64 == result.crc64)
        #expect(service.server.data(of: "log", in: "photos") == Data("abcdefg".utf8))
        #expect(try await service.bucket.headObject("log").metadata == ["n": "1"])
    }

    @Test(
        "Each append is stored once, whatever happens to the request or its response",
        arguments: [
            MockFault.Action.closeAfterApplying(.reset), .closeAfterApplying(.finish), .closeBeforeReading(),
            .closeAfterReading(bytes: 2), .respond(status: 500, code: "InternalError"),
            .respond(status: 503, code: "ServiceUnavailable"), .respond(status: 503, code: "ServerBusy"),
            .respondEarly(status: 503, code: "InternalError"), .response(status: 502),
            .errorInSuccess(code: "InternalError"),
            .raw(Array("garbage\r\n\r\n".utf8)), .header("x-oss-hash-crc64ecma", "1"),
            .header("x-oss-next-append-position", nil), .header("Content-Length", "100"),
        ], [0, 1, 2])
    func faults(fault: MockFault.Action, skip: Int) async throws {
        let service = try TestService()
        service.server.add(fault, when: .operation("AppendObject", skip: skip))
        let appender = try await service.bucket.makeAppender(for: "log")
        var expected = Data()
        for piece in ["first ", "second ", "third "] {
            expected += Data(piece.utf8)
            let result = try await appender.append(.string(piece))
            #expect(result.nextPosition == Int64(expected.count))
            #expect(result.crc64 == CRC64.checksum(expected))
            #expect(result.isVerified)
        }
        #expect(service.server.data(of: "log", in: "photos") == expected)
        #expect(await appender.position == Int64(expected.count))
        #expect(await appender.crc64 == CRC64.checksum(expected))
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("An empty object whose response was lost is not created twice", arguments: [false, true])
    func emptyBeginning(wasStored: Bool) async throws {
        let service = try TestService()
        let fault: MockFault.Action = wasStored ? .closeAfterApplying() : .respond(status: 500, code: "InternalError")
        service.server.add(fault, when: .operation("AppendObject"))
        var options = AppendObjectOptions()
        options.forbidsOverwrite = true
        let appender = try await service.bucket.makeAppender(for: "log", options: options)
        #expect(try await appender.append("").nextPosition == 0)
        #expect(service.server.data(of: "log", in: "photos") == Data())
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A required new object is created once, even if the responses are lost")
    func newObject() async throws {
        let service = try TestService()
        // The first attempt is not stored and the second one is, but neither gets a response.
        service.server.add(.respond(status: 500, code: "InternalError"), when: .operation("AppendObject"))
        service.server.add(.closeAfterApplying(), when: .operation("AppendObject"))
        var options = AppendObjectOptions()
        options.forbidsOverwrite = true
        let appender = try await service.bucket.makeAppender(for: "log", options: options)
        try await appender.append("abc")
        #expect(service.server.data(of: "log", in: "photos") == Data("abc".utf8))
        let exists = await #expect(throws: OSSError.self) {
            try await service.bucket.makeAppender(for: "log", options: options)
        }
        #expect(exists?.code == .alreadyExists)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("An append that arrives late is recognized when its retry is rejected", arguments: [false, true])
    func lateArrival(forbidsOverwrite: Bool) async throws {
        let late = Late()
        let transport = ScriptedTransport { request in try late.answer(request) }
        let bucket = try Bucket.scripted(transport)
        var options = AppendObjectOptions()
        options.forbidsOverwrite = forbidsOverwrite
        let appender = try await bucket.makeAppender(for: "log", options: options)
        let result = try await appender.append("abc")
        #expect(result.nextPosition == 3)
        #expect(result.isVerified)
        #expect(transport.requests.map(\.method) == [.head, .post, .head, .post, .head])
    }

    @Test(
        "Of two appenders for one key, the slower one is rejected and stores nothing, even if both append the same bytes"
    )
    func twoAppenders() async throws {
        let service = try TestService()
        let (first, second) = (
            try await service.bucket.makeAppender(for: "log"), try await service.bucket.makeAppender(for: "log")
        )
        try await first.append("same")
        for piece in ["same", "other", "same"] {
            let error = await #expect(throws: OSSError.self) { try await second.append(.string(piece)) }
            #expect(error?.code == .positionMismatch)
            #expect(error?.serviceError?.nextAppendPosition == 4)
            #expect(error?.message.contains("another writer appended") == true)
        }
        #expect(await second.position == 0)
        let third = try await service.bucket.makeAppender(for: "log")
        try await third.append("same")
        #expect(service.server.data(of: "log", in: "photos") == Data("samesame".utf8))
    }

    @Test("If the object was replaced after a failure, nothing is appended to it")
    func replaced() async throws {
        let service = try TestService()
        let appender = try await service.bucket.makeAppender(for: "log")
        try await appender.append("abc")
        service.server.add(.respond(status: 500, code: "InternalError"), when: .operation("AppendObject"))
        service.server.add(.afterwards(.putObject(key: nil, bytes: [1, 2, 3])), when: .operation("AppendObject"))
        let error = await #expect(throws: OSSError.self) { try await appender.append("def") }
        #expect(error?.code == .positionMismatch)
        #expect((error?.underlying as? OSSError)?.code == .serviceUnavailable)
        #expect(service.server.data(of: "log", in: "photos") == Data([1, 2, 3]))
        service.server.add(.closeAfterApplying(), when: .operation("AppendObject"))
        service.server.delete("log", in: "photos")
        let gone = await #expect(throws: OSSError.self) { try await appender.append("def") }
        #expect(gone?.code == .positionMismatch)
        #expect(service.server.data(of: "log", in: "photos") == nil)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("If the service stored different bytes, the append is never reported as successful")
    func corrupted() async throws {
        let service = try TestService()
        let appender = try await service.bucket.makeAppender(for: "log")
        for operation in ["AppendObject", "HeadObject"] {
            service.server.add(.header("x-oss-hash-crc64ecma", "1"), when: .operation(operation))
        }
        let error = await #expect(throws: OSSError.self) { try await appender.append("abc") }
        #expect(error?.code == .checksumMismatch)
        #expect(await appender.position == 0)
        #expect(service.server.requests.filter { $0.operation == "AppendObject" }.count == 1)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("After the last attempt, the last error is thrown, and the same chunk can be appended again")
    func attempts() async throws {
        let service = try TestService { $0.retry.maximumAttempts = 3 }
        service.server.add(.respond(status: 500, code: "InternalError"), when: .operation("AppendObject"), times: 3)
        let appender = try await service.bucket.makeAppender(for: "log")
        let error = await #expect(throws: OSSError.self) { try await appender.append("abc") }
        #expect(error?.code == .serviceUnavailable)
        #expect(error?.attempts == 3)
        #expect(service.server.requests.filter { $0.operation == "AppendObject" }.count == 3)
        #expect(service.server.keys(in: "photos").isEmpty)
        try await appender.append("abc")
        #expect(service.server.data(of: "log", in: "photos") == Data("abc".utf8))
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("If the outcome of an append is unknown, the same chunk is recognized later and a different one is rejected")
    func undecided() async throws {
        let service = try TestService()
        let appender = try await service.bucket.makeAppender(for: "log")
        service.server.add(.closeAfterApplying(), when: .operation("AppendObject"))
        service.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("HeadObject"))
        let lost = await #expect(throws: OSSError.self) { try await appender.append("abc") }
        #expect(lost?.code == .accessDenied)
        #expect(lost?.message.contains("is unknown") == true)
        #expect(lost?.underlying is OSSError)
        #expect(await appender.position == 0)
        let other = await #expect(throws: OSSError.self) { try await appender.append("xyz") }
        #expect(other?.code == .positionMismatch)
        let result = try await appender.append("abc")
        #expect(result.nextPosition == 3)
        try await appender.append("def")
        #expect(service.server.data(of: "log", in: "photos") == Data("abcdef".utf8))
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("An existing object without a checksum can be appended to and is compared from then on")
    func oldObject() async throws {
        let service = try TestService()
        try await service.bucket.appendObject("log", "abc", at: 0)
        service.server.add(.header("x-oss-hash-crc64ecma", nil), when: .operation("HeadObject"))
        let appender = try await service.bucket.makeAppender(for: "log")
        #expect(await appender.crc64 == nil)
        #expect(try await !appender.append("def").isVerified)
        #expect(await appender.crc64 == CRC64.checksum(Data("abcdef".utf8)))
        #expect(try await appender.append("ghi").isVerified)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("Concurrent calls append complete chunks, one request at a time")
    func manyTasks() async throws {
        let service = try TestService()
        let appender = try await service.bucket.makeAppender(for: "log")
        let results = try await withThrowingTaskGroup(of: AppendObjectResult.self) { group in
            for number in 0..<30 { group.addTask { try await appender.append(.string("\(number),")) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let stored = String(decoding: try #require(service.server.data(of: "log", in: "photos")), as: UTF8.self)
        #expect(Set(stored.split(separator: ",").compactMap { Int($0) }) == Set(0..<30))
        #expect(Set(results.map(\.nextPosition)).count == 30)
        #expect(results.filter(\.isVerified).count == 30)
        #expect(service.server.requests.count == 31)
        #expect(service.server.statistics.peakConcurrency == 1)
    }

    @Test(
        "Chunks keep the order of the calls, even after a slow one; a cancelled call appends nothing"
    )
    func order() async throws {
        let service = try TestService()
        let appender = try await service.bucket.makeAppender(for: "log")
        let (chunks, source) = AsyncStream<Data>.makeStream()
        let (started, start) = AsyncStream<Void>.makeStream()
        let slow = Task {
            try await appender.append(
                .sequence(
                    chunks.map { chunk in
                        start.yield()
                        return chunk
                    }))
        }
        source.yield(Data("slow".utf8))
        for await _ in started { break }
        var waiting: [Task<AppendObjectResult, any Error>] = []
        for number in 0..<5 {
            waiting.append(Task { try await appender.append(.string("\(number)")) })
            while appender.turn.waiterCount <= number { await Task.yield() }
        }
        waiting[2].cancel()
        await #expect(throws: CancellationError.self) { try await waiting[2].value }
        source.yield(Data("est".utf8))
        source.finish()
        #expect(try await slow.value.nextPosition == 7)
        for number in [0, 1, 3, 4] { _ = try await waiting[number].value }
        #expect(service.server.data(of: "log", in: "photos") == Data("slowest0134".utf8))
    }

    @Test(
        "A file whose append lost its response is read again for comparison, and a disk error is an OSSError")
    func lostFile() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        let content = [UInt8]((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ ($0 >> 8)) })
        try folder.write("a", content)
        service.server.add(.closeAfterApplying(), when: .operation("AppendObject"))
        let appender = try await service.bucket.makeAppender(for: "log")
        try await appender.append(.file(folder["a"]))
        #expect(service.server.data(of: "log", in: "photos") == Data(content))

        service.server.add(.respond(status: 500, code: "InternalError"), when: .operation("AppendObject"))
        let disk = FaultyFileSystem()
        try folder.write("b", "abc")
        // The first read is for the request.
        disk.add(.fail(EIO), to: .read, path: "/b", skip: 1)
        let error = await #expect(throws: OSSError.self) {
            try await disk.run { try await appender.append(.file(folder["b"])) }
        }
        #expect(error?.code == .fileSystem)
        #expect(disk.unused.isEmpty)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("Sealing ends an object after all earlier appends")
    func seal() async throws {
        let service = try TestService()
        let appender = try await service.bucket.makeAppender(for: "log")
        let missing = await #expect(throws: OSSError.self) { try await appender.seal() }
        #expect(missing?.code == .notFound)
        try await appender.append("abc")
        let time = try await appender.seal()
        #expect(try await service.bucket.headObject("log").sealedTime == time)
        let sealed = await #expect(throws: OSSError.self) { try await appender.append("d") }
        #expect(sealed?.code == .refused)
        let refused = await #expect(throws: OSSError.self) { try await service.bucket.makeAppender(for: "log") }
        #expect(refused?.code == .refused)
        #expect(refused?.message.contains("sealed") == true)
        #expect(refused?.key == "log")
    }

    @Test("An appender cannot be created for an object created by PutObject or in a missing bucket")
    func notAppendable() async throws {
        let service = try TestService()
        try await service.bucket.putObject("whole", "abc")
        let error = await #expect(throws: OSSError.self) { try await service.bucket.makeAppender(for: "whole") }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("its type is Normal") == true)
        let missing = try Bucket(
            "no-such-bucket", endpoint: service.server.endpoint, region: service.server.region,
            credentials: .static(accessKeyID: "test-id", accessKeySecret: "test-secret"))
        let noBucket = await #expect(throws: OSSError.self) { try await missing.makeAppender(for: "log") }
        #expect(noBucket?.serviceError?.code == "NoSuchBucket")
    }

    @Test("More than 5 GB is rejected before any request")
    func limit() async throws {
        let transport = ScriptedTransport { _ in
            .ok(headers: [
                "Content-Length": "5368709119", "x-oss-object-type": "Appendable", "x-oss-hash-crc64ecma": "1",
            ])
        }
        let appender = try await Bucket.scripted(transport).makeAppender(for: "log")
        #expect(await appender.position == (5 << 30) - 1)
        let error = await #expect(throws: OSSError.self) { try await appender.append("ab") }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("seal it and continue with another key") == true)
        #expect(transport.requests.count == 1)
    }
}

/// A service that stores the first append only after the client has asked about it.
private final class Late: Sendable {
    private let step = Mutex(0)

    func answer(_ request: HTTPRequest) throws -> HTTPResponse {
        let step = step.withLock { step in
            step += 1
            return step
        }
        switch step {
        case 1, 3: return .refusal(404, "NoSuchKey")
        case 2: throw HTTPTransportError(.connectionLost, "lost")
        case 4:
            let code =
                request.headers["x-oss-forbid-overwrite"] == nil ? "PositionNotEqualToLength" : "FileAlreadyExists"
            return .refusal(409, code, headers: ["x-oss-next-append-position": "3"])
        default:
            let checksum = String(CRC64.checksum(Data("abc".utf8)))
            return .ok(headers: ["Content-Length": "3", "x-oss-hash-crc64ecma": checksum])
        }
    }
}
