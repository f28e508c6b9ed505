import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

/// Clients treat a response without these headers as one of a foreign server.
@Suite("Mock response headers")
struct ResponseHeaderTests {
    private static let answers: [(String, String, KeyValuePairs<String, String>, String?, Int)] = [
        ("GET", "/", [:], nil, 200), ("PUT", "/made", [:], nil, 200), ("DELETE", "/made", [:], nil, 204),
        ("GET", "/photos", [:], nil, 200), ("GET", "/photos/k", [:], nil, 200), ("HEAD", "/photos/k", [:], nil, 200),
        ("GET", "/photos/k", ["Range": "bytes=0-1"], nil, 206),
        ("GET", "/photos/k", ["If-None-Match": "\"5D41402ABC4B2A76B9719D911017C592\""], nil, 304),
        ("GET", "/photos/k", ["If-Match": "\"x\""], nil, 412),
        ("GET", "/photos/k", ["Range": "bytes=9-", "x-oss-range-behavior": "standard"], nil, 416),
        ("HEAD", "/photos/none", [:], nil, 404), ("GET", "/none/k", [:], nil, 404),
        ("DELETE", "/photos/none", [:], nil, 204), ("OPTIONS", "/photos/k", [:], nil, 400),
        ("OPTIONS", "/photos/k", ["Origin": "a", "Access-Control-Request-Method": "GET"], nil, 403),
        ("PATCH", "/photos/k", [:], nil, 405), ("PUT", "/photos/k", [:], nil, 411),
        ("POST", "/photos/k?x-oss-process=csv/select", [:], "", 400), ("GET", "/photos/%zz", [:], nil, 400),
    ]

    @Test("Every response has its own request ID", arguments: answers.indices)
    func requestID(index: Int) throws {
        let (method, target, headers, body, status) = Self.answers[index]
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        #expect(try server.request("PUT", "/photos/k", body: "hello").status == 200)
        if target == "/made", method == "DELETE" { try server.createBucket("made") }
        let answer = try server.request(method, target, headers: headers, body: body)
        #expect(answer.status == status)
        let id = try #require(answer.headers["x-oss-request-id"])
        #expect(id.count == 24 && id.allSatisfy { $0.isHexDigit && !$0.isLowercase })
        if let element = answer.element("RequestId") { #expect(element == id) }
        let again = try server.request(method, target, headers: headers, body: body).headers["x-oss-request-id"]
        #expect(again != nil && again != id)
    }

    @Test("Writes and reads of an object return its ETag")
    func eTags() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let id = try server.initiateUpload()
        let part = try server.request("PUT", "/photos/big?partNumber=1&uploadId=\(id)", body: "x")
        let copied = try server.initiateUpload()
        try server.put("source", Data("x".utf8), in: "photos")
        let source: KeyValuePairs = ["x-oss-copy-source": "/photos/source"]
        let form =
            "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nform\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--B--\r\n"
        let answers = [
            ("part", part),
            (
                "part copy",
                try server.request("PUT", "/photos/big?partNumber=1&uploadId=\(copied)", headers: source, body: "")
            ),
            (
                "big",
                try server.request(
                    "POST", "/photos/big?uploadId=\(id)", headers: ["x-oss-complete-all": "yes"], body: "")
            ), ("put", try server.request("PUT", "/photos/put", body: "")),
            ("copy", try server.request("PUT", "/photos/copy", headers: source, body: "")),
            ("append", try server.request("POST", "/photos/append?append&position=0", body: "")),
            (
                "link",
                try server.request(
                    "PUT", "/photos/link?symlink", headers: ["x-oss-symlink-target": "source"], body: "")
            ),
            (
                "form",
                try server.request(
                    "POST", "/photos", headers: ["Content-Type": "multipart/form-data; boundary=B"], body: form)
            ),
        ]
        for (name, answer) in answers {
            #expect((200...204).contains(answer.status), "\(name) \(answer.text)")
            let eTag = try #require(answer.headers["etag"], "\(name)")
            #expect(eTag.hasPrefix("\"") && eTag.utf8.count >= 34, "\(name)")
            guard server.keys(in: "photos").contains(name), name != "link" else { continue }
            for (method, query) in [("GET", ""), ("HEAD", ""), ("HEAD", "?objectMeta")] {
                #expect(try server.request(method, "/photos/\(name)\(query)").headers["etag"] == eTag, "\(name)")
            }
        }
        #expect(try server.request("GET", "/photos").elements("ETag").count == server.keys(in: "photos").count)
    }
}
