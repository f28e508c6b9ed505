import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of the content that uploads store. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Upload faults")
struct UploadFaultTests {
    private static let checksumHeader = "x-oss-hash-crc64ecma"
    private static let partSize = UploadFixture.partSize

    @Test("C1: an upload whose response has a different checksum is retried and then fails; the stored object remains")
    func c1() async throws {
        let upload = try UploadFixture()
        let (service, path) = (upload.service, upload.folder["source"])
        service.server.add(.header(Self.checksumHeader, "1"), when: .operation("PutObject"))
        #expect(try await service.bucket.uploadObject("k", from: path).integrity == .checksum)
        #expect(service.count() == 2)

        service.server.add(.header(Self.checksumHeader, "1"), when: .operation("PutObject"), times: .max)
        let error = await failure { try await service.bucket.uploadObject("k", from: path) }
        #expect(error?.code == .checksumMismatch)
        #expect(error?.attempts == 3)
        #expect(service.operations() == ["PutObject": 5])
        #expect(upload.stored == upload.content)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("C2: a part whose response has a different checksum is sent again before the upload is completed")
    func c2() async throws {
        let upload = try UploadFixture()
        upload.service.server.add(.header(Self.checksumHeader, "1"), when: .part(2))
        try await upload.upload()
        #expect(upload.sentParts() == [1, 2, 2, 3, 4])
        #expect(upload.service.server.requests.last?.operation == "CompleteMultipartUpload")
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()

        upload.service.server.delete("k", in: "photos")
        let before = upload.service.count()
        upload.service.server.add(.header(Self.checksumHeader, "1"), when: .part(2), times: .max)
        #expect(await failure { try await upload.upload() }?.code == .checksumMismatch)
        #expect(
            upload.service.operations(after: before)
                == ["InitiateMultipartUpload": 1, "UploadPart": 4, "AbortMultipartUpload": 1])
        #expect(upload.stored == nil)
        try upload.expectNothingLeft()
    }

    @Test("C2: a part whose response has a different ETag is rejected at completion and checked again")
    func c2ETag() async throws {
        let upload = try UploadFixture()
        upload.service.server.add(.header("ETag", "\"\(String(repeating: "0", count: 32))\""), when: .part(2))
        #expect(try await upload.upload().integrity == .checksum)
        #expect(
            upload.service.operations()
                == ["InitiateMultipartUpload": 1, "UploadPart": 4, "CompleteMultipartUpload": 2, "ListParts": 1])
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C3: completing an upload fails with both checksums when the object's CRC-64 does not match its parts")
    func c3() async throws {
        let upload = try UploadFixture()
        upload.service.server.add(.header(Self.checksumHeader, "17"), when: .operation("CompleteMultipartUpload"))
        let error = await failure { try await upload.upload() }
        #expect(error?.code == .checksumMismatch)
        #expect(error?.operation == "CompleteMultipartUpload")
        #expect(error?.message.contains(" 17,") == true, "\(error as Any)")
        #expect(error?.message.contains("\(CRC64.checksum(upload.content))") == true, "\(error as Any)")
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C4: without a CRC-64 in the responses the MD5 is compared, and only the length for an encrypted object")
    func c4() async throws {
        let upload = try UploadFixture()
        upload.service.server.add(.header(Self.checksumHeader, nil), times: .max)
        let small = try await upload.service.bucket.uploadObject("small", from: upload.folder["source"])
        #expect(small.integrity == .md5)
        #expect(small.crc64 == nil)
        // The ETag of an encrypted object is not an MD5, but that of any other object is.
        upload.service.server.add(.header("ETag", "\"0\""), when: .operation("PutObject"))
        let error = await failure {
            try await upload.service.bucket.uploadObject("small", from: upload.folder["source"])
        }
        #expect(error?.code == .checksumMismatch)
        upload.service.server.add(.header("ETag", "\"0\""), when: .operation("PutObject"))
        upload.service.server.add(
            .header("x-oss-server-side-encryption", "KMS"), when: .operation("PutObject"))
        #expect(
            try await upload.service.bucket.uploadObject("small", from: upload.folder["source"]).integrity
                == .lengthOnly)
        let large = try await upload.upload { $0.rereadsSource = true }
        #expect(large.integrity == .lengthOnly)
        #expect(large.crc64 == nil)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test(
        "C13: a guarded upload whose response was lost is settled by the stored object",
        arguments: [false, true], [nil, "FileAlreadyExists"])
    func c13(isLarge: Bool, refusal: String?) async throws {
        let upload = try UploadFixture()
        let server = upload.service.server
        let operation = isLarge ? "CompleteMultipartUpload" : "PutObject"
        func lose(_ change: MockFault.StateChange?) {
            server.add(.closeAfterApplying(), when: .operation(operation))
            if let change { server.add(.afterwards(change), when: .operation(operation)) }
            if let refusal { server.add(.respond(status: 409, code: refusal), when: .operation(operation)) }
        }
        func guarded() async throws -> TransferResult {
            try await upload.upload {
                $0.forbidsOverwrite = true
                if !isLarge { $0.multipartThreshold = 1 << 30 }
            }
        }
        lose(nil)
        let result = try await guarded()
        #expect(result.crc64 == CRC64.checksum(upload.content))
        #expect(upload.service.count("HeadObject") == 1)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()

        // An object of another client is not mistaken for the result of this upload.
        server.delete("k", in: "photos")
        server.faults.removeAll()
        lose(.putObject(key: nil, bytes: Array("theirs".utf8)))
        #expect(await failure { try await guarded() }?.code == .alreadyExists)
        #expect(upload.stored == Data("theirs".utf8))
        try upload.expectNothingLeft()
    }

    @Test("C13: an equal object of another client does not complete a guarded upload that is still open")
    func c13Open() async throws {
        let upload = try UploadFixture()
        let other = try upload.service.server.bucket("photos")
        let (path, options) = (upload.folder["source"], upload.options())
        upload.credentials.beforeEachRequest { number in
            // Just before the parts are joined.
            if number == 6 { try await other.uploadObject("k", from: path, options: options) }
        }
        let error = await failure { try await upload.upload { $0.forbidsOverwrite = true } }
        #expect(error?.code == .alreadyExists)
        #expect(upload.service.count("CompleteMultipartUpload") == 2)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C19: a file that cannot be opened or is missing is a separate failure, and the other files are transferred")
    func c19() async throws {
        let upload = try UploadFixture()
        let disk = FaultyFileSystem()
        for (name, code) in [("source", EACCES), ("missing", ENOENT)] {
            if code == EACCES { disk.add(.fail(code), to: .open, path: "/source") }
            let error = await failure {
                try await disk.run { try await upload.service.bucket.uploadObject("k", from: upload.folder[name]) }
            }
            #expect(error?.code == .fileSystem)
            #expect((error?.underlying as? FileError)?.code == code)
        }
        #expect(upload.service.count() == 0)

        for name in ["a", "denied", "gone", "z"] { try upload.folder.write("tree/" + name, Data(name.utf8)) }
        disk.add(.fail(EACCES), to: .open, path: "/denied")
        // The second attempt is made after the directory has been opened again.
        disk.add(.fail(ENOENT), to: .open, path: "/gone", times: 2)
        let report = try await disk.run {
            try await DirectoryTransfer(upload.service.bucket).upload(from: upload.folder["tree"])
        }
        #expect(!report.isComplete)
        #expect(Set(report.failures.map(\.error.code)) == [.fileSystem, .vanished])
        #expect(upload.service.server.keys(in: "photos") == ["a", "z"])
        #expect(disk.unused.isEmpty)
    }

    @Test("C20: a disk that cannot be read is an error with its cause, and no object becomes visible")
    func c20() async throws {
        let upload = try UploadFixture()
        func failsToRead(
            skip: Int, _ change: (inout UploadOptions) -> Void = { _ in },
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let disk = FaultyFileSystem()
            disk.add(.fail(EIO), to: .read, path: "/source", skip: skip)
            let error = await failure { try await disk.run { try await upload.upload(change) } }
            #expect(error?.code == .fileSystem, "\(error as Any)", sourceLocation: sourceLocation)
            #expect((error?.underlying as? FileError)?.code == EIO, sourceLocation: sourceLocation)
            #expect(disk.unused.isEmpty, sourceLocation: sourceLocation)
            #expect(upload.service.count("CompleteMultipartUpload") == 0, sourceLocation: sourceLocation)
            #expect(upload.stored == nil, sourceLocation: sourceLocation)
        }
        // A part is read in chunks of 64 KiB with URLSession, and at once with libcurl.
        try await failsToRead(skip: TestTransport.isLibcurl ? 2 : 4)
        try upload.expectNothingLeft()

        // The same during the comparison of the sent parts with the file. The parts remain valid.
        try await upload.interrupt(atPart: 3)
        try await failsToRead(skip: 0)
        #expect(upload.openUploads == 1)
        let before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [3, 4])
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }
}
