import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Uploads of files in parts")
struct UploadTests {
    private static let partSize = 100 << 10
    private let content = pattern(5 * partSize + 123)

    private func options(_ change: (inout UploadOptions) -> Void = { _ in }) -> UploadOptions {
        var options = UploadOptions()
        options.multipartThreshold = 1
        options.partSize = Int64(Self.partSize)
        change(&options)
        return options
    }

    @Test("A large file is uploaded in parts and verified as a whole")
    func parts() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try folder.write("source", content)
        let result = try await service.bucket.uploadObject("big", from: folder["source"], options: options())
        #expect(service.server.data(of: "big", in: "photos") == Data(content))
        #expect(result.partCount == 6)
        #expect(result.integrity == .checksum)
        #expect(result.crc64 == CRC64.checksum(content))
        #expect(result.eTag.hasSuffix("-6"))
        #expect(service.operations() == ["InitiateMultipartUpload": 1, "UploadPart": 6, "CompleteMultipartUpload": 1])
        #expect(service.server.statistics.openUploads == 0)
    }

    @Test("An interrupted upload resumes and sends only the missing parts")
    func resume() async throws {
        let folder = try ScratchDirectory()
        let service = try TestService { $0.stateDirectory = .path(folder["state"]) }
        try folder.write("source", content)
        service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPart", partNumber: 4)))
        await #expect(throws: OSSError.self) {
            try await service.bucket.uploadObject(
                "big", from: folder["source"], options: options { $0.concurrency = 1 })
        }
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.server.statistics.openUploads == 1)
        #expect(service.operations()["UploadPart"] == 4)
        let result = try await service.bucket.uploadObject("big", from: folder["source"], options: options())
        #expect(
            service.operations() == [
                "InitiateMultipartUpload": 1, "UploadPart": 7, "ListParts": 1, "CompleteMultipartUpload": 1,
            ])
        #expect(result.resumedBytes == Int64(3 * Self.partSize))
        #expect(service.server.data(of: "big", in: "photos") == Data(content))
        #expect(folder.names(in: "state/transfers").isEmpty)
    }

    @Test("An object is recognized as the result of an upload only by its size, checksum and number of parts")
    func completed() async throws {
        let service = try TestService()
        let bucket = service.bucket
        let upload = try await bucket.initiateMultipartUpload("big")
        let part = try await bucket.uploadPart(number: 1, of: upload, body: .bytes(content))
        try await bucket.completeMultipartUpload(upload, parts: [part])
        let checksum = CRC64.checksum(content)
        func isFound(size: Int64 = part.size, checksum: UInt64?, partCount: Int = 1) async throws -> Bool {
            try await bucket.completed(upload, size: size, checksum: checksum, partCount: partCount) != nil
        }
        #expect(try await isFound(checksum: checksum))
        #expect(try await !isFound(checksum: checksum ^ 1))
        #expect(try await !isFound(checksum: nil))
        #expect(try await !isFound(size: part.size - 1, checksum: checksum))
        #expect(try await !isFound(checksum: checksum, partCount: 2))
    }

    @Test("Abandoned uploads are those older than the specified age, one day by default")
    func abandoned() async throws {
        let ahead = Mutex<TimeInterval>(0)
        let service = try TestService { $0.clock = { Date() + ahead.withLock { $0 } } }
        func wait(hours: Double) {
            ahead.withLock { $0 += hours * 3600 }
            service.server.clockOffset += .seconds(hours * 3600)
        }
        for key: ObjectKey in ["a/old", "b/old", "a/young"] {
            if key == "a/young" { wait(hours: 23) }
            _ = try await service.bucket.initiateMultipartUpload(key)
        }
        wait(hours: 2)
        func keys(_ prefix: String = "", olderThan age: Duration? = nil) async throws -> [ObjectKey] {
            let uploads =
                age.map { service.bucket.incompleteMultipartUploads(prefix: prefix, olderThan: $0) }
                ?? service.bucket.incompleteMultipartUploads(prefix: prefix)
            var keys: [ObjectKey] = []
            for try await summary in uploads { keys.append(summary.upload.key) }
            return keys
        }
        #expect(try await keys() == ["a/old", "b/old"])
        #expect(try await keys("a/") == ["a/old"])
        #expect(try await keys(olderThan: .seconds(3 * 3600)) == ["a/old", "b/old"])
        #expect(try await keys(olderThan: .seconds(3600)) == ["a/old", "a/young", "b/old"])
        #expect(try await keys(olderThan: .seconds(26 * 3600)) == [])
        let result = try await service.bucket.abortIncompleteMultipartUploads(prefix: "a/")
        #expect(result.aborted.map(\.upload.key) == ["a/old"] && result.failures.isEmpty)
        #expect(try await keys(olderThan: .zero) == ["a/young", "b/old"])
    }

    @Test("Uploads with lost IDs are found a day later, even by a clock that is ten minutes fast")
    func lostNames() async throws {
        let folder = try ScratchDirectory()
        let ahead = Mutex<TimeInterval>(600)
        let service = try TestService {
            $0.stateDirectory = .path(folder["state"])
            $0.clock = { Date() + ahead.withLock { $0 } }
            $0.retry.maximumAttempts = 2
        }
        try folder.write("source", content)
        service.server.add(.closeAfterApplying(), when: .operation("InitiateMultipartUpload"), times: 2)
        await #expect(throws: OSSError.self) {
            try await service.bucket.uploadObject("big", from: folder["source"], options: options())
        }
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.server.statistics.openUploads == 2)
        service.server.clockOffset = .seconds(25 * 3600)
        ahead.withLock { $0 += 25 * 3600 }
        try await service.bucket.uploadObject("big", from: folder["source"], options: options())
        #expect(service.server.statistics.openUploads == 0)
        #expect(service.server.data(of: "big", in: "photos") == Data(content))
        #expect(folder.names(in: "state/transfers").isEmpty)
    }

    @Test("A small file is checked when it is opened and before its last bytes are sent")
    func statusCalls() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try folder.write("up/a", Array(content.prefix(1000)))
        let disk = FaultyFileSystem()
        func count(_ suffix: String) -> Int { disk.calls.count { $0.kind == .status && $0.path.hasSuffix(suffix) } }

        try await disk.run { _ = try await service.bucket.uploadObject("a", from: folder["up/a"]) }
        #expect(count("/up/a") == 2)
        let report = try await disk.run {
            try await DirectoryTransfer(service.bucket).upload(from: folder["up"], to: "up")
        }
        #expect(report.transferred.files == 1)
        // The directory walk also reads the attributes.
        #expect(count("/up/a") == 2 + 3)
        #expect(service.server.data(of: "up/a", in: "photos") == Data(content.prefix(1000)))
    }
}
