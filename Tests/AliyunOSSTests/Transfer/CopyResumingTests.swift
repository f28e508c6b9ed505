import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Resumed copies", .timeLimit(.minutes(5)))
struct CopyResumingTests {
    private let content = CopyFixture.content

    /// Regression test for a record that every attempt rejected, so that each one started a new upload.
    @Test("An interrupted copy resumes and copies only the missing parts", arguments: [1, 4, 6])
    func resume(at number: Int) async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.refuse(part: number)
        let error = await #expect(throws: OSSError.self) { try await fixture.copy() }
        #expect(error?.message.contains("copy the object again to resume") == true)
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.server.statistics.openUploads == 1)
        #expect(fixture.copied == nil)
        let before = fixture.server.requests.count

        let result = try await fixture.copy()
        let operations = fixture.server.requests.dropFirst(before).map(\.operation)
        let parts = Array(repeating: "UploadPartCopy", count: 6 - number + 1)
        #expect(operations == ["HeadObject", "ListParts"] + parts + ["CompleteMultipartUpload"])
        #expect(Array(fixture.ranges.suffix(parts.count)) == (number...6).map(CopyFixture.range))
        #expect(fixture.service.operations()["InitiateMultipartUpload"] == 1)
        #expect(result.resumedBytes == Int64((number - 1) * CopyFixture.partSize))
        #expect(result.integrity == .checksum)
        #expect(fixture.copied == Data(content))
        #expect(fixture.folder.names(in: "state/transfers").isEmpty)
    }

    @Test("A part with a size other than planned is copied again")
    func oddPart() async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.refuse(part: 3)
        await #expect(throws: OSSError.self) { try await fixture.copy() }
        let upload = try #require(await fixture.openUploads().first)
        _ = try await fixture.bucket.copyPart(
            number: 2, of: upload, from: "source", range: 0..<Int64(CopyFixture.partSize - 1))
        let result = try await fixture.copy()
        #expect(result.resumedBytes == Int64(CopyFixture.partSize))
        #expect(fixture.ranges.suffix(5).first == CopyFixture.range(2))
        #expect(fixture.copied == Data(content))
    }

    @Test("Parts with different bytes are detected by the checksum of the entire object and removed")
    func foreignPart() async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.refuse(part: 3)
        await #expect(throws: OSSError.self) { try await fixture.copy() }
        let upload = try #require(await fixture.openUploads().first)
        _ = try await fixture.bucket.copyPart(
            number: 2, of: upload, from: "source", range: 0..<Int64(CopyFixture.partSize))
        let error = await #expect(throws: OSSError.self) { try await fixture.copy() }
        #expect(error?.code == .checksumMismatch)
        #expect(fixture.copied == nil)
        #expect(fixture.server.statistics.openUploads == 0)
        _ = try await fixture.copy()
        #expect(fixture.copied == Data(content))
    }

    @Test("A copy whose upload is aborted by another client starts again once")
    func abortedMeanwhile() async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.server.add(.afterwards(.abortUploads), when: .init(operation: "UploadPartCopy", partNumber: 2))
        let progress = EventList<Int64>()
        let result = try await fixture.copy { $0.onProgress = { progress.add($0.bytesTransferred) } }
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.ranges == [1, 2, 3, 1, 2, 3, 4, 5, 6].map(CopyFixture.range))
        #expect(fixture.service.operations()["InitiateMultipartUpload"] == 2)
        #expect(result.resumedBytes == 0)
        #expect(fixture.copied == Data(content))
        #expect(progress.all.allSatisfy { $0 <= Int64(content.count) })
        #expect(progress.all.last == Int64(content.count))
    }

    @Test("A copy whose upload is aborted repeatedly fails")
    func abortedAgainAndAgain() async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.server.add(
            .afterwards(.abortUploads), when: .init(operation: "UploadPartCopy", partNumber: 2), times: 2)
        let error = await #expect(throws: OSSError.self) { try await fixture.copy() }
        #expect(error?.serviceError?.code == "NoSuchUpload")
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.copied == nil)
        #expect(fixture.folder.names(in: "state/transfers").isEmpty)
    }

    @Test("If the service lacks parts that it confirmed, its parts are listed and the missing ones are copied again")
    func partsLost() async throws {
        let fixture = try CopyFixture()
        fixture.server.add(.respond(status: 400, code: "InvalidPart"), when: .operation("CompleteMultipartUpload"))
        let result = try await fixture.copy()
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.service.operations()["ListParts"] == 1)
        #expect(fixture.service.operations()["CompleteMultipartUpload"] == 2)
        #expect(result.integrity == .checksum)
        #expect(fixture.copied == Data(content))
    }

    @Test("A copy whose upload was aborted between two attempts starts again")
    func abortedBetween() async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.refuse(part: 4)
        await #expect(throws: OSSError.self) { try await fixture.copy() }
        for upload in try await fixture.openUploads() { try await fixture.bucket.abortMultipartUpload(upload) }
        let result = try await fixture.copy()
        #expect(result.resumedBytes == 0)
        #expect(fixture.ranges.count == 4 + 6)
        #expect(fixture.copied == Data(content))
    }

    @Test("A copy that an earlier attempt completed without receiving the response is recognized")
    func completedUnheard() async throws {
        let fixture = try CopyFixture(remembers: true) { $0.retry.maximumAttempts = 1 }
        fixture.server.add(.truncateBody(after: 10), when: .operation("CompleteMultipartUpload"))
        let error = await #expect(throws: OSSError.self) { try await fixture.copy() }
        #expect(error?.code == .truncatedBody)
        #expect(fixture.server.unusedFaults.isEmpty)
        let result = try await fixture.copy()
        #expect(result.resumedBytes == Int64(content.count))
        #expect(result.partCount == 6)
        #expect(result.integrity == .checksum)
        #expect(fixture.ranges.count == 6)
        #expect(fixture.copied == Data(content))
        #expect(fixture.folder.names(in: "state/transfers").isEmpty)
    }

    @Test("An object that is copied onto itself is not mistaken for its own finished copy")
    func ontoItself() async throws {
        let fixture = try CopyFixture(remembers: true)
        // The final object has the same number of parts.
        _ = try await fixture.copy()
        var options = CopyFixture.options()
        options.attributes = ObjectAttributes()
        options.attributes?.metadata = ["shape": "round"]
        fixture.refuse(part: 2)
        func copy() async throws -> TransferResult {
            try await fixture.bucket.copyObject("copy", to: "copy", options: options)
        }
        await #expect(throws: OSSError.self) { try await copy() }
        #expect(fixture.server.unusedFaults.isEmpty)
        for upload in try await fixture.openUploads() { try await fixture.bucket.abortMultipartUpload(upload) }
        #expect(try await copy().resumedBytes == 0)
        #expect(try await fixture.bucket.headObject("copy").metadata == ["shape": "round"])
    }

    @Test("An upload whose ID never arrived is found and aborted a day later")
    func intentAlone() async throws {
        let ahead = Mutex<TimeInterval>(0)
        let fixture = try CopyFixture(remembers: true) {
            $0.retry.maximumAttempts = 1
            $0.clock = { Date() + ahead.withLock { $0 } }
        }
        fixture.server.add(.truncateBody(after: 10), when: .operation("InitiateMultipartUpload"))
        await #expect(throws: OSSError.self) { try await fixture.copy() }
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.server.statistics.openUploads == 1)
        fixture.server.clockOffset = .seconds(25 * 3600)
        ahead.withLock { $0 = 25 * 3600 }
        _ = try await fixture.copy()
        #expect(fixture.copied == Data(content))
        #expect(fixture.server.statistics.openUploads == 0)
    }

    /// Changes that invalidate the saved state.
    enum Change: CaseIterable {
        case content, metadata, options, partSize
    }

    @Test("The upload of another source or of other options is removed", arguments: Change.allCases)
    func stale(_ change: Change) async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.refuse(part: 4)
        await #expect(throws: OSSError.self) { try await fixture.copy() }
        var expected = content
        switch change {
        case .content:
            expected = Array(content.reversed())
            try fixture.server.put("source", Data(expected), in: "photos")
        case .metadata:
            try fixture.server.put("source", Data(content), in: "photos", headers: ["x-oss-meta-shape": "round"])
        case .options, .partSize: break
        }
        let result = try await fixture.copy {
            if change == .options { $0.attributes = ObjectAttributes() }
            if change == .partSize { $0.partSize = Int64(2 * CopyFixture.partSize) }
        }
        #expect(result.resumedBytes == 0)
        #expect(fixture.service.operations()["AbortMultipartUpload"] == 1)
        #expect(fixture.server.statistics.openUploads == 0)
        #expect(fixture.copied == Data(expected))
        let metadata = try await fixture.bucket.headObject("copy").metadata
        #expect(metadata == (change == .metadata ? ["shape": "round"] : [:]))
    }

    // MARK: Cancellation

    /// Cancels a copy while its third part is in flight.
    private func cancel(_ fixture: CopyFixture, _ options: CopyOptions) async throws {
        fixture.server.add(.neverRespond, when: .init(operation: "UploadPartCopy", partNumber: 3))
        let task = Task { [bucket = fixture.bucket] in
            try await bucket.copyObject("source", to: "copy", options: options)
        }
        await fixture.server.waitForRequests(3) { $0.operation == "UploadPartCopy" }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.copied == nil)
    }

    @Test("A cancelled copy keeps its parts, and the caller's state is enough to resume it")
    func cancelled() async throws {
        let fixture = try CopyFixture()
        let kept = EventList<ResumableTransfer>()
        try await cancel(fixture, CopyFixture.options { $0.onInterruption = { kept.add($0) } })
        #expect(fixture.server.statistics.openUploads == 1)
        guard case .copy(let resumable)? = kept.all.first else {
            Issue.record("nothing was given to go on with")
            return
        }
        // The state can be encoded and decoded.
        let stored = try JSONDecoder().decode(ResumableCopy.self, from: JSONEncoder().encode(resumable))
        let result = try await fixture.copy { $0.resuming = stored }
        #expect(result.resumedBytes == Int64(2 * CopyFixture.partSize))
        #expect(fixture.ranges == [1, 2, 3, 3, 4, 5, 6].map(CopyFixture.range))
        #expect(fixture.copied == Data(content))
    }

    @Test("A copy that must not keep parts leaves nothing behind")
    func cancelledAndDiscarded() async throws {
        let fixture = try CopyFixture(remembers: true)
        let kept = EventList<ResumableTransfer>()
        try await cancel(
            fixture,
            CopyFixture.options {
                $0.interruptionPolicy = .discard
                $0.onInterruption = { kept.add($0) }
            })
        #expect(kept.all.isEmpty)
        #expect(fixture.server.statistics.openUploads == 0)
        #expect(fixture.folder.names(in: "state/transfers").isEmpty)
    }
}

extension CopyFixture {
    /// The incomplete multipart uploads.
    fileprivate func openUploads() async throws -> [MultipartUpload] {
        var uploads: [MultipartUpload] = []
        for try await summary in bucket.listMultipartUploads() { uploads.append(summary.upload) }
        return uploads
    }
}
