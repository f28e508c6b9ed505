import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Downloads in ranges")
struct RangedDownloadTests {
    private static let partSize = 100 << 10
    private let content = pattern(5 * partSize + 123)

    private func options(_ change: (inout DownloadOptions) -> Void = { _ in }) -> DownloadOptions {
        var options = DownloadOptions()
        options.multipartThreshold = Int64(Self.partSize)
        options.partSize = Int64(Self.partSize)
        change(&options)
        return options
    }

    @Test("A large object is downloaded in ranges and verified as a whole")
    func ranges() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try service.server.put("big", Data(content), in: "photos")
        let result = try await service.bucket.downloadObject("big", to: folder["copy"], options: options())
        #expect(try folder.content("copy") == content)
        #expect(result.integrity == .checksum)
        #expect(service.operations() == ["GetObject": 6])
        #expect(folder.names() == ["copy"])
    }

    @Test("An interrupted download resumes and requests only the missing ranges")
    func resume() async throws {
        let folder = try ScratchDirectory()
        let service = try TestService { $0.stateDirectory = .path(folder["state"]) }
        try service.server.put("big", Data(content), in: "photos")
        service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .init(operation: "GetObject", skip: 3)))
        await #expect(throws: OSSError.self) {
            try await service.bucket.downloadObject(
                "big", to: folder["copy"], options: options { $0.concurrency = 1 })
        }
        #expect(service.server.unusedFaults.isEmpty)
        #expect(folder.names().contains { $0.hasSuffix(".oss-partial") })
        let result = try await service.bucket.downloadObject("big", to: folder["copy"], options: options())
        #expect(service.operations() == ["GetObject": 7, "HeadObject": 1])
        #expect(result.resumedBytes == Int64(3 * Self.partSize))
        #expect(try folder.content("copy") == content)
        #expect(folder.names(in: "state/transfers").isEmpty)
        #expect(folder.names() == ["copy", "state/", "state/transfers/"])
    }

    @Test("A consistent response for a later range that has too few bytes ends the download")
    func shortRange() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try service.server.put("big", Data(content), in: "photos")
        let eTag = try await service.bucket.headObject("big").eTag
        let first = 2 * Self.partSize
        let last = first + 999
        service.server.add(
            .response(
                status: 206,
                headers: ["ETag": "\"\(eTag)\"", "Content-Range": "bytes \(first)-\(last)/\(content.count)"],
                body: Array(content[first...last])),
            when: .init(operation: "GetObject", range: "bytes=\(first)-\(first + Self.partSize - 1)"))
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.downloadObject(
                "big", to: folder["copy"], options: options { $0.concurrency = 1 })
        }
        #expect(error?.code == .invalidResponse)
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.operations() == ["HeadObject": 1, "GetObject": 3])
        #expect(folder.status("copy") == nil)
    }

    @Test("The number of ranges is not limited, unlike the number of parts")
    func manyRanges() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        // The file is sparse.
        let disk = FaultyFileSystem()
        disk.add(.fail(EOPNOTSUPP), to: .allocate)
        let first = pattern(Self.partSize)
        service.server.add(
            .response(
                status: 206,
                headers: [
                    "ETag": "\"0\"", "Content-Range": "bytes 0-\(Self.partSize - 1)/2000000000",
                    "x-oss-object-type": "Normal",
                ], body: first),
            when: .operation("GetObject"))
        service.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("GetObject"))
        let error = await #expect(throws: OSSError.self) {
            try await disk.run {
                try await service.bucket.downloadObject(
                    "big", to: folder["copy"], options: options { $0.concurrency = 1 })
            }
        }
        #expect(error?.code == .accessDenied)
        #expect(service.server.unusedFaults.isEmpty && disk.unused.isEmpty)
        #expect(
            service.server.requests.map { $0.headers["Range"] }
                == ["bytes=0-102399", "bytes=102400-204799"])
    }
}
