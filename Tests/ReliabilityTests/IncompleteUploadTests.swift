import AliyunOSSTesting
import Foundation
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("Incomplete multipart uploads")
struct IncompleteUploadTests {
    @Test("C8: an upload whose name never arrived is found and removed a day later", arguments: [false, true])
    func c8Nameless(mayList: Bool) async throws {
        let ahead = Mutex<TimeInterval>(0)
        let upload = try UploadFixture {
            $0.retry.maximumAttempts = 1
            $0.clock = { Date() + ahead.withLock { $0 } }
        }
        let server = upload.service.server
        server.add(.closeAfterApplying(), when: .operation("InitiateMultipartUpload"))
        #expect(await failure { try await upload.upload() }?.code == .connectionLost)
        let nameless = try #require(try await upload.uploads.first)
        #expect(try upload.journals.count == 1)
        server.clockOffset = .seconds(25 * 3600)
        ahead.withLock { $0 = 25 * 3600 }
        // Somebody else's, whose first part is still on its way.
        let other = try await upload.service.bucket.initiateMultipartUpload("k")
        #expect(upload.openUploads == 2)
        if !mayList {
            server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("ListMultipartUploads"))
        }
        try await upload.upload()
        #expect(upload.stored == upload.content)
        #expect(
            try await Set(upload.uploads.map(\.uploadID))
                == Set((mayList ? [other] : [other, nameless]).map(\.uploadID)))
        #expect(try upload.journals.isEmpty)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Of the uploads of a key only those without parts are aborted")
    func withParts() async throws {
        let service = try FaultyService()
        let filled = try await service.bucket.initiateMultipartUpload("k")
        _ = try await service.bucket.uploadPart(1, of: filled, .bytes(Array(Data.pattern(1000))))
        _ = try await service.bucket.initiateMultipartUpload("k")
        let other = try await service.bucket.initiateMultipartUpload("k2")
        try await service.bucket.abortAllEmptyUploads(of: "k", begunSince: Date() - 60)
        var left: Set<String> = []
        for try await summary in service.bucket.listMultipartUploads() { left.insert(summary.upload.uploadID) }
        #expect(left == [filled.uploadID, other.uploadID])
    }

    @Test("Nothing is looked for when the upload was begun within a day")
    func young() async throws {
        let upload = try UploadFixture { $0.retry.maximumAttempts = 1 }
        upload.service.server.add(.closeAfterApplying(), when: .operation("InitiateMultipartUpload"))
        #expect(await failure { try await upload.upload() }?.code == .connectionLost)
        let before = upload.service.count()
        try await upload.upload()
        #expect(
            upload.service.operations(after: before)
                == ["InitiateMultipartUpload": 1, "UploadPart": 4, "CompleteMultipartUpload": 1])
        #expect(upload.openUploads == 1)
    }
}
