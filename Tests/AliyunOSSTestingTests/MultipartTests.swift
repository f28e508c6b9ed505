import AliyunOSSTesting
import Foundation
import Testing

@Suite("Uploads in parts, and appending")
struct MultipartTests {
    let server: MockOSSServer
    let piece = String(repeating: "0123456789abcdef", count: 6400)

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    private func initiate(_ headers: KeyValuePairs<String, String> = [:]) throws -> String {
        let response = try server.request("POST", "/photos/big?uploads", headers: headers)
        #expect(response.status == 200)
        return try #require(response.element("UploadId"))
    }

    private func upload(_ number: Int, _ body: String, _ id: String) throws -> String {
        let response = try server.request("PUT", "/photos/big?partNumber=\(number)&uploadId=\(id)", body: body)
        #expect(response.status == 200)
        return try #require(response.headers["etag"]).filter { $0 != "\"" }
    }

    private func complete(_ parts: [(Int, String)], _ id: String) throws -> RawResponse {
        let list = parts.map { "<Part><PartNumber>\($0.0)</PartNumber><ETag>\"\($0.1)\"</ETag></Part>" }.joined()
        return try server.request(
            "POST", "/photos/big?uploadId=\(id)",
            body: "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>")
    }

    @Test("Parts become one object, with the service's ETag and the checksum of the whole")
    func wholeUpload() throws {
        let id = try initiate(["x-oss-meta-a": "1", "Content-Type": "t/x"])
        #expect(server.statistics.openUploads == 1)
        _ = try upload(3, "replaced", id)
        let parts = try [(1, upload(1, piece, id)), (3, upload(3, "tail", id))]
        #expect(try server.request("GET", "/photos/big").status == 404)
        let listed = try server.request("GET", "/photos/big?uploadId=\(id)")
        #expect(listed.elements("PartNumber") == ["1", "3"])
        #expect(listed.elements("Size") == ["102400", "4"])

        let done = try complete(parts, id)
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
        #expect(try complete(parts, id).element("Code") == "NoSuchUpload")
    }

    @Test("The ETag of an upload digests the text of its parts' ETags")
    func eTag() throws {
        let id = try initiate()
        let parts = try [(1, upload(1, piece, id)), (2, upload(2, "x", id))]
        let text = parts.map(\.1).joined()
        let digest = try #require(try server.request("PUT", "/photos/text", body: text).headers["etag"])
        #expect(try complete(parts, id).headers["etag"] == "\(digest.dropLast())-2\"")
    }

    @Test("What Complete refuses leaves the upload open")
    func refusals() throws {
        let id = try initiate()
        let first = try upload(1, "small", id)
        let second = try upload(2, piece, id)
        let cases: [([(Int, String)], String)] = [
            ([(2, second), (1, first)], "InvalidPartOrder"), ([(1, first), (1, first)], "InvalidPartOrder"),
            ([(1, second)], "InvalidPart"), ([(9, first)], "InvalidPart"),
            ([(1, first), (2, second)], "EntityTooSmall"),
            ([], "MalformedXML"),
        ]
        for (parts, code) in cases {
            let response = try complete(parts, id)
            #expect(response.status == 400)
            #expect(response.element("Code") == code)
        }
        for number in ["0", "10001", "x"] {
            let target = "/photos/big?partNumber=\(number)&uploadId=\(id)"
            #expect(try server.request("PUT", target, body: "x").element("Code") == "InvalidArgument")
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

    @Test("A part can be copied from an object, in whole or in part")
    func partCopy() throws {
        try server.put("source", Data((piece + piece).utf8), in: "photos")
        let id = try initiate()
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

    @Test("Open uploads are listed by key and id, in pages and groups")
    func uploads() throws {
        let keys = ["a/1", "a/2", "b", "b", "c"]
        for key in keys { #expect(try server.request("POST", "/photos/\(key)?uploads").status == 200) }
        let all = try server.request("GET", "/photos?uploads")
        #expect(all.elements("Key") == keys)
        #expect(all.element("IsTruncated") == "false")
        var seen: [String] = []
        var query = ""
        while true {
            let page = try server.request("GET", "/photos?uploads&max-uploads=2\(query)")
            seen += page.elements("UploadId")
            guard page.element("IsTruncated") == "true" else { break }
            query =
                "&key-marker=\(page.element("NextKeyMarker") ?? "")"
                + "&upload-id-marker=\(page.element("NextUploadIdMarker") ?? "")"
        }
        #expect(seen == all.elements("UploadId"))
        let grouped = try server.request("GET", "/photos?uploads&delimiter=/")
        #expect(grouped.elements("CommonPrefixes") == ["<Prefix>a/</Prefix>"])
        #expect(grouped.elements("Key") == ["b", "b", "c"])
    }

    @Test("Appending goes on at the end and nowhere else")
    func append() throws {
        let first = try server.request(
            "POST", "/photos/log?append&position=0", headers: ["x-oss-meta-a": "1"], body: "abc")
        #expect(first.status == 200)
        #expect(first.headers["x-oss-next-append-position"] == "3")
        let second = try server.request("POST", "/photos/log?append&position=3", body: "def")
        let wrong = try server.request("POST", "/photos/log?append&position=3", body: "def")
        #expect(wrong.status == 409)
        #expect(wrong.element("Code") == "PositionNotEqualToLength")
        #expect(wrong.headers["x-oss-next-append-position"] == "6")
        let got = try server.request("GET", "/photos/log")
        #expect(got.text == "abcdef")
        #expect(got.headers["x-oss-object-type"] == "Appendable")
        #expect(got.headers["x-oss-next-append-position"] == "6")
        #expect(got.headers["x-oss-meta-a"] == "1")
        let whole = try server.request("PUT", "/photos/whole", body: "abcdef")
        #expect(whole.headers["x-oss-hash-crc64ecma"] == second.headers["x-oss-hash-crc64ecma"])
        #expect(
            try server.request("POST", "/photos/whole?append&position=6", body: "x").element("Code")
                == "ObjectNotAppendable")
    }
}
