import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of copies that encounter faults.
@Suite("Copy faults")
struct CopyFaultTests {
    private let content = CopyFixture.content

    @Test("A source that is replaced during a copy ends the copy, and no object becomes visible")
    func replacedMidway() async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.server.add(
            .afterwards(.putObject(key: "source", bytes: Array(pattern(content.count).reversed()))),
            when: .init(operation: "UploadPartCopy", partNumber: 3))
        let error = await #expect(throws: OSSError.self) { try await fixture.copy() }
        #expect(error?.code == .sourceChanged)
        #expect(error?.serviceError?.status == 412)
        #expect(error?.message.contains("'source' in 'photos'") == true)
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.ranges.count == 4)
        #expect(fixture.copied == nil)
        #expect(fixture.server.statistics.openUploads == 0)
        #expect(fixture.folder.names(in: "state/transfers").isEmpty)
    }

    @Test("A source that is replaced just before a single-request copy ends the copy")
    func replacedBeforeRequest() async throws {
        let fixture = try CopyFixture()
        fixture.server.add(.afterwards(.putObject(key: "source", bytes: [1])), when: .operation("HeadObject"))
        let error = await #expect(throws: OSSError.self) { try await fixture.copy { $0.multipartThreshold = 5 << 20 } }
        #expect(error?.code == .sourceChanged)
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.copied == nil)
    }

    @Test("An error in a successful response is a failure, and the part is copied again")
    func errorInSuccess() async throws {
        let fixture = try CopyFixture()
        fixture.server.add(
            .errorInSuccess(code: "InternalError"), when: .init(operation: "UploadPartCopy", partNumber: 2))
        _ = try await fixture.copy()
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.ranges.count == 7)
        #expect(fixture.copied == Data(content))
    }

    @Test(
        "A part that was copied from different bytes is rejected",
        arguments: ["bytes 0-99/512123", "bytes 100-200/512123", "bytes 101-199/512123", "bytes 0-512122/512123"])
    func otherRange(stated: String) async throws {
        let fixture = try CopyFixture()
        let upload = try await fixture.bucket.initiateMultipartUpload("copy")
        fixture.server.add(.header("Content-Range", stated), when: .operation("UploadPartCopy"))
        let error = await #expect(throws: OSSError.self) {
            try await fixture.bucket.copyPart(number: 1, of: upload, from: "source", range: 100..<200)
        }
        #expect(error?.code == .invalidResponse)
        #expect(fixture.server.unusedFaults.isEmpty)
        fixture.server.add(.header("Content-Range", "bytes 100-199/512123"), when: .operation("UploadPartCopy"))
        _ = try await fixture.bucket.copyPart(number: 1, of: upload, from: "source", range: 100..<200)
        #expect(fixture.server.unusedFaults.isEmpty)
    }

    @Test("If the response to the last request is lost, the copy is recognized by its checksum")
    func lostAnswer() async throws {
        let fixture = try CopyFixture()
        fixture.server.add(.closeAfterApplying(), when: .operation("CompleteMultipartUpload"))
        let result = try await fixture.copy()
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(result.integrity == .checksum)
        #expect(result.eTag == (try await fixture.bucket.headObject("copy").eTag))
        #expect(fixture.copied == Data(content))
        #expect(fixture.service.operations()["UploadPartCopy"] == 6)
        #expect(fixture.service.operations()["CompleteMultipartUpload"] == 2)
    }

    @Test("A lost response is not reported as a refusal to overwrite", arguments: [1, 5 << 20])
    func lostAnswerWithoutOverwriting(threshold: Int64) async throws {
        let fixture = try CopyFixture()
        let operation = threshold == 1 ? "CompleteMultipartUpload" : "CopyObject"
        fixture.server.add(.closeAfterApplying(), when: .operation(operation))
        func copy() async throws -> TransferResult {
            try await fixture.copy {
                $0.multipartThreshold = threshold
                $0.forbidsOverwrite = true
            }
        }
        #expect(try await copy().integrity == .checksum)
        #expect(fixture.server.unusedFaults.isEmpty)
        let error = await #expect(throws: OSSError.self) { try await copy() }
        #expect(error?.code == .alreadyExists)
        #expect(fixture.server.statistics.openUploads == 0)
    }

    @Test("A checksum that differs from the source's is detected before the parts are joined")
    func wrongParts() async throws {
        let fixture = try CopyFixture(remembers: true)
        fixture.server.add(
            .header("x-oss-hash-crc64ecma", "1"), when: .init(operation: "UploadPartCopy", partNumber: 2))
        let error = await #expect(throws: OSSError.self) { try await fixture.copy() }
        #expect(error?.code == .checksumMismatch)
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.copied == nil)
        #expect(fixture.service.operations()["CompleteMultipartUpload"] == nil)
        #expect(fixture.server.statistics.openUploads == 0)
        #expect(fixture.folder.names(in: "state/transfers").isEmpty)
    }

    @Test("A copy that was stored with a different checksum is an error", arguments: [1, 5 << 20])
    func wrongCopy(threshold: Int64) async throws {
        let fixture = try CopyFixture()
        let operation = threshold == 1 ? "CompleteMultipartUpload" : "CopyObject"
        fixture.server.add(.header("x-oss-hash-crc64ecma", "1"), when: .operation(operation))
        let error = await #expect(throws: OSSError.self) {
            try await fixture.copy { $0.multipartThreshold = threshold }
        }
        #expect(error?.code == .checksumMismatch)
        #expect(error?.operation == operation)
        #expect(fixture.server.unusedFaults.isEmpty)
    }

    @Test("If responses have no checksum, the copy's metadata is requested", arguments: [1, 5 << 20])
    func silentAnswers(threshold: Int64) async throws {
        let fixture = try CopyFixture()
        for operation in ["UploadPartCopy", "CompleteMultipartUpload", "CopyObject"] {
            fixture.server.add(.header("x-oss-hash-crc64ecma", nil), when: .operation(operation), times: .max)
        }
        let result = try await fixture.copy { $0.multipartThreshold = threshold }
        #expect(result.integrity == .checksum)
        #expect(result.crc64 == CRC64.checksum(content))
        #expect(fixture.service.operations()["HeadObject"] == 2)
    }

    @Test("If there are no checksums at all, the result states the values that were compared", arguments: [1, 5 << 20])
    func noChecksums(threshold: Int64) async throws {
        let fixture = try CopyFixture()
        fixture.server.add(.header("x-oss-hash-crc64ecma", nil), times: .max)
        let result = try await fixture.copy { $0.multipartThreshold = threshold }
        #expect(result.integrity == (threshold == 1 ? .lengthOnly : .md5))
        #expect(result.crc64 == nil)
        #expect(fixture.copied == Data(content))
    }
}
