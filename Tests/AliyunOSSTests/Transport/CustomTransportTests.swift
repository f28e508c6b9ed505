import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Transports without checksums", .timeLimit(.minutes(2)))
struct CustomTransportTests {
    /// A transport that transfers bytes without computing checksums, as a custom transport may.
    private struct Plain: HTTPTransport {
        let inner = TestTransport()

        func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            do {
                var response = try await inner.send(request)
                response.bodyChecksum = nil
                response.sentChecksum = nil
                return response
            } catch var error as HTTPTransportError {
                error.partial?.bodyChecksum = nil
                throw error
            }
        }
    }

    private let service: TestService
    private let folder: ScratchDirectory
    private let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })

    init() throws {
        service = try TestService {
            $0.transport = Plain()
            $0.retry.maximumAttempts = 2
        }
        folder = try ScratchDirectory()
    }

    @Test("Bytes, files, parts and ranges are still compared")
    func roundTrip() async throws {
        try await service.bucket.putObject("bytes", .data(content))
        try content.write(to: URL(fileURLWithPath: folder["source"]))
        var upload = UploadOptions()
        (upload.multipartThreshold, upload.partSize) = (100 << 10, 100 << 10)
        let stored = try await service.bucket.uploadObject("file", from: folder["source"], options: upload)
        #expect(stored.integrity == .checksum && stored.crc64 == CRC64.checksum(content))
        var download = DownloadOptions()
        (download.multipartThreshold, download.partSize) = (100 << 10, 100 << 10)
        let fetched = try await service.bucket.downloadObject("file", to: folder["copy"], options: download)
        #expect(fetched.integrity == .checksum)
        #expect(try folder.content("copy") == Array(content))
        #expect(try await service.bucket.getObject("bytes").body.collect() == content)
    }

    @Test(
        "A byte that changes in transit is detected in both directions",
        arguments: ["PutObject", "UploadPart", "GetObject"])
    func corruption(operation: String) async throws {
        let server = service.server
        try server.put("k", content, in: "photos")
        if operation == "GetObject" {
            server.add(.corruptBody(at: 7), when: .operation(operation), times: .max)
        } else {
            server.add(.header("x-oss-hash-crc64ecma", "1"), when: .operation(operation), times: .max)
        }
        let error = await #expect(throws: OSSError.self) {
            switch operation {
            case "PutObject": try await service.bucket.putObject("k", .data(content))
            case "UploadPart":
                let upload = try await service.bucket.initiateMultipartUpload("k")
                _ = try await service.bucket.uploadPart(number: 1, of: upload, body: .data(content))
            default: try await service.bucket.downloadObject("k", to: folder["copy"])
            }
        }
        #expect(error?.code == .checksumMismatch)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("An interrupted download resumes, with the checksum of the existing bytes computed from the file")
    func continuation() async throws {
        try service.server.put("k", content, in: "photos")
        service.server.add(.truncateBody(after: 1000), when: .operation("GetObject"))
        try await service.bucket.downloadObject("k", to: folder["copy"])
        #expect(try folder.content("copy") == Array(content))
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.server.requests.last?.headers["Range"] == "bytes=1000-299999")
    }
}
