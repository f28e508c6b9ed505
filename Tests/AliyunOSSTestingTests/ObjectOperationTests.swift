import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock object operations")
struct ObjectOperationTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos", "other"]))
    }

    @Test("GetObject returns the content and the attributes of PutObject")
    func putAndGet() throws {
        let put = try server.request(
            "PUT", "/photos/a.txt",
            headers: [
                "Content-Type": "text/plain", "Cache-Control": "no-store", "x-oss-meta-Author": "alice",
                "x-oss-storage-class": "IA", "x-oss-tagging": "a=b&c=", "Content-MD5": "XrY7u+Ae7tCTyyK7j1rNww==",
                "x-oss-hash-crc64ecma": "5981764153023615706",
            ], body: "hello world")
        #expect(put.status == 200)
        #expect(put.headers["etag"] == "\"5EB63BBBE01EEED093CB22BB8F5ACDC3\"")
        #expect(put.headers["server"] == "AliyunOSS")
        let id = try #require(put.headers["x-oss-request-id"])
        #expect(id.count == 24 && id.allSatisfy { $0.isHexDigit && !$0.isLowercase })

        let get = try server.request("GET", "/photos/a.txt")
        #expect(get.status == 200)
        #expect(get.text == "hello world")
        let head = try server.request("HEAD", "/photos/a.txt")
        for response in [get, head] {
            #expect(response.headers["content-type"] == "text/plain")
            #expect(response.headers["content-length"] == "11")
            #expect(response.headers["cache-control"] == "no-store")
            #expect(response.headers["x-oss-meta-author"] == "alice")
            #expect(response.headers["x-oss-storage-class"] == "IA")
            #expect(response.headers["x-oss-tagging-count"] == "2")
            #expect(response.headers["x-oss-object-type"] == "Normal")
            #expect(response.headers["x-oss-hash-crc64ecma"] == "5981764153023615706")
            #expect(response.headers["accept-ranges"] == "bytes")
            #expect(response.headers["last-modified"]?.hasSuffix("GMT") == true)
        }
        let meta = try server.request("HEAD", "/photos/a.txt?objectMeta")
        #expect(meta.headers["content-length"] == "11")
        #expect(meta.headers["content-type"] == nil)
    }

    @Test(
        "A PutObject with a wrong MD5 or CRC-64 stores nothing",
        arguments: [
            ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==", "InvalidDigest"), ("Content-MD5", "no", "InvalidDigest"),
            ("x-oss-hash-crc64ecma", "1", "InvalidCRC64"),
        ])
    func digests(header: String, value: String, code: String) throws {
        let response = try server.request("PUT", "/photos/k", headers: [header: value], body: "hello")
        #expect(response.status == 400)
        #expect(response.element("Code") == code)
        #expect(server.keys(in: "photos").isEmpty)
    }

    @Test("Invalid requests return the service's errors")
    func refusals() throws {
        try server.put("k", Data("1".utf8), in: "photos")
        let cases: [(String, String, KeyValuePairs<String, String>, Int, String)] = [
            ("GET", "/photos/none", [:], 404, "NoSuchKey"), ("GET", "/nobucket/k", [:], 404, "NoSuchBucket"),
            ("PUT", "/photos/k", ["x-oss-forbid-overwrite": "true"], 409, "FileAlreadyExists"),
            ("PUT", "/photos/k", ["x-oss-storage-class": "Gold"], 400, "InvalidArgument"),
            ("PUT", "/photos/k", ["x-oss-object-acl": "everyone"], 400, "InvalidArgument"),
            ("PUT", "/photos/" + String(repeating: "k", count: 1024), [:], 400, "InvalidObjectName"),
            ("PUT", "/photos//k", [:], 400, "InvalidObjectName"),
            ("PUT", "/photos/k", ["If-Modified-Since": "x"], 400, "NotImplemented"),
            ("GET", "/photos/k?vod", [:], 400, "NotImplemented"),
            ("GET", "/photos?asyncFetch", [:], 400, "NotImplemented"),
            ("GET", "/photos/k?x-oss-process=image/info", [:], 400, "NotImplemented"),
            ("PATCH", "/photos/k", [:], 405, "MethodNotAllowed"),
            ("GET", "/photos/k?versionId=x", [:], 400, "InvalidArgument"),
        ]
        for (method, target, headers, status, code) in cases {
            let response = try server.request(method, target, headers: headers, body: method == "PUT" ? "x" : nil)
            #expect(response.status == status, "\(method) \(target)")
            #expect(response.element("Code") == code, "\(method) \(target)")
            #expect(response.headers["x-oss-ec"] == response.element("EC"))
            #expect(response.element("RequestId") == response.headers["x-oss-request-id"])
        }
        #expect(server.data(of: "k", in: "photos") == Data("1".utf8))
    }

    @Test("The error of a HEAD request is returned in a header")
    func headError() throws {
        let response = try server.request("HEAD", "/photos/none")
        #expect(response.status == 404)
        let encoded = try #require(response.headers["x-oss-err"])
        let xml = String(decoding: try #require(Data(base64Encoded: encoded)), as: UTF8.self)
        #expect(xml.contains("<Code>NoSuchKey</Code>"))
        #expect(response.headers["x-oss-ec"] == "0026-00000001")
    }

    @Test("Conditions are evaluated as the service does")
    func conditions() throws {
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.clock = { now }
        let server = try MockOSSServer(configuration)
        try server.put("k", Data("hello world".utf8), in: "photos")
        let tag = "5EB63BBBE01EEED093CB22BB8F5ACDC3"
        let (same, earlier, later) = (
            "Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:13:19 GMT", "Tue, 14 Nov 2023 22:13:21 GMT"
        )
        let cases: [(KeyValuePairs<String, String>, Int)] = [
            (["If-Match": "\"\(tag)\""], 200), (["If-Match": tag.lowercased()], 200), (["If-Match": "\"other\""], 412),
            (["If-None-Match": "\"\(tag)\""], 304), (["If-None-Match": "\"other\""], 200),
            (["If-Modified-Since": same], 304), (["If-Modified-Since": earlier], 200),
            (["If-Modified-Since": later], 304), (["If-Unmodified-Since": same], 200),
            (["If-Unmodified-Since": earlier], 412), (["If-Match": "*"], 200),
        ]
        for (headers, status) in cases {
            let response = try server.request("GET", "/photos/k", headers: headers)
            #expect(response.status == status, "\(headers)")
            if status == 304 { #expect(response.body.isEmpty) }
            #expect(try server.request("HEAD", "/photos/k", headers: headers).status == status, "HEAD \(headers)")
        }
    }

    @Test("response-* parameters replace response headers")
    func overrides() throws {
        try server.put("k", Data("x".utf8), in: "photos", headers: ["Content-Encoding": "gzip"])
        let response = try server.request(
            "GET", "/photos/k?response-content-encoding=identity&response-content-type=a%2Fb")
        #expect(response.headers["content-encoding"] == "identity")
        #expect(response.headers["content-type"] == "a/b")
        #expect(try server.request("GET", "/photos/k?response-expires=x%0D%0AInjected:%20yes").status == 400)
    }

    @Test(
        "Text of at least 1 KB is compressed for clients that accept gzip and request the entire object",
        arguments: ["text/plain; charset=utf-8", "text/html", "TEXT/HTML"])
    func compression(type: String) throws {
        let text = String(repeating: "a", count: 1024)
        let digest = try md5(text)
        try server.put("t", Data(text.utf8), in: "photos", headers: ["Content-Type": type])
        try server.put("short", Data("a".utf8), in: "photos", headers: ["Content-Type": "text/plain"])
        try server.put("binary", Data(text.utf8), in: "photos")
        let client = try RawClient(server)
        client.send("GET /photos/t HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n")
        let raw = String(decoding: client.readToEnd(), as: UTF8.self)
        #expect(raw.contains("Transfer-Encoding: chunked"))
        #expect(raw.contains("Content-Encoding: gzip"))
        #expect(raw.contains("Vary: Accept-Encoding"))
        #expect(!raw.contains("Content-Length") && !raw.contains("ETag") && !raw.contains("Accept-Ranges"))
        #expect(raw.contains("x-oss-hash-crc64ecma: ") && raw.contains("Content-MD5: \(digest)"))
        #expect(raw.contains(text) && raw.hasSuffix("\r\n0\r\n\r\n"))
        let asked: KeyValuePairs = ["Accept-Encoding": "gzip"]
        for key in ["short", "binary"] {
            #expect(try server.request("GET", "/photos/\(key)", headers: asked).headers["content-encoding"] == nil)
        }
        let part = try server.request("GET", "/photos/t", headers: ["Accept-Encoding": "gzip", "Range": "bytes=0-9"])
        #expect(part.text == "aaaaaaaaaa")
        let kept = try RawClient(server)
        for _ in 0..<2 {
            let head = try kept.request("HEAD", "/photos/t", headers: asked).headers
            #expect(head["content-length"] == nil && head["transfer-encoding"] == nil && head["etag"] == nil)
            #expect(head["content-encoding"] == "gzip" && head["vary"] == "Accept-Encoding")
            #expect(head["x-oss-hash-crc64ecma"] != nil && head["content-md5"] == digest)
            #expect(head["connection"] == "keep-alive")
        }
        let plain = try kept.request("HEAD", "/photos/t").headers
        #expect(plain["content-length"] == "1024" && plain["etag"] != nil && plain["vary"] == nil)
        #expect(try server.request("GET", "/photos/t").headers["content-length"] == "1024")
    }

    @Test("DELETE with a parameter of another operation deletes the object", arguments: ["symlink", "acl"])
    func deleteWithParameter(name: String) throws {
        try server.put("k", Data("x".utf8), in: "photos")
        #expect(try server.request("DELETE", "/photos/k?\(name)=").status == 204)
        #expect(server.keys(in: "photos").isEmpty)
    }

    @Test("CopyObject keeps or replaces metadata and evaluates the conditions on the source")
    func copy() throws {
        try server.put("a b", Data("hello".utf8), in: "photos", headers: ["x-oss-meta-a": "1", "Content-Type": "t/x"])
        let copy = try server.request(
            "PUT", "/other/c", headers: ["x-oss-copy-source": "/photos/a%20b", "x-oss-meta-b": "2"], body: "")
        #expect(copy.status == 200)
        #expect(copy.element("ETag")?.contains("5D41402ABC4B2A76B9719D911017C592") == true)
        let kept = try server.request("HEAD", "/other/c")
        #expect(kept.headers["x-oss-meta-a"] == "1" && kept.headers["x-oss-meta-b"] == nil)
        #expect(kept.headers["content-type"] == "t/x")

        let replace: KeyValuePairs = [
            "x-oss-copy-source": "/photos/a%20b", "x-oss-metadata-directive": "REPLACE", "x-oss-meta-b": "2",
        ]
        #expect(try server.request("PUT", "/other/c", headers: replace).status == 200)
        let replaced = try server.request("HEAD", "/other/c")
        #expect(replaced.headers["x-oss-meta-b"] == "2" && replaced.headers["x-oss-meta-a"] == nil)
        #expect(replaced.headers["content-type"] == "t/x")

        let source: (String, String) = ("x-oss-copy-source", "/photos/a%20b")
        #expect(
            try server.request(
                "PUT", "/other/d", headers: [source.0: source.1, "x-oss-copy-source-if-match": "\"no\""]
            ).status == 412)
        #expect(try server.request("PUT", "/other/d", headers: [source.0: "/photos/none"]).status == 404)
        #expect(try server.request("PUT", "/other/d", headers: [source.0: "/nobucket/k"]).status == 404)
        #expect(try server.request("PUT", "/other/d", headers: [source.0: "photos"]).status == 400)
        #expect(server.keys(in: "other") == ["c"])
    }

    @Test("A copy with new metadata keeps the client-side encryption unless it is replaced")
    func encryptedCopy() throws {
        let key = "x-oss-meta-client-side-encryption-key"
        try server.put(
            "a", Data("?".utf8), in: "photos", headers: [key: "K", "Content-Encoding": "c", "Content-Type": "t/x"])
        for (given, expected) in [(nil, "K"), ("L", "L")] {
            let client = try RawClient(server)
            client.send(
                "PUT /photos/b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nx-oss-copy-source: /photos/a\r\n"
                    + "x-oss-metadata-directive: REPLACE\r\nContent-Type: t/y\r\n"
                    + (given.map { "\(key): \($0)\r\n" } ?? "") + "\r\n")
            #expect(client.response()?.status == 200)
            let copy = try server.request("HEAD", "/photos/b")
            #expect(copy.headers[key] == expected)
            #expect(copy.headers["content-type"] == "t/y" && copy.headers["content-encoding"] == nil)
        }
    }

    @Test("Deletion is idempotent, single and in batches")
    func delete() throws {
        for key in ["a", "b", "c", "é"] { try server.put(key, Data(), in: "photos") }
        #expect(try server.request("DELETE", "/photos/a").status == 204)
        #expect(try server.request("DELETE", "/photos/a").status == 204)

        let body = "<Delete><Object><Key>b</Key></Object><Object><Key>é</Key></Object></Delete>"
        let digest = try md5(body)
        let deleted = try server.request(
            "POST", "/photos?delete&encoding-type=url", headers: ["Content-MD5": digest], body: body)
        #expect(deleted.status == 200)
        #expect(deleted.elements("Key") == ["b", "%C3%A9"])
        #expect(server.keys(in: "photos") == ["c"])

        // A form feed is invalid in XML, but oss2 sends it unescaped and the service accepts it.
        try server.put("a\u{C}b", Data(), in: "photos")
        let control = "<Delete><Object><Key>a\u{C}b</Key></Object></Delete>"
        let taken = try server.request(
            "POST", "/photos?delete&encoding-type=url", headers: ["Content-MD5": try md5(control)], body: control)
        #expect(taken.elements("Key") == ["a%0Cb"])
        #expect(server.keys(in: "photos") == ["c"])

        for (encoding, key) in [("url", "a%09b%0Ac"), ("URL", "a%09b%0Ac"), ("", "a\tb\nc")] {
            let blanks = "<Delete><Object><Key>a&#9;b&#10;c</Key></Object></Delete>"
            let answer = try server.request(
                "POST", "/photos?delete", headers: ["Content-MD5": try md5(blanks), "Encoding-type": encoding],
                body: blanks)
            #expect(answer.elements("Key") == [key])
        }
        let odd = try server.request(
            "POST", "/photos?delete", headers: ["Content-MD5": digest, "Encoding-type": "url2"], body: body)
        #expect(odd.status == 400 && odd.element("Code") == "InvalidArgument")
        #expect(odd.element("ArgumentName") == "encoding-type" && odd.element("ArgumentValue") == "url2")

        let quiet = "<Delete><Quiet>true</Quiet><Object><Key>c</Key></Object></Delete>"
        let silent = try server.request("POST", "/photos?delete", headers: ["Content-MD5": try md5(quiet)], body: quiet)
        #expect(silent.status == 200 && silent.body.isEmpty)

        #expect(try server.request("POST", "/photos?delete", body: body).element("Code") == "MissingArgument")
        #expect(
            try server.request("POST", "/photos?delete", headers: ["Content-MD5": digest], body: quiet)
                .element("Code") == "InvalidDigest")
        let broken = "<Delete>"
        #expect(
            try server.request("POST", "/photos?delete", headers: ["Content-MD5": try md5(broken)], body: broken)
                .element("Code") == "MalformedXML")
    }

    @Test("Keys are bytes: NFC and NFD forms of é are two objects, and paths are not normalized")
    func keys() throws {
        let keys = ["\u{E9}", "e\u{301}", "a/../b", "./x", "a//b", "a b+c%20", "%2e%2e/z", "dir/", "😀"]
        for (index, key) in keys.enumerated() {
            let path = "/photos/" + escaped(key)
            #expect(try server.request("PUT", path, body: "\(index)").status == 200)
        }
        for (index, key) in keys.enumerated() {
            #expect(try server.request("GET", "/photos/" + escaped(key)).text == "\(index)")
        }
        #expect(server.keys(in: "photos").count == keys.count)
        #expect(try server.request("GET", "/photos/a/../b").text == "2")
        #expect(server.requests.last?.target == "/photos/a/../b")
        #expect(server.requests.last?.key == "a/../b")
    }

    private func escaped(_ key: String) -> String {
        key.utf8.map {
            $0.isASCIILetter ? String(UnicodeScalar($0)) : "%" + String(0x100 + Int($0), radix: 16).dropFirst()
        }
        .joined()
    }

    /// Returns the MD5 that the server computes for the body.
    private func md5(_ body: String) throws -> String {
        try #require(try server.request("PUT", "/other/digest", body: body).headers["content-md5"])
    }
}

extension UInt8 {
    fileprivate var isASCIILetter: Bool { (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) }
}
