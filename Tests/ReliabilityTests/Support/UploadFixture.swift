import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// A file, a service to upload it to, and a folder for the journals of transfers.
///
/// The file is uploaded to the key `k` in four sequential parts, which are the second to the fifth request of an
/// upload.
struct UploadFixture {
    static let partSize = 100 << 10

    let folder: ScratchDirectory
    let service: TestService
    let credentials = WatchedCredentials()
    let content: Data

    init(
        size: Int = 3 * partSize + 123, _ configure: (inout BucketConfiguration) -> Void = { _ in },
        server configureServer: (inout MockOSSServer.Configuration) -> Void = { _ in }
    ) throws {
        let folder = try ScratchDirectory()
        self.folder = folder
        content = Data.pattern(size)
        service = try TestService(
            {
                $0.retry.maximumAttempts = 3
                $0.stateDirectory = .path(folder["state"])
                configure(&$0)
            }, server: configureServer, credentials: credentials)
        try folder.write("source", content)
    }

    func options(_ change: (inout UploadOptions) -> Void = { _ in }) -> UploadOptions {
        var options = UploadOptions()
        options.multipartThreshold = 1
        options.partSize = Int64(Self.partSize)
        options.concurrency = 1
        change(&options)
        return options
    }

    @discardableResult
    func upload(_ change: (inout UploadOptions) -> Void = { _ in }) async throws -> TransferResult {
        try await service.bucket.uploadObject("k", from: folder["source"], options: options(change))
    }

    /// Starts an upload that fails at a part with an error after which it can resume, and returns the incomplete
    /// upload.
    @discardableResult
    func interrupt(
        atPart number: Int, _ change: (inout UploadOptions) -> Void = { _ in },
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> MultipartUpload {
        service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .part(number)))
        #expect(await failure { try await upload(change) }?.code == .accessDenied, sourceLocation: sourceLocation)
        #expect(service.server.unusedFaults.isEmpty, sourceLocation: sourceLocation)
        return try #require(try await uploads.first, sourceLocation: sourceLocation)
    }

    var stored: Data? { service.stored("k") }

    /// Incomplete multipart uploads.
    var uploads: [MultipartUpload] {
        get async throws {
            var uploads: [MultipartUpload] = []
            for try await summary in service.bucket.listMultipartUploads() { uploads.append(summary.upload) }
            return uploads
        }
    }

    var openUploads: Int { service.server.statistics.openUploads }

    /// Paths of the journals.
    var journals: [String] {
        get throws { try folder.files().filter { $0.hasPrefix("state/") } }
    }

    /// Returns the numbers of the parts that were sent after the first `count` requests.
    func sentParts(after count: Int = 0) -> [Int] {
        service.server.requests.dropFirst(count).filter { $0.operation == "UploadPart" }
            .compactMap(\.partNumber)
    }

    /// Expects that an upload has left neither parts in the service nor a journal.
    func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(openUploads == 0, sourceLocation: sourceLocation)
        #expect(try journals.isEmpty, sourceLocation: sourceLocation)
        #expect(service.server.unusedFaults.isEmpty, sourceLocation: sourceLocation)
    }
}
