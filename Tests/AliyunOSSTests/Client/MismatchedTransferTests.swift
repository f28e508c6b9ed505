import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Transfers whose responses differ from correct ones in a single value: each value that the library compares
/// has a case.
@Suite("Transfers with responses that do not belong to their object")
struct MismatchedTransferTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// Error for the wrong responses.
        let code: OSSError.Code
        /// Whether the connections of the wrong response are not used again.
        var discards = false
        /// Responses with which the transfer succeeds, in order.
        let right: [HTTPResponse]
        /// The same with one value changed. The last response repeats.
        let wrong: [HTTPResponse]
        var call: @Sendable (Bucket, ScratchDirectory) async throws -> Void = MismatchedTransferTests.download

        var testDescription: String { name }
    }

    private static let bytes = Data("0123456789".utf8)
    private static let md5 = Hexadecimal.uppercase(MD5.hash(bytes))
    private static let otherMD5 = Hexadecimal.uppercase(MD5.hash(Data("9876543210".utf8)))
    private static let crc = String(CRC64.checksum(bytes))

    // MARK: One object

    private static let download: @Sendable (Bucket, ScratchDirectory) async throws -> Void = { bucket, directory in
        var options = DownloadOptions()
        (options.multipartThreshold, options.partSize, options.concurrency) = (100 << 10, 100 << 10, 1)
        _ = try await bucket.downloadObject("k", to: directory["copy"], options: options)
        let content = Data(try directory.content("copy"))
        #expect(content == (content.count == 10 ? bytes : large))
    }

    /// A response with the entire object.
    private static func entire(
        eTag: String = "T", length: Int? = 10, crc: String? = nil, type: String? = nil, body: Data = bytes
    ) -> HTTPResponse {
        var headers: HTTPHeaders = ["ETag": "\"\(eTag)\""]
        headers["Content-Length"] = length.map { String($0) }
        headers["x-oss-hash-crc64ecma"] = crc
        headers["x-oss-object-type"] = type
        return HTTPResponse(status: 200, headers: headers, body: body)
    }

    private static let large = Data((0..<256_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) })

    /// A response with a range of a large object.
    private static func range(
        _ first: Int, _ last: Int, eTag: String = "TAG", of size: Int = large.count, count: Int? = nil,
        crc: UInt64? = nil
    ) -> HTTPResponse {
        let body = Data(large[first..<first + (count ?? last - first + 1)])
        var headers: HTTPHeaders = ["ETag": "\"\(eTag)\"", "Content-Range": "bytes \(first)-\(last)/\(size)"]
        headers["x-oss-hash-crc64ecma"] = crc.map { String($0) }
        return HTTPResponse(status: 206, headers: headers, body: body)
    }

    private static func ranges(crc: UInt64) -> [HTTPResponse] {
        [range(0, 102_399, crc: crc), range(102_400, 204_799, crc: crc), range(204_800, 255_999, crc: crc)]
    }

    private static let right = ranges(crc: CRC64.checksum(large))

    private static let objects: [Case] = [
        Case(
            name: "the CRC-64 of an entire object", code: .checksumMismatch, discards: true,
            right: [entire(crc: crc), entire(crc: crc)],
            wrong: [entire(crc: crc), entire(crc: "1"), entire(crc: crc), entire(crc: "1")]),
        Case(
            name: "the length of HeadObject, if the response has none", code: .truncatedBody,
            right: [entire(length: nil), entire(length: nil), entire(), entire()],
            wrong: [entire(length: nil), entire(length: nil), entire(length: 11)]),
        Case(
            name: "the CRC-64 of HeadObject, if the response has none", code: .checksumMismatch,
            right: [entire(), entire(), entire(crc: crc)],
            wrong: [entire(), entire(), entire(crc: "1"), entire(), entire(), entire(crc: "1")]),
        Case(
            name: "the MD5 of a normal object without a CRC-64", code: .checksumMismatch,
            right: [entire(eTag: md5, type: "Normal"), entire(eTag: md5, type: "Normal")],
            wrong: [entire(eTag: otherMD5, type: "Normal")]),
        Case(
            name: "the number of bytes of the first range", code: .invalidResponse, discards: true, right: right,
            wrong: [
                range(0, 102_399, count: 102_390), range(102_390, 204_789), range(204_790, 255_999),
            ]),
        Case(
            name: "the number of bytes of a later range", code: .invalidResponse, discards: true, right: right,
            wrong: [right[0], range(102_400, 204_799, count: 100_000), right[2]]),
        Case(
            name: "the size of the object of a later range", code: .preconditionFailed, right: right,
            wrong: [
                right[0], range(102_400, 204_799, of: 300_000), right[0], range(102_400, 204_799, of: 300_000),
            ]),
        Case(
            name: "the ETag of a later range", code: .preconditionFailed, discards: true, right: right,
            wrong: [right[0], range(102_400, 204_799, eTag: "O"), right[0], range(102_400, 204_799, eTag: "O")]),
        Case(
            name: "the CRC-64 of an object in ranges", code: .checksumMismatch, right: right,
            wrong: ranges(crc: 1) + ranges(crc: 1)),
    ]

    // MARK: Uploads and copies

    private static let upload: @Sendable (Bucket, ScratchDirectory) async throws -> Void = { bucket, directory in
        try directory.write("file", large)
        var options = UploadOptions()
        (options.multipartThreshold, options.partSize, options.concurrency) = (100 << 10, 128_000, 1)
        _ = try await bucket.uploadObject("k", from: directory["file"], options: options)
    }

    private static let copy: @Sendable (Bucket, ScratchDirectory) async throws -> Void = { bucket, _ in
        _ = try await bucket.copyObject("k", to: "copy")
    }

    private static func part(_ range: Range<Int>) -> HTTPResponse {
        .ok(headers: ["ETag": "\"P\"", "x-oss-hash-crc64ecma": String(CRC64.checksum(large[range]))])
    }

    private static let untilCompleted: [HTTPResponse] = [
        .ok("<InitiateMultipartUploadResult><Key>k</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>"),
        part(0..<128_000), part(128_000..<256_000),
        .ok("<CompleteMultipartUploadResult><Key>k</Key><ETag>\"E-2\"</ETag></CompleteMultipartUploadResult>"),
    ]

    private static let completed = entire(eTag: "E-2", length: large.count, crc: String(CRC64.checksum(large)))
    private static let copied: HTTPResponse = .ok("<CopyObjectResult><ETag>\"T\"</ETag></CopyObjectResult>")

    private static let writes: [Case] = [
        Case(
            name: "the size of a completed object", code: .checksumMismatch, discards: true,
            right: untilCompleted + [completed],
            wrong: untilCompleted + [entire(eTag: "E-2", length: large.count + 1, crc: nil)], call: upload),
        Case(
            name: "the CRC-64 of a completed object", code: .checksumMismatch, discards: true,
            right: untilCompleted + [completed],
            wrong: untilCompleted + [entire(eTag: "E-2", length: large.count, crc: "1")], call: upload),
        Case(
            name: "the size of a copy", code: .checksumMismatch, right: [entire(), copied, entire()],
            wrong: [entire(), copied, entire(length: 11)], call: copy),
        Case(
            name: "the CRC-64 of a copy", code: .checksumMismatch, right: [entire(crc: crc), copied, entire(crc: crc)],
            wrong: [entire(crc: crc), copied, entire(crc: "1")], call: copy),
    ]

    // MARK: A folder

    private static let downloadFolder: @Sendable (Bucket, ScratchDirectory) async throws -> Void = {
        bucket, directory in
        let report = try await DirectoryTransfer(bucket).download(from: "p/", to: directory["down"])
        if let failure = report.failures.first { throw failure.error }
        #expect(report.transferred.files == 1)
        #expect(Data(try directory.content("down/k")) == bytes)
    }

    private static let checkFolder: @Sendable (Bucket, ScratchDirectory) async throws -> Void = { bucket, directory in
        try directory.write("local/k", bytes)
        let report = try await DirectoryTransfer(bucket).check(directory["local"], against: "p/")
        guard report.isEqual else { throw OSSError(.sourceChanged, "different") }
    }

    private static func listing(eTag: String = md5, type: String = "Normal", size: Int = 10) -> HTTPResponse {
        .ok(
            """
            <ListBucketResult><Prefix>p/</Prefix><Marker></Marker><IsTruncated>false</IsTruncated><Contents>
            <Key>p/k</Key><ETag>"\(eTag)"</ETag><Type>\(type)</Type><Size>\(size)</Size>
            <LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>
            """)
    }

    /// A response to HeadObject with a date.
    private static func head(eTag: String = md5, length: Int = 10, crc: String? = crc) -> HTTPResponse {
        var response = entire(eTag: eTag, length: length, crc: crc, type: "Normal")
        response.headers["Last-Modified"] = "Thu, 01 Jan 2026 00:00:00 GMT"
        return response
    }

    private static let folders: [Case] = [
        Case(
            name: "the listed ETag", code: .sourceChanged, discards: true,
            right: [listing(), entire(eTag: md5, crc: crc)],
            wrong: [listing(), entire(eTag: otherMD5, crc: crc), head(), entire(eTag: otherMD5, crc: crc)],
            call: downloadFolder),
        Case(
            name: "the listed size", code: .sourceChanged, discards: true,
            right: [listing(), entire(eTag: md5, crc: crc)],
            wrong: [
                listing(), entire(eTag: md5, length: 9, body: bytes.prefix(9)), head(),
                entire(eTag: md5, length: 9, body: bytes.prefix(9)),
            ], call: downloadFolder),
        Case(
            name: "the listed size, if the response has no length", code: .truncatedBody, discards: true,
            right: [listing(), entire(eTag: md5, length: nil, type: "Normal")],
            wrong: [listing(), entire(eTag: md5, length: nil, body: bytes.prefix(7))], call: downloadFolder),
        Case(
            name: "the CRC-64 of a listed object", code: .checksumMismatch, discards: true,
            right: [listing(), entire(eTag: md5, crc: crc)], wrong: [listing(), entire(eTag: md5, crc: "1")],
            call: downloadFolder),
        Case(
            name: "the MD5 that only the listing reports", code: .checksumMismatch,
            right: [listing(), entire(eTag: md5)],
            wrong: [listing(), entire(eTag: md5, body: Data("9876543210".utf8))], call: downloadFolder),
        Case(
            name: "the ETag of a compared object", code: .sourceChanged,
            right: [listing(eTag: "E-2", type: "Multipart"), head(eTag: "E-2")],
            wrong: [listing(eTag: "E-2", type: "Multipart"), head(eTag: "F-2")], call: checkFolder),
        Case(
            name: "the size of a compared object", code: .sourceChanged,
            right: [listing(eTag: "E-2", type: "Multipart"), head(eTag: "E-2")],
            wrong: [listing(eTag: "E-2", type: "Multipart"), head(eTag: "E-2", length: 11)], call: checkFolder),
        Case(
            name: "the CRC-64 of a compared object", code: .sourceChanged,
            right: [listing(eTag: "E-2", type: "Multipart"), head(eTag: "E-2")],
            wrong: [listing(eTag: "E-2", type: "Multipart"), head(eTag: "E-2", crc: "1")], call: checkFolder),
    ]

    // MARK: Tests

    @Test(
        "A response that differs from the correct one in one value never becomes a success",
        arguments: objects + writes + folders)
    func mismatch(of item: Case) async throws {
        let directory = try ScratchDirectory()
        let (right, accepted) = try Bucket.listed(item.right)
        try await item.call(right, directory)
        #expect(accepted.requests.count == item.right.count)
        #expect(accepted.discards == 0)

        let other = try ScratchDirectory()
        let (wrong, refused) = try Bucket.listed(item.wrong)
        let error = await #expect(throws: OSSError.self) { try await item.call(wrong, other) }
        #expect(error?.code == item.code, "\(error.map { "\($0)" } ?? "")")
        #expect((refused.discards > 0) == item.discards)
        #expect(!FileManager.default.fileExists(atPath: other["copy"]))
        #expect(!FileManager.default.fileExists(atPath: other["down/k"]))
    }

    @Test(
        "The rest of a response that was cut off starts where the first part ends, and ends at the end of the object",
        arguments: [(5, 9, 10), (4, 8, 9), (4, 9, 10), (5, 8, 10)])
    func continuation(_ first: Int, _ last: Int, _ size: Int) async throws {
        var start = Self.entire()
        start.headers[ListedResponses.cut] = "5"
        let rest = HTTPResponse(
            status: 206, headers: ["ETag": "\"T\"", "Content-Range": "bytes \(first)-\(last)/\(size)"],
            body: Self.bytes[first...last])
        let (bucket, transport) = try Bucket.listed(
            [Self.entire(), start, rest, Self.entire(), Self.entire()], attempts: 2)
        let directory = try ScratchDirectory()
        if (first, last) == (5, 9) {
            try await Self.download(bucket, directory)
        } else {
            let error = await #expect(throws: OSSError.self) { try await Self.download(bucket, directory) }
            #expect(error?.code == .invalidResponse)
            #expect(!FileManager.default.fileExists(atPath: directory["copy"]))
        }
        #expect(transport.requests.dropFirst(2).first?.headers["Range"] == "bytes=5-")
    }

    @Test("HeadObject for a missing length or checksum refers to the object of the response")
    func headIsConditional() async throws {
        let (bucket, transport) = try Bucket.listed([
            Self.entire(length: nil), Self.entire(length: nil), Self.entire(), Self.entire(crc: Self.crc),
        ])
        try await Self.download(bucket, try ScratchDirectory())
        let heads = transport.requests.filter { $0.method == .head }
        #expect(heads.map { $0.headers["If-Match"] } == ["\"T\"", "\"T\""])
    }

    @Test("HeadObject after a write refers to the object of the response")
    func headOfWriteIsConditional() async throws {
        let (uploading, uploads) = try Bucket.listed(Self.untilCompleted + [Self.completed])
        try await Self.upload(uploading, try ScratchDirectory())
        #expect(uploads.requests.last?.method == .head)
        #expect(uploads.requests.last?.headers["If-Match"] == "\"E-2\"")

        let (copying, copies) = try Bucket.listed([Self.entire(), Self.copied, Self.entire()])
        try await Self.copy(copying, try ScratchDirectory())
        #expect(copies.requests.last?.headers["If-Match"] == "\"T\"")
    }

    @Test("A file that changes after its last part was sent does not become an object")
    func changeBeforeCompletion() async throws {
        let directory = try ScratchDirectory()
        let (bucket, transport) = try Bucket.listed(Self.untilCompleted + [Self.completed]) { index in
            if index == 2 { try directory.write("file", Self.large) }
        }
        let error = await #expect(throws: OSSError.self) { try await Self.upload(bucket, directory) }
        #expect(error?.code == .sourceChanged)
        #expect(!transport.requests.contains { $0.method == .post && $0.url.contains("uploadId=") })
    }

    @Test("Both the size and the ETag of a listed object are compared")
    func listedObject() throws {
        let listed = ListedObject(size: 10, eTag: "E")
        #expect(listed.problem(size: 10, eTag: "E") == nil)
        #expect(listed.problem(size: 10, eTag: "F")?.code == .sourceChanged)
        #expect(listed.problem(size: 11, eTag: "E")?.code == .sourceChanged)
        #expect(ListedObject(size: 10).problem(size: 10, eTag: "F") == nil)
        let headers: HTTPHeaders = ["ETag": "\"E\""]
        try listed.check(ObjectMetadata("k", size: 10, headers: headers))
        #expect(throws: OSSError.self) { try listed.check(ObjectMetadata("k", size: 11, headers: headers)) }
    }

    @Test("The object after a change is the same one, a newer one, or none")
    func successor() {
        let listed = RemoteEntry(
            key: "k", size: 10, eTag: "E", type: "Normal", modified: Date(timeIntervalSince1970: 1000))
        func successor(_ size: Int64, _ eTag: String, _ seconds: Double?) -> RemoteEntry? {
            listed.successor(
                StoredObject(size: size, eTag: eTag, modified: seconds.map { Date(timeIntervalSince1970: $0) }))
        }
        // The same object, although the date is unknown or wrong.
        #expect(successor(10, "E", nil)?.eTag == "E")
        #expect(successor(10, "E", 1)?.eTag == "E")
        #expect(successor(11, "E", 1000)?.size == 11)
        #expect(successor(10, "F", 1001)?.eTag == "F")
        #expect(successor(10, "F", 999) == nil)
        #expect(successor(10, "F", nil) == nil)
    }
}
