import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS

/// Tests with responses that differ from a correct one in a single value, one for each value that the library compares.
@Suite("Responses that do not belong to their request")
struct MismatchedResponseTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// Error for the wrong responses.
        let code: OSSError.Code
        /// Responses that the call accepts, in order; the last one repeats.
        let right: [HTTPResponse]
        /// Returns the response with one value changed.
        let wrong: [HTTPResponse]
        let call: @Sendable (Bucket) async throws -> Void

        var testDescription: String { name }
    }

    private static let upload = MultipartUpload(key: "k", uploadID: "u")
    private static let bytes = Data("0123456789".utf8)
    private static let md5 = Hexadecimal.uppercase(MD5.hash(Data("0123456789".utf8)))

    private static let initiate: @Sendable (Bucket) async throws -> Void = {
        _ = try await $0.initiateMultipartUpload("k")
    }
    private static let complete: @Sendable (Bucket) async throws -> Void = {
        let part = UploadedPart(number: 1, eTag: "1", size: 1)
        _ = try await $0.completeMultipartUpload(upload, parts: [part])
    }
    private static let list: @Sendable (Bucket) async throws -> Void = {
        for try await _ in $0.listObjects(prefix: "p/", startAfter: "p/m") {}
    }
    private static let listParts: @Sendable (Bucket) async throws -> Void = {
        for try await _ in $0.listParts(of: upload) {}
    }
    private static let put: @Sendable (Bucket) async throws -> Void = { _ = try await $0.putObject("k", .data(bytes)) }
    private static let get: @Sendable (Bucket) async throws -> Void = {
        for try await _ in try await $0.getObject("k").body {}
    }

    private static func document(_ name: String, _ inner: String) -> HTTPResponse { .ok("<\(name)>\(inner)</\(name)>") }

    private static func objects(_ keys: String..., marker: String = "p/m", next: String? = nil) -> HTTPResponse {
        let contents = keys.map {
            "<Contents><Key>\($0)</Key><Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
        }
        let end =
            next.map { "<IsTruncated>true</IsTruncated><NextMarker>\($0)</NextMarker>" }
            ?? "<IsTruncated>false</IsTruncated>"
        return document("ListBucketResult", "<Prefix>p/</Prefix><Marker>\(marker)</Marker>\(end)" + contents.joined())
    }

    private static let large = Data((0..<131_082).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) })

    /// Returns a response with a range of a large object and no checksum.
    private static func range(
        _ first: Int, _ last: Int, of size: Int = large.count, count: Int? = nil
    ) -> HTTPResponse {
        let body = Data(large[first..<first + (count ?? last - first + 1)])
        return HTTPResponse(
            status: 206, headers: ["ETag": "\"TAG\"", "Content-Range": "bytes \(first)-\(last)/\(size)"],
            body: body, bodyLength: Int64(body.count), bodyChecksum: CRC64.checksum(body))
    }

    private static let ranges = [range(0, 65_535), range(65_536, 131_071), range(131_072, 131_081)]

    private static func entire(_ headers: HTTPHeaders, count: Int = 10) -> HTTPResponse {
        var response = HTTPResponse.ok(String(decoding: bytes.prefix(count), as: UTF8.self), headers: headers)
        response.bodyChecksum = CRC64.checksum(response.body)
        return response
    }

    static let cases: [Case] = [
        Case(
            name: "the key of a started upload", code: .invalidResponse,
            right: [document("InitiateMultipartUploadResult", "<Key>k</Key><UploadId>u</UploadId>")],
            wrong: [document("InitiateMultipartUploadResult", "<Key>other</Key><UploadId>u</UploadId>")],
            call: initiate),
        Case(
            name: "the key of a completed upload", code: .invalidResponse,
            right: [document("CompleteMultipartUploadResult", "<Key>k</Key><ETag>\"E-1\"</ETag>")],
            wrong: [document("CompleteMultipartUploadResult", "<Key>other</Key><ETag>\"E-1\"</ETag>")],
            call: complete),
        Case(
            name: "the ETag of a completed upload", code: .invalidResponse,
            right: [document("CompleteMultipartUploadResult", "<Key>k</Key><ETag>\"E-1\"</ETag>")],
            wrong: [document("CompleteMultipartUploadResult", "<Key>k</Key>")], call: complete),
        Case(
            name: "the root of a list of parts", code: .invalidResponse,
            right: [document("ListPartsResult", "<UploadId>u</UploadId><IsTruncated>false</IsTruncated>")],
            wrong: [document("ListResult", "<UploadId>u</UploadId><IsTruncated>false</IsTruncated>")],
            call: listParts),
        Case(
            name: "the upload ID of a list of parts", code: .invalidResponse,
            right: [document("ListPartsResult", "<UploadId>u</UploadId><IsTruncated>false</IsTruncated>")],
            wrong: [document("ListPartsResult", "<UploadId>v</UploadId><IsTruncated>false</IsTruncated>")],
            call: listParts),
        Case(
            name: "the marker of a listing", code: .invalidResponse, right: [objects("p/n")],
            wrong: [objects("p/n", marker: "p/a")], call: list),
        Case(
            name: "the order of the keys of a listing", code: .invalidResponse, right: [objects("p/n", "p/o")],
            wrong: [objects("p/o", "p/n")], call: list),
        Case(
            name: "the next marker of pages without keys", code: .invalidResponse,
            right: [objects(next: "p/x"), objects(marker: "p/x", next: "p/y"), objects(marker: "p/y")],
            wrong: [
                objects(next: "p/x"), objects(marker: "p/x", next: "p/y"), objects(marker: "p/y", next: "p/x"),
                objects(marker: "p/x"),
            ], call: list),
        Case(
            name: "the MD5 of a stored body", code: .checksumMismatch, right: [.ok(headers: ["ETag": "\"\(md5)\""])],
            wrong: [.ok(headers: ["ETag": "\"\(md5.reversed().map(String.init).joined())\""])], call: put),
        Case(
            name: "the number of bytes of a range", code: .invalidResponse, right: ranges,
            wrong: [range(0, 65_535, count: 65_534)] + ranges[1...], call: get),
        Case(
            name: "the size of the object of a later range", code: .preconditionFailed,
            right: ranges, wrong: [ranges[0], range(65_536, 131_071, of: 131_083), ranges[2]], call: get),
        Case(
            name: "the offset of a later range", code: .invalidResponse,
            right: ranges, wrong: [ranges[0], range(65_535, 131_070), ranges[2]], call: get),
        Case(
            name: "the length of a later range", code: .invalidResponse,
            right: ranges, wrong: [ranges[0], range(65_536, 131_070), ranges[2]], call: get),
        Case(
            name: "the MD5 of an entire object", code: .checksumMismatch,
            right: [entire(["ETag": "\"\(md5)\"", "x-oss-object-type": "Normal", "Content-Length": "10"])],
            wrong: [
                entire([
                    "ETag": "\"\(md5.reversed().map(String.init).joined())\"", "x-oss-object-type": "Normal",
                    "Content-Length": "10",
                ])
            ], call: get),
        Case(
            name: "the length that HeadObject states", code: .truncatedBody,
            right: [entire(["ETag": "\"T\""]), .ok(headers: ["ETag": "\"T\"", "Content-Length": "10"])],
            wrong: [entire(["ETag": "\"T\""], count: 7), .ok(headers: ["ETag": "\"T\"", "Content-Length": "10"])],
            call: get),
        Case(
            name: "the length of an object that has no range", code: .invalidRange,
            right: [.refusal(416, "InvalidRange"), .ok(headers: ["ETag": "\"T\"", "Content-Length": "0"])],
            wrong: [.refusal(416, "InvalidRange"), .ok(headers: ["ETag": "\"T\"", "Content-Length": "10"])],
            call: get),
    ]

    @Test(
        "A response that differs from the correct one in one value is an error, and its connection is not reused",
        arguments: cases)
    func mismatch(of item: Case) async throws {
        let (right, accepted) = try Bucket.listed(item.right)
        try await item.call(right)
        #expect(accepted.requests.count == item.right.count)
        let (wrong, refused) = try Bucket.listed(item.wrong)
        let error = await #expect(throws: OSSError.self) { try await item.call(wrong) }
        #expect(error?.code == item.code, "\(error.map { "\($0)" } ?? "")")
        // A wrong length or a rejection does not indicate another request.
        if [.invalidResponse, .checksumMismatch].contains(item.code) {
            #expect(refused.discards > 0)
        }
        #expect(accepted.discards == 0)
    }
}
