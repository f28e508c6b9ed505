import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS

@Suite("Downloading an object in ranges")
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

    @Test("A large object comes in ranges, verified as a whole")
    func ranges() async throws {
        let service = try TestService()
        let folder = try ScratchFolder()
        try service.server.put("big", Data(content), in: "photos")
        let result = try await service.bucket.downloadObject("big", to: folder["copy"], options: options())
        #expect(try folder.content("copy") == content)
        #expect(result.integrity == .checksum)
        #expect(service.operations() == ["GetObject": 6])
        #expect(folder.names() == ["copy"])
    }

    @Test("A download that was interrupted goes on: only what is missing is fetched")
    func resume() async throws {
        let folder = try ScratchFolder()
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
}
