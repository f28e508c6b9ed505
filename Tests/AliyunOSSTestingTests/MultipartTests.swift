import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock multipart uploads")
struct MultipartTests {
    let server: MockOSSServer
    let piece = String(repeating: "0123456789abcdef", count: 6400)

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"], blocksPublicAccess: false))
    }

    @Test("Parts of a sequential upload must arrive in order")
    func outOfOrder() throws {
        let id = try #require(try server.request("POST", "/photos/big?uploads&sequential").element("UploadId"))
        _ = try server.uploadPart(1, piece, id)
        let early = try server.request("PUT", "/photos/big?partNumber=3&uploadId=\(id)", body: "x")
        #expect(early.status == 400 && early.element("Code") == "PartNotSequential")
        _ = try server.uploadPart(2, piece, id)
        _ = try server.uploadPart(1, piece, id)
        _ = try server.uploadPart(3, "tail", id)
        #expect(try server.request("GET", "/photos/big?uploadId=\(id)").elements("PartNumber") == ["1", "2", "3"])
    }

    @Test("A sequential upload results in an object with an MD5")
    func sequential() throws {
        for (query, digest) in [("", nil), ("&sequential", "XUFAKrxLKna5cZ2REBfFkg==")] {
            let begun = try server.request("POST", "/photos/big?uploads\(query)")
            let id = try #require(begun.element("UploadId"))
            #expect(try server.completeUpload([(1, server.uploadPart(1, "hello", id))], id).status == 200)
            for method in ["GET", "HEAD"] {
                #expect(try server.request(method, "/photos/big").headers["content-md5"] == digest)
            }
        }
    }

    @Test("CompleteMultipartUpload with a wrong MD5 is rejected")
    func completionDigest() throws {
        let id = try server.initiateUpload()
        let eTag = try server.uploadPart(1, "hello", id)
        let body =
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(eTag)</ETag></Part>"
            + "</CompleteMultipartUpload>"
        let target = "/photos/big?uploadId=\(id)"
        for digest in ["XUFAKrxLKna5cZ2REBfFkg==", "no"] {
            let all: KeyValuePairs = ["Content-MD5": digest, "x-oss-complete-all": "yes"]
            for refused in [
                try server.request("POST", target, headers: ["Content-MD5": digest], body: body),
                try server.request("POST", target, headers: all, body: ""),
            ] {
                #expect(refused.status == 400 && refused.element("Code") == "InvalidDigest")
            }
        }
        #expect(server.keys(in: "photos").isEmpty)
        let digest = Data(MD5.hash(Array(body.utf8))).base64EncodedString()
        #expect(try server.request("POST", target, headers: ["Content-MD5": digest], body: body).status == 200)
        // Configuration documents are checked as well.
        let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        let refused = try server.request(
            "PUT", "/photos?versioning", headers: ["Content-MD5": digest], body: versioning)
        #expect(refused.element("Code") == "InvalidDigest")
    }

    @Test("Parts become one object with the service's ETag and the CRC-64 of the entire content")
    func wholeUpload() throws {
        let id = try server.initiateUpload(["x-oss-meta-a": "1", "Content-Type": "t/x"])
        #expect(server.statistics.openUploads == 1)
        _ = try server.uploadPart(3, "replaced", id)
        let parts = try [(1, server.uploadPart(1, piece, id)), (3, server.uploadPart(3, "tail", id))]
        #expect(try server.request("GET", "/photos/big").status == 404)
        let listed = try server.request("GET", "/photos/big?uploadId=\(id)")
        #expect(listed.elements("PartNumber") == ["1", "3"])
        #expect(listed.elements("Size") == ["102400", "4"])

        let done = try server.completeUpload(parts, id)
        #expect(done.status == 200)
        let got = try server.request("GET", "/photos/big")
        #expect(got.text == piece + "tail")
        #expect(got.headers["x-oss-object-type"] == "Multipart")
        #expect(got.headers["x-oss-meta-a"] == "1")
        #expect(got.headers["content-md5"] == nil)
        #expect(got.headers["etag"]?.hasSuffix("-2\"") == true)
        #expect(got.headers["etag"] == done.headers["etag"])
        #expect(try server.request("GET", "/photos/big", headers: ["Range": "bytes=102398-102401"]).text == "efta")
        let whole = try server.request("PUT", "/photos/whole", body: piece + "tail")
        #expect(whole.headers["x-oss-hash-crc64ecma"] == got.headers["x-oss-hash-crc64ecma"])
        #expect(server.statistics.openUploads == 0)
        #expect(try server.completeUpload(parts, id).element("Code") == "NoSuchUpload")
    }

    @Test("A multipart ETag is the hash of the text of the parts' ETags")
    func eTag() throws {
        let id = try server.initiateUpload()
        let parts = try [(1, server.uploadPart(1, piece, id)), (2, server.uploadPart(2, "x", id))]
        let text = parts.map(\.1).joined()
        let digest = try #require(try server.request("PUT", "/photos/text", body: text).headers["etag"])
        #expect(try server.completeUpload(parts, id).headers["etag"] == "\(digest.dropLast())-2\"")
    }

    @Test("A rejected CompleteMultipartUpload leaves the upload incomplete")
    func refusals() throws {
        let id = try server.initiateUpload()
        let first = try server.uploadPart(1, "small", id)
        let second = try server.uploadPart(2, piece, id)
        let cases: [([(Int, String)], String)] = [
            ([(2, second), (1, first)], "InvalidPartOrder"), ([(1, first), (1, first)], "InvalidPartOrder"),
            ([(1, second)], "InvalidPart"), ([(9, first)], "InvalidPart"),
            ([(1, first), (2, second)], "EntityTooSmall"),
        ]
        for (parts, code) in cases {
            let response = try server.completeUpload(parts, id)
            #expect(response.status == 400)
            #expect(response.element("Code") == code)
        }
        for number in ["0", "10001", "x"] {
            let target = "/photos/big?partNumber=\(number)&uploadId=\(id)"
            #expect(try server.request("PUT", target, body: "x").element("Code") == "InvalidArgument")
        }
        let both = try server.request(
            "POST", "/photos/big?uploadId=\(id)", headers: ["x-oss-complete-all": "yes"], body: "<x/>")
        #expect(both.element("Code") == "InvalidArgument" && both.element("EC") == "0042-00000216")
        #expect(both.element("Message") == "Should not speficy both complete all header and http body.")
        for body in ["", "<x/>", "<CompleteMultipartUpload>"] {
            let response = try server.request("POST", "/photos/big?uploadId=\(id)", body: body)
            #expect(response.element("Code") == "MalformedXML" && response.element("EC") == "0042-00000205")
        }
        // The error number of a missing upload depends on the operation.
        for (method, headers, ec) in [
            ("PUT", [:], "0042-00000104"), ("PUT", ["x-oss-copy-source": "/photos/none"], "0042-00000311"),
            ("GET", [:], "0042-00000002"), ("DELETE", [:], "0042-00000002"), ("POST", [:], "0042-00000002"),
        ] as [(String, KeyValuePairs<String, String>, String)] {
            let number = method == "PUT" ? "partNumber=1&" : ""
            let response = try server.request(method, "/photos/big?\(number)uploadId=x", headers: headers, body: "x")
            #expect(response.status == 404)
            #expect(response.element("Code") == "NoSuchUpload" && response.element("EC") == ec, "\(method)")
        }
        #expect(try server.request("PUT", "/photos/big?partNumber=1&uploadId=x", body: "x").status == 404)
        #expect(try server.request("PUT", "/photos/other?partNumber=1&uploadId=\(id)", body: "x").status == 404)
        #expect(try server.request("DELETE", "/photos").status == 409)
        let all = try server.request(
            "POST", "/photos/big?uploadId=\(id)", headers: ["x-oss-complete-all": "yes"], body: "")
        #expect(all.element("Code") == "EntityTooSmall")
        #expect(try server.request("DELETE", "/photos/big?uploadId=\(id)").status == 204)
        #expect(try server.request("DELETE", "/photos/big?uploadId=\(id)").status == 404)
        #expect(server.statistics.openUploads == 0)
    }

    @Test("CompleteMultipartUpload with an empty list creates an empty object", arguments: [false, true])
    func noParts(isInFolder: Bool) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try MockOSSServer(.init(buckets: ["photos"], storage: isInFolder ? .folder(folder.path) : .memory))
        let id = try #require(try server.request("POST", "/photos/big?uploads").element("UploadId"))
        let target = "/photos/big?uploadId=\(id)"
        let all = try server.request("POST", target, headers: ["x-oss-complete-all": "yes"], body: "")
        #expect(all.element("Code") == "MalformedXML")
        let body = "<CompleteMultipartUpload></CompleteMultipartUpload>"
        #expect(try server.request("POST", target, body: body).status == 200)
        let got = try server.request("GET", "/photos/big")
        #expect(got.status == 200 && got.text == "")
        #expect(got.headers["etag"]?.hasSuffix("-0\"") == true)
    }

    @Test("UploadPartCopy copies an object or a range of it")
    func partCopy() throws {
        try server.put("source", Data((piece + piece).utf8), in: "photos")
        let id = try server.initiateUpload()
        let ranged = try server.request(
            "PUT", "/photos/big?partNumber=1&uploadId=\(id)",
            headers: ["x-oss-copy-source": "/photos/source", "x-oss-copy-source-range": "bytes=0-102399"])
        #expect(ranged.status == 200)
        #expect(ranged.headers["content-range"] == "bytes 0-102399/204800")
        let whole = try server.request(
            "PUT", "/photos/big?partNumber=2&uploadId=\(id)", headers: ["x-oss-copy-source": "/photos/source"])
        #expect(whole.headers["content-range"] == nil)
        let done = try server.request(
            "POST", "/photos/big?uploadId=\(id)", headers: ["x-oss-complete-all": "yes"], body: "")
        #expect(done.status == 200)
        #expect(try server.request("GET", "/photos/big").text == piece + piece + piece)
    }

    @Test("Published multipart ETags follow from those of their parts")
    func publishedETags() throws {
        let vectors = DerivedFormat.load().filter { $0.kind == "multipart-etag" && $0.input.count > 1 }
        for vector in vectors { #expect(Service.eTag(ofParts: vector.input) == vector.expected) }
        #expect(vectors.count == 2)
    }

    @Test("CompleteMultipartUpload accepts ETags without quotation marks and removes parts that it does not list")
    func chosenParts() throws {
        let id = try server.initiateUpload(["x-oss-tagging": "a=b", "x-oss-storage-class": "IA"])
        let eTags = try [5, 7, 10_000].map { try server.uploadPart($0, piece + "\($0)", id) }
        let body =
            "<CompleteMultipartUpload><Part><PartNumber>5</PartNumber><ETag>\(eTags[0])</ETag></Part>"
            + "<Part><PartNumber>10000</PartNumber><ETag>\(eTags[2].lowercased())</ETag></Part>"
            + "</CompleteMultipartUpload>"
        let done = try server.request(
            "POST", "/photos/big?uploadId=\(id)&encoding-type=url", headers: ["x-oss-object-acl": "public-read"],
            body: body)
        #expect(done.status == 200)
        #expect(done.element("EncodingType") == "url")
        #expect(done.element("ETag") == done.headers["etag"]?.replacingOccurrences(of: "\"", with: "&#34;"))
        let got = try server.request("GET", "/photos/big")
        #expect(got.text == piece + "5" + piece + "10000")
        #expect(got.headers["x-oss-tagging-count"] == "1")
        #expect(got.headers["x-oss-storage-class"] == "IA")
        #expect(try server.request("GET", "/photos/big?acl").element("Grant") == "public-read")
        for target in ["/photos/big?uploadId=\(id)", "/photos/big?partNumber=1&uploadId=\(id)"] {
            let method = target.contains("partNumber") ? "PUT" : "GET"
            let response = try server.request(method, target, body: method == "PUT" ? "x" : nil)
            #expect(response.status == 404)
            #expect(response.element("Code") == "NoSuchUpload")
        }
    }

    @Test("An upload that forbids overwriting stays incomplete if the object exists")
    func forbiddenOverwrite() throws {
        let id = try server.initiateUpload()
        let parts = try [(1, server.uploadPart(1, "x", id))]
        try server.put("big", Data("old".utf8), in: "photos")
        let headers: KeyValuePairs<String, String> = ["x-oss-forbid-overwrite": "true"]
        #expect(
            try server.request("POST", "/photos/big?uploads", headers: headers).element("Code") == "FileAlreadyExists")
        let list = "<Part><PartNumber>1</PartNumber><ETag>\(parts[0].1)</ETag></Part>"
        let refused = try server.request(
            "POST", "/photos/big?uploadId=\(id)", headers: headers,
            body: "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>")
        #expect(refused.status == 409)
        #expect(server.data(of: "big", in: "photos") == Data("old".utf8))
        #expect(server.statistics.openUploads == 1)
        #expect(try server.completeUpload(parts, id).status == 200)
        #expect(server.data(of: "big", in: "photos") == Data("x".utf8))
    }

    @Test("A part with a wrong checksum is rejected with the service's error")
    func damagedParts() throws {
        let id = try server.initiateUpload()
        let target = "/photos/big?partNumber=1&uploadId=\(id)"
        let cases: [(KeyValuePairs<String, String>, String)] = [
            (["Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="], "InvalidDigest"),
            (["x-oss-hash-crc64ecma": "1"], "InvalidCRC64"),
        ]
        for (headers, code) in cases {
            #expect(try server.request("PUT", target, headers: headers, body: "hello").element("Code") == code)
        }
        #expect(try server.request("GET", "/photos/big?uploadId=\(id)").elements("PartNumber").isEmpty)
        let good = try server.request(
            "PUT", target, headers: ["Content-MD5": "XrY7u+Ae7tCTyyK7j1rNww=="], body: "hello world")
        #expect(good.headers["content-md5"] == "XrY7u+Ae7tCTyyK7j1rNww==")
        #expect(good.headers["x-oss-hash-crc64ecma"] == "5981764153023615706")
        let listed = try server.request("GET", "/photos/big?uploadId=\(id)")
        #expect(listed.element("HashCrc64ecma") == "5981764153023615706")
        #expect(listed.element("ETag") == "&#34;5EB63BBBE01EEED093CB22BB8F5ACDC3&#34;")
    }

    @Test("Of many concurrent completions of an upload, exactly one succeeds")
    func completionRace() async throws {
        let id = try server.initiateUpload()
        let parts = try [(1, server.uploadPart(1, "x", id))]
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try server.completeUpload(parts, id).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200] + Array(repeating: 404, count: 7))
    }

    @Test("A fault can match a part number")
    func partFault() throws {
        let id = try server.initiateUpload()
        server.add(MockFault(.respond(status: 500, code: "InternalError"), when: .init(partNumber: 2)))
        _ = try server.uploadPart(1, "1", id)
        #expect(server.unusedFaults.count == 1)
        let failed = try server.request("PUT", "/photos/big?partNumber=2&uploadId=\(id)", body: "2")
        #expect(failed.status == 500)
        #expect(server.unusedFaults.isEmpty)
        let json = #"{"action": "challenge", "operation": "UploadPart", "partNumber": 3}"#
        #expect(try server.request("POST", "/-/faults", body: json).status == 200)
        _ = try server.uploadPart(2, "2", id)
        #expect(try server.request("PUT", "/photos/big?partNumber=3&uploadId=\(id)", body: "3").status == 401)
        #expect(server.unusedFaults.isEmpty)
        let logged = server.requests.filter { $0.operation == "UploadPart" }
        #expect(logged.map { $0.query.first { $0.name == "partNumber" }?.value } == ["1", "2", "2", "3"])
    }

    @Test("Ranges and faults apply at the right offsets of a multipart object")
    func acrossParts() throws {
        let id = try server.initiateUpload()
        let texts = ["a", "b", "c"].map { String(repeating: $0, count: 100 * 1024) } + ["tail"]
        let parts = try texts.enumerated().map { ($0 + 1, try server.uploadPart($0 + 1, $1, id)) }
        #expect(try server.completeUpload(parts, id).status == 200)
        let whole = Array(texts.joined().utf8)
        for (first, last) in [(0, 0), (102_399, 102_400), (102_400, 204_799), (0, whole.count - 1), (307_199, 307_203)]
        {
            let got = try server.request("GET", "/photos/big", headers: ["Range": "bytes=\(first)-\(last)"])
            #expect(got.status == 206)
            #expect(got.body == Array(whole[first...last]), "\(first)-\(last)")
        }
        server.add(MockFault(.corruptBody(at: 204_800), when: .init(operation: "GetObject")))
        var expected = whole
        expected[204_800] ^= 0xFF
        #expect(try server.request("GET", "/photos/big").body == expected)
        server.add(MockFault(.truncateBody(after: 204_801), when: .init(operation: "GetObject")))
        let cut = try server.request("GET", "/photos/big")
        #expect(!cut.isComplete)
        #expect(cut.body == Array(whole[..<204_801]))
        #expect(server.unusedFaults.isEmpty)
    }
}
