import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Uploads and downloads of one file")
struct DownloadTests {
    private let content = [UInt8]((0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ ($0 >> 8)) })

    @Test("A file survives a round trip, and nothing else is left in the folder")
    func roundTrip() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try folder.write("source", content)
        try await service.bucket.uploadObject("a", from: folder["source"])
        let metadata = try await service.bucket.downloadObject("a", to: folder["copy"])
        #expect(try folder.content("copy") == content)
        #expect(metadata.size == Int64(content.count))
        #expect(folder.names() == ["copy", "source"])
    }

    @Test("The modification time and permissions of a file survive a round trip if the options preserve them")
    func fileAttributes() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try folder.write("source", content)
        let time = Date(timeIntervalSince1970: 1_600_000_000)
        try FileManager.default.setAttributes(
            [.modificationDate: time, .posixPermissions: 0o640], ofItemAtPath: folder["source"])
        try folder.write("plain", content)
        let plain = try FileManager.default.attributesOfItem(atPath: folder["plain"])

        var upload = UploadOptions()
        upload.preservesAttributes = true
        upload.attributes.metadata = ["mode": "600"]
        try await service.bucket.uploadObject("a", from: folder["source"], options: upload)
        try await service.bucket.uploadObject("b", from: folder["source"])
        #expect(
            try await service.bucket.headObject("a").metadata == ["mtime": "1600000000.000000000", "mode": "600"])
        #expect(try await service.bucket.headObject("b").metadata.isEmpty)

        var download = DownloadOptions()
        download.preservesAttributes = true
        try await service.bucket.downloadObject("a", to: folder["a"], options: download)
        try await service.bucket.downloadObject("a", to: folder["b"])
        let restored = try FileManager.default.attributesOfItem(atPath: folder["a"])
        #expect(restored[.modificationDate] as? Date == time && restored[.posixPermissions] as? Int == 0o600)
        let other = try FileManager.default.attributesOfItem(atPath: folder["b"])
        #expect(other[.modificationDate] as? Date != time)
        #expect(other[.posixPermissions] as? Int == plain[.posixPermissions] as? Int)
    }

    @Test("An empty object becomes an empty file")
    func empty() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try service.server.put("a", Data(), in: "photos")
        try await service.bucket.downloadObject("a", to: folder["a"])
        #expect(try folder.content("a") == [])
    }

    @Test(
        "If a download fails, the old file remains and no other file appears",
        arguments: [
            MockFault.Action.truncateBody(after: 1000), .truncateBody(after: 200_000, .reset), .corruptBody(at: 77_777),
            .respond(status: 500, code: "InternalError"), .header("x-oss-hash-crc64ecma", "42"), .closeBeforeReading(),
        ])
    func failure(action: MockFault.Action) async throws {
        let service = try TestService { $0.retry.maximumAttempts = 2 }
        let folder = try ScratchDirectory()
        try folder.write("a", "old")
        try service.server.put("a", Data(content), in: "photos")
        service.server.add(MockFault(action, when: .init(operation: "GetObject"), times: 2))
        await #expect(throws: OSSError.self) { try await service.bucket.downloadObject("a", to: folder["a"]) }
        #expect(service.server.unusedFaults.isEmpty)
        #expect(try folder.text("a") == "old")
        #expect(folder.names() == ["a"])
    }

    @Test(
        "A download that fails once is completed by the next attempt",
        arguments: [
            MockFault.Action.truncateBody(after: 1000), .truncateBody(after: 300_000, .reset), .corruptBody(at: 77_777),
            .respond(status: 503, code: "ServiceUnavailable"), .closeBeforeReading(.finish),
            .raw(Array("garbage".utf8)),
        ])
    func recovery(action: MockFault.Action) async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try service.server.put("a", Data(content), in: "photos")
        service.server.add(MockFault(action, when: .init(operation: "GetObject")))
        try await service.bucket.downloadObject("a", to: folder["a"])
        #expect(service.server.unusedFaults.isEmpty)
        #expect(try folder.content("a") == content)
    }

    @Test("If a resumed body has the wrong checksum, the entire object is downloaded again")
    func wrongBeginning() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try service.server.put("a", Data(content), in: "photos")
        // Both faults affect the first response. The rest is correct, so only the checksum of the entire object detects
        // the damage.
        service.server.add(MockFault(.corruptBody(at: 10), when: .init(operation: "GetObject")))
        service.server.add(MockFault(.truncateBody(after: 50_000), when: .init(operation: "GetObject")))
        try await service.bucket.downloadObject("a", to: folder["a"])
        #expect(service.server.unusedFaults.isEmpty)
        #expect(try folder.content("a") == content)
        let ranges = service.server.requests.map { $0.headers["Range"] }
        #expect(ranges.count == 3)
        #expect(ranges.dropFirst().first == "bytes=50000-\(content.count - 1)")
        #expect(ranges.last == ranges.first)
    }

    @Test("The text of an error never reaches the file")
    func errorBody() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.downloadObject("missing", to: folder["a"])
        }
        #expect(error?.code == .notFound)
        #expect(folder.names().isEmpty)
    }

    @Test("A destination that cannot be written is rejected before any request")
    func targets() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try folder.makeDirectory("directory")
        for target in [folder["directory"], folder["missing/a"], folder["a/"], ""] {
            let error = await #expect(throws: OSSError.self) {
                try await service.bucket.downloadObject("a", to: target)
            }
            #expect(error?.code == .fileSystem)
        }
        #expect(service.server.requests.isEmpty)
    }

    @Test("A source that is not a regular file is rejected before any request")
    func sources() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try folder.makeDirectory("directory")
        try folder.makeFIFO("fifo")
        for source in [folder["directory"], folder["fifo"], folder["missing"]] {
            let error = await #expect(throws: OSSError.self) {
                try await service.bucket.uploadObject("a", from: source)
            }
            #expect(error?.code == .fileSystem)
        }
        #expect(service.server.requests.isEmpty)
    }

    @Test("An object stored with a content encoding is downloaded as stored, entirely and in ranges")
    func storedEncoding() async throws {
        // "hello hello hello hello hello hello\n" as `gzip -n` writes it.
        let base64 = "H4sIAAAAAAAAA8tIzcnJV8jAR3IBAPOgXcckAAAA"
        let stored = try #require(Data(base64Encoded: base64))
        let service = try TestService()
        let folder = try ScratchDirectory()
        try service.server.put("a.gz", stored, in: "photos", headers: ["Content-Encoding": "gzip"])
        #expect(try await service.bucket.headObject("a.gz").contentEncoding == "gzip")
        #expect(try await service.bucket.getObject("a.gz").body.collect() == stored)
        #expect(try await service.bucket.getObject("a.gz", range: 5..<15).body.collect() == stored[5..<15])
        try await service.bucket.downloadObject("a.gz", to: folder["a.gz"])
        #expect(try folder.content("a.gz") == Array(stored))
    }
}
