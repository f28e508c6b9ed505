import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Uploads of sequences", .timeLimit(.minutes(3)))
struct StreamUploadTests {
    private static let partSize = 1 << 20

    private var options: UploadOptions {
        var options = UploadOptions()
        options.partSize = Int64(Self.partSize)
        return options
    }

    @Test(
        "An object is uploaded as the sequence is read, even if the memory budget cannot hold two parts",
        arguments: [1, 8])
    func copying(count: Int) async throws {
        let service = try TestService {
            $0.memoryBudget = 1 << 20
            $0.readRangeSize = 1 << 20
        }
        let content = Data(pattern(3 * Self.partSize + 77))
        try service.server.put("from", content, in: "photos")
        try await withThrowingTaskGroup { group in
            for number in 0..<count {
                group.addTask { [options] in
                    let object = try await service.bucket.getObject("from")
                    let key = ObjectKey("to/\(number)")
                    return try await service.bucket.uploadObject(key, from: object.body, options: options).partCount
                }
            }
            for try await partCount in group { #expect(partCount == 4) }
        }
        for number in 0..<count {
            #expect(service.server.data(of: "to/\(number)", in: "photos") == content)
        }
    }

    @Test(
        "A part that fails permanently ends the upload, even if the sequence produces nothing",
        arguments: SilentChunks.End.allCases)
    private func silentSource(end: SilentChunks.End) async throws {
        let service = try TestService()
        service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPart", partNumber: 1)))
        // The first part and the beginning of the second one.
        let chunks = SilentChunks(left: [Self.partSize, 1000], end: end)
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.uploadObject("k", from: chunks, options: options)
        }
        #expect(error?.code == .accessDenied)
        #expect(service.operations() == ["InitiateMultipartUpload": 1, "UploadPart": 1, "AbortMultipartUpload": 1])
        #expect(service.server.statistics.openUploads == 0)
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.bucket.client.partMemory.available == service.bucket.client.configuration.memoryBudget)
    }

    @Test("Parts are joined in order, even if the first one arrives last")
    func order() async throws {
        let service = try TestService()
        let content = Data(pattern(3 * Self.partSize + 77))
        service.server.add(
            .delay(.milliseconds(500)), when: .init(operation: "UploadPart", partNumber: 1))
        let (chunks, source) = AsyncStream.makeStream(of: Data.self)
        source.yield(content)
        source.finish()
        let result = try await service.bucket.uploadObject("k", from: chunks, options: options)
        #expect(service.server.unusedFaults.isEmpty)
        #expect(result.partCount == 4 && result.integrity == .checksum)
        #expect(service.server.data(of: "k", in: "photos") == content)
    }

    @Test("An error thrown by the sequence takes precedence over the errors that it causes in parts")
    func failingSource() async throws {
        let service = try TestService()
        let (chunks, source) = AsyncThrowingStream.makeStream(of: Data.self, throwing: (any Error).self)
        source.yield(Data(pattern(Self.partSize)))
        source.yield(Data(pattern(1000)))
        source.finish(throwing: OSSError(.sourceChanged, "there is no more"))
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.uploadObject("k", from: chunks, options: options)
        }
        #expect(error?.code == .sourceChanged)
        #expect(service.server.statistics.openUploads == 0)
    }
}

/// A sequence of chunks that then waits until it is cancelled.
private struct SilentChunks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    /// The error that the sequence throws when it is cancelled.
    enum End: CaseIterable {
        case cancellation, ownError, endOfContent
    }

    var left: [Int]
    let end: End

    func makeAsyncIterator() -> SilentChunks { self }

    mutating func next() async throws -> Data? {
        if !left.isEmpty { return Data(pattern(left.removeFirst())) }
        let (silence, source) = AsyncStream.makeStream(of: Void.self)
        for await _ in silence {}
        source.finish()
        switch end {
        case .cancellation: throw CancellationError()
        case .ownError: throw POSIXError(.ECANCELED)
        case .endOfContent: return nil
        }
    }
}
