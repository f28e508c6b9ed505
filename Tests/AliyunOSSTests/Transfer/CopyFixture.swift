import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit

@testable import AliyunOSS

/// A service with an object of five parts and a remainder, and requests for copies of it.
struct CopyFixture {
    static let partSize = 100 << 10
    static let content = pattern(5 * partSize + 123)

    let service: TestService
    let folder: ScratchDirectory

    /// Stores the source, `source` in `photos`.
    init(remembers: Bool = false, configure: (inout BucketConfiguration) -> Void = { _ in }) throws {
        let folder = try ScratchDirectory()
        self.folder = folder
        service = try TestService { configuration in
            if remembers { configuration.stateDirectory = .path(folder["state"]) }
            configure(&configuration)
        }
        try service.server.put("source", Data(Self.content), in: "photos")
    }

    var bucket: Bucket { service.bucket }
    var server: MockOSSServer { service.server }

    /// Returns options for a copy in sequential parts.
    static func options(_ change: (inout CopyOptions) -> Void = { _ in }) -> CopyOptions {
        var options = CopyOptions()
        options.multipartThreshold = 1
        options.partSize = Int64(partSize)
        options.concurrency = 1
        change(&options)
        return options
    }

    func copy(_ change: (inout CopyOptions) -> Void = { _ in }) async throws -> TransferResult {
        try await bucket.copyObject("source", to: "copy", options: Self.options(change))
    }

    var copied: Data? { server.data(of: "copy", in: "photos") }

    /// The copied ranges, in the order of the requests.
    var ranges: [String] {
        server.requests.filter { $0.operation == "UploadPartCopy" }.compactMap { $0.headers["x-oss-copy-source-range"] }
    }

    /// Returns the range of a part as in the request.
    static func range(_ number: Int) -> String {
        let first = (number - 1) * partSize
        return "bytes=\(first)-\(min(first + partSize, content.count) - 1)"
    }

    /// Makes the service reject the copy of a part, so that only the earlier parts are copied.
    func refuse(part number: Int) {
        server.add(
            .respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPartCopy", partNumber: number))
    }
}
