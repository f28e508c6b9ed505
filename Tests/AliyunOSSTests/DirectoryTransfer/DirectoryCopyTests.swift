import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Copies between prefixes and buckets")
struct DirectoryCopyTests {
    private let service: TestService
    private let archive: Bucket

    init() throws {
        service = try TestService()
        archive = try Bucket(
            "archive", endpoint: service.server.endpoint, region: service.server.region,
            credentials: .static(accessKeyID: "test-id", accessKeySecret: "test-secret"),
            configuration: service.bucket.client.configuration)
    }

    private func put(_ objects: [String: String], in bucket: String) throws {
        for (key, content) in objects { try service.server.put(key, Data(content.utf8), in: bucket) }
    }

    /// Copies from the archive and returns the requests that were sent.
    private func copy(
        from prefix: String = "", to newPrefix: String = "",
        _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }
    ) async throws -> (report: TransferReport, operations: [String: Int]) {
        var options = DirectoryTransfer.Options()
        configure(&options)
        let before = service.server.requests.count
        let report = try await DirectoryTransfer(service.bucket, options: options)
            .copy(from: prefix, in: archive, to: newPrefix)
        let requests = service.server.requests.dropFirst(before)
        return (report, requests.reduce(into: [:]) { $0[$1.operation, default: 0] += 1 })
    }

    @Test("A copy skips objects with the same ETag, and transfers no content through this machine")
    func equal() async throws {
        let objects = ["p/a": "1", "p/d/b": "22", "p/d/\u{E9} x": "333", "p/empty": ""]
        try put(objects.merging(["other": "x"]) { $1 }, in: "archive")
        let first = try await copy(from: "p", to: "q")
        #expect(first.report.isComplete && first.report.transferred.files == 4)
        #expect(first.operations == ["ListObjects": 2, "HeadObject": 4, "CopyObject": 4])
        for (key, content) in objects {
            #expect(service.server.data(of: "q" + key.dropFirst(), in: "photos") == Data(content.utf8))
        }
        let second = try await copy(from: "p", to: "q")
        #expect(second.operations == ["ListObjects": 2])
        #expect(second.report.unchanged.files == 4 && second.report.isComplete)
        try put(["p/a": "2"], in: "archive")
        #expect(try await copy(from: "p", to: "q").operations == ["ListObjects": 2, "HeadObject": 1, "CopyObject": 1])
        #expect(service.server.data(of: "q/a", in: "photos") == Data("2".utf8))
        #expect(service.server.keys(in: "archive").count == 5)
    }

    @Test("A multipart object is compared by checksum, and copied if the checksum differs")
    func parts() async throws {
        let folder = try ScratchDirectory()
        try folder.write("large", pattern(300_000))
        var upload = UploadOptions()
        (upload.multipartThreshold, upload.partSize) = (1, 100 << 10)
        _ = try await archive.uploadObject("large", from: folder["large"], options: upload)
        // The same content with a different kind of ETag.
        try service.server.put("large", Data(pattern(300_000)), in: "photos")
        let first = try await copy()
        #expect(first.operations == ["ListObjects": 2, "HeadObject": 2])
        #expect(first.report.reasons.keys.map(\.rawValue) == ["sameContent"])

        var changed = pattern(300_000)
        changed[150_000] ^= 1
        try service.server.put("large", Data(changed), in: "photos")
        let second = try await copy()
        #expect(second.report.isComplete && second.report.transferred.bytes == 300_000)
        #expect(second.operations == ["ListObjects": 2, "HeadObject": 3, "CopyObject": 1])
        #expect(service.server.data(of: "large", in: "photos") == Data(pattern(300_000)))
    }

    @Test("A copy deletes only objects under the new prefix that the source does not have")
    func deletion() async throws {
        try put(["p/a": "1", "p/left.out": "1", "q/in the source's bucket": "1"], in: "archive")
        try put(
            ["q/a": "1", "q/gone": "1", "q/d/gone": "1", "q2/kept": "1", "kept": "1", "q/kept.out": "1"], in: "photos")
        let (report, operations) = try await copy(from: "p", to: "q") {
            $0.deletion = DeletionOptions()
            try? $0.filter.exclude("*.out")
        }
        #expect(report.isComplete && report.deleted.files == 2)
        #expect(operations == ["ListObjects": 2, "DeleteMultipleObjects": 1])
        #expect(service.server.keys(in: "photos") == ["kept", "q/a", "q/kept.out", "q2/kept"])
        #expect(service.server.keys(in: "archive").count == 3)
    }

    @Test("An empty source deletes nothing, and neither does a run with a failed copy")
    func withheld() async throws {
        try put(["q/a": "1"], in: "photos")
        let (empty, _) = try await copy(from: "p", to: "q") { $0.deletion = DeletionOptions() }
        #expect(empty.deletionRefusal?.code == .deletionRefused)
        try put(["p/b": "1"], in: "archive")
        service.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("CopyObject"))
        try put(["p/c": "1", "q/c": "1"], in: "archive")
        let (failing, _) = try await copy(from: "p", to: "q") {
            ($0.deletion, $0.concurrency) = (DeletionOptions(), 1)
        }
        #expect(failing.failures.count == 1 && failing.withheldDeletions == 1)
        #expect(service.server.keys(in: "photos").contains("q/a"))
    }

    @Test(
        "Overlapping prefixes of one bucket are rejected before any request",
        arguments: [("a", "a"), ("a", "a/"), ("a", "a/b"), ("a/b", "a"), ("", "a"), ("a", ""), ("", "")])
    func overlap(prefix: String, newPrefix: String) async throws {
        do {
            _ = try await DirectoryTransfer(service.bucket).copy(from: prefix, to: newPrefix)
            Issue.record("nothing was refused")
        } catch let error as OSSError {
            #expect(error.code == .invalidArgument)
        }
        #expect(service.server.requests.isEmpty)
        // In two buckets, they are different destinations.
        #expect(try await copy(from: prefix, to: newPrefix) { $0.allowsMissingPrefix = true }.report.isComplete)
    }

    @Test("Prefixes that only share their first characters do not overlap")
    func neighbours() async throws {
        try put(["a/x": "1", "ab/y": "1"], in: "photos")
        let report = try await DirectoryTransfer(service.bucket).copy(from: "a", to: "ab")
        #expect(report.isComplete && report.transferred.files == 1)
        #expect(service.server.keys(in: "photos") == ["a/x", "ab/x", "ab/y"])
    }
}
