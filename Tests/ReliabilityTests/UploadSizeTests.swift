import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of files and parts of all sizes. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Upload sizes")
struct UploadSizeTests {
    private static let partSize = UploadFixture.partSize

    @Test(
        "C15: parts grow if there would be more than ten thousand, up to an object of 48.8 TiB",
        arguments: [1, 8000 << 20, 640_000 << 20, (640_000 << 20) + 1, 50_000 << 30] as [Int64])
    func c15(size: Int64) throws {
        let plan = try PartPlan(size: size)
        #expect((1...10_000).contains(plan.count))
        #expect((PartPlan.minimumPartSize...PartPlan.maximumPartSize).contains(plan.partSize))
        #expect(plan.range(of: plan.count).upperBound == size)
        let error = #expect(throws: OSSError.self) { try PartPlan(size: size + 50_000 << 30) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("C15: invalid part sizes are rejected before any request is sent")
    func c15Refused() async throws {
        let upload = try UploadFixture()
        // Ten thousand parts and one byte, in a sparse file.
        #expect(truncate(upload.folder["source"], off_t(10_000 * Self.partSize + 1)) == 0)
        let refused: [(String, (inout UploadOptions) -> Void)] = [
            ("at most 10000 parts", { _ in }),
            ("100 KiB to 5 GiB", { $0.partSize = 100 << 10 - 1 }),
            ("100 KiB to 5 GiB", { $0.partSize = 5 << 30 + 1 }),
            ("100 KiB to 5 GiB", { $0.partSize = -1 }),
            ("1 to 1000", { $0.concurrency = 0 }),
            ("1 to 1000", { $0.concurrency = 1001 }),
            ("multipartThreshold", { $0.multipartThreshold = -1 }),
            ("multipartThreshold", { $0.multipartThreshold = 5 << 30 + 1 }),
            ("metadata name", { $0.attributes.metadata = ["a b": "c"] }),
        ]
        for (problem, change) in refused {
            let error = await failure {
                try await upload.upload {
                    if problem != "at most 10000 parts" { $0.partSize = nil }
                    change(&$0)
                }
            }
            #expect(error?.code == .invalidArgument, "\(error as Any)")
            #expect(error?.message.contains(problem) == true, "\(error as Any)")
        }
        #expect(upload.service.count() == 0)
        try upload.expectNothingLeft()
    }

    @Test(
        "C16: an empty file is uploaded in one request and downloaded as an empty file",
        arguments: [0, 1, 16 << 20] as [Int64])
    func c16(threshold: Int64) async throws {
        let upload = try UploadFixture(size: 0)
        let result = try await upload.upload { $0.multipartThreshold = threshold }
        #expect(result.size == 0)
        #expect(upload.service.operations() == ["PutObject": 1])
        #expect(upload.stored == Data())
        try await upload.service.bucket.downloadObject("k", to: upload.folder["copy"])
        #expect(try upload.folder.read("copy") == Data())
        try upload.expectNothingLeft()
    }

    @Test(
        "C17: a downloaded file equals the uploaded one for every size relative to the part size", arguments: [1, 2, 7])
    func c17(concurrency: Int) async throws {
        let upload = try UploadFixture(size: 0)
        let content = Data.pattern(5 * Self.partSize)
        var random = SeededRandom(seed: UInt64(concurrency))
        var sizes = [1, 2, 3].flatMap { [$0 * Self.partSize - 1, $0 * Self.partSize, $0 * Self.partSize + 1] }
        sizes += (0..<5).map { _ in Int(random.next() % UInt64(content.count)) + 1 }
        var options = DownloadOptions()
        options.multipartThreshold = Int64(Self.partSize)
        options.partSize = Int64(Self.partSize)
        options.concurrency = concurrency
        for size in sizes {
            try upload.folder.write("source", content.prefix(size))
            let result = try await upload.upload { $0.concurrency = concurrency }
            #expect(result.partCount == (size + Self.partSize - 1) / Self.partSize)
            #expect(result.crc64 == CRC64.checksum(content.prefix(size)))
            try await upload.service.bucket.downloadObject("k", to: upload.folder["copy"], options: options)
            #expect(try upload.folder.read("copy") == content.prefix(size), "\(size) bytes")
        }
        try upload.expectNothingLeft()
    }
}
