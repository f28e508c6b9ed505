import AliyunOSS
import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

/// A second mock server is the callback server; the bodies posted to it are appended to an object.
@Suite("Mock upload callbacks")
struct CallbackTests {
    let server: MockOSSServer
    let target: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
        target = try MockOSSServer(.init(buckets: ["inbox"]))
    }

    private var url: String { "\(target.endpoint)/inbox/call?append&position=0" }

    private func base64(_ members: [String: String]) throws -> String {
        try JSONEncoder().encode(members).base64EncodedString()
    }

    private func answer(_ body: String) {
        target.add(MockFault(.replaceBody(Array(body.utf8))))
    }

    private var received: String? {
        target.data(of: "call", in: "inbox").map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("The callback receives the requested body, and its response becomes the response to the upload")
    func form() throws {
        answer("{\"Status\":\"OK\"}")
        let settings = try base64([
            "callbackUrl": url, "callbackHost": "app.example.com",
            "callbackBody": "b=${bucket}&o=${object}&e=${etag}&s=${size}&t=${mimeType}&c=${crc64}&m=${contentMd5}"
                + "&v=${x:who}&r=${reqId}&p=${operation}&i=${imageInfo.width}",
        ])
        let put = try server.request(
            "PUT", "/photos/a%20b",
            headers: [
                "Content-Type": "text/plain", "x-oss-callback": settings,
                "x-oss-callback-var": try base64(["x:who": "Ann & Bob"]),
            ], body: "hello world")
        #expect(put.status == 200)
        #expect(put.text == "{\"Status\":\"OK\"}")
        #expect(put.headers["content-type"] == "application/json")
        #expect(put.headers["etag"] == "\"5EB63BBBE01EEED093CB22BB8F5ACDC3\"")
        let id = try #require(put.headers["x-oss-request-id"])
        #expect(
            received == "b=photos&o=a%20b&e=5EB63BBBE01EEED093CB22BB8F5ACDC3&s=11&t=text%2Fplain"
                + "&c=5981764153023615706&m=XrY7u%2BAe7tCTyyK7j1rNww%3D%3D&v=Ann%20%26%20Bob&r=\(id)&p=PutObject&i=")
        let call = try #require(target.requests.first)
        #expect(call.headers["Host"] == "app.example.com")
        #expect(call.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(call.headers["x-oss-pub-key-url"] != nil)
        #expect(call.headers["x-oss-tag"] == "CALLBACK")
        #expect(target.unusedFaults.isEmpty)
    }

    @Test("A JSON callback body has JSON values, with or without quotation marks in the template")
    func json() throws {
        answer("{}")
        let settings = try base64([
            "callbackUrl": url, "callbackBodyType": "application/json",
            "callbackBody": "{\"k\":${object},\"q\":\"${object}\",\"s\":${size},\"v\":${x:a}}",
        ])
        let put = try server.request(
            "PUT", "/photos/q%22q",
            headers: ["x-oss-callback": settings, "x-oss-callback-var": try base64(["x:a": "1"])], body: "ab")
        #expect(put.text == "{}")
        #expect(received == "{\"k\":\"q\\\"q\",\"q\":\"q\\\"q\",\"s\":2,\"v\":\"1\"}")
    }

    @Test("A callback in the query of a URL works, and a callback in both the query and a header is rejected")
    func query() throws {
        answer("{}")
        let settings = try base64(["callbackUrl": url, "callbackBody": "k=${object}"])
        let escaped = settings.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let put = try server.request("PUT", "/photos/k?callback=\(escaped)", body: "x")
        #expect(put.text == "{}")
        #expect(received == "k=k")
        let both = try server.request(
            "PUT", "/photos/both?callback=\(escaped)", headers: ["x-oss-callback": settings], body: "x")
        #expect(both.status == 400)
        #expect(both.element("Code") == "InvalidArgument")
        #expect(server.data(of: "both", in: "photos") == nil)
    }

    @Test("CompleteMultipartUpload and PostObject support callbacks")
    func otherUploads() throws {
        let settings = try base64(["callbackUrl": url, "callbackBody": "p=${operation}&s=${size}&v=${x:a}"])
        answer("{\"n\":1}")
        let id = try #require(try server.request("POST", "/photos/m?uploads").element("UploadId"))
        let part = try server.request("PUT", "/photos/m?partNumber=1&uploadId=\(id)", body: "abc")
        let parts =
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(part.headers["etag"] ?? "")</ETag></Part>"
            + "</CompleteMultipartUpload>"
        let completed = try server.request(
            "POST", "/photos/m?uploadId=\(id)", headers: ["x-oss-callback": settings], body: parts)
        #expect(completed.text == "{\"n\":1}")
        #expect(received == "p=CompleteMultipartUpload&s=3&v=")

        target.delete("call", in: "inbox")
        answer("{\"n\":2}")
        let fields = [("key", "f"), ("callback", settings), ("x:a", "7"), ("success_action_status", "201")]
        let form =
            fields.map { "--B\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n" }.joined()
            + "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nxyz!\r\n--B--\r\n"
        let posted = try server.request(
            "POST", "/photos", headers: ["Content-Type": "multipart/form-data; boundary=B"], body: form)
        #expect(posted.status == 200)
        #expect(posted.text == "{\"n\":2}")
        #expect(received == "p=PostObject&s=4&v=7")
        #expect(target.unusedFaults.isEmpty)
    }

    @Test("A failed callback returns status 203, and the object remains stored")
    func failures() throws {
        func put(_ url: String, _ key: String) throws -> RawResponse {
            let settings = try base64(["callbackUrl": url, "callbackBody": "x"])
            return try server.request("PUT", "/photos/\(key)", headers: ["x-oss-callback": settings], body: "x")
        }
        answer("no json")
        let cases: [(url: String, message: String)] = [
            (url, "Response body is not valid json format."),
            ("\(target.endpoint)/none/call?append&position=0", "Error status : 404."),
            ("http://127.0.0.1:1/", "Error Status : -1.OSS can not connect to your callbackUrl, please check it."),
            ("http://192.0.2.1/", "Error Status : -1.OSS can not connect to your callbackUrl, please check it."),
            (
                "https://127.0.0.1:\(target.port)/",
                "Error Status : -1.OSS can not connect to your callbackUrl, please check it."
            ),
        ]
        for (index, (url, message)) in cases.enumerated() {
            let response = try put(url, "k\(index)")
            #expect(response.status == 203)
            #expect(response.element("Code") == "CallbackFailed")
            #expect(response.element("Message") == message)
            #expect(server.data(of: "k\(index)", in: "photos") != nil)
        }
        #expect(try put("http://127.0.0.1:1/", "ec").element("EC") == "0007-00000208")
    }

    @Test("If a callback URL does not respond, the next one is tried")
    func alternatives() throws {
        answer("{}")
        let settings = try base64([
            "callbackUrl": "http://127.0.0.1:1/;\(url.replacingOccurrences(of: "http://", with: ""))",
            "callbackBody": "x",
        ])
        let put = try server.request("PUT", "/photos/k", headers: ["x-oss-callback": settings], body: "x")
        #expect(put.status == 200)
        #expect(received == "x")
    }

    @Test("An upload with invalid callback settings is rejected and stores nothing")
    func malformed() throws {
        let good = try base64(["callbackUrl": url, "callbackBody": "x"])
        let cases: [(callback: String, variables: String?, message: String)] = [
            ("no base64!", nil, "The callback configuration is not base64 encoded."),
            (Data("error argument".utf8).base64EncodedString(), nil, "The callback configuration is not json format."),
            (try base64(["callbackBody": "x"]), nil, "The callbackUrl of the callback configuration is missing."),
            (try base64(["callbackUrl": url]), nil, "The callbackBody of the callback configuration is missing."),
            (
                try base64(["callbackUrl": url, "callbackBody": "x", "callbackBodyType": "text/plain"]), nil,
                "The callbackBodyType is not supported."
            ),
            (String(repeating: "A", count: 5124), nil, "The callback configuration is too long."),
            (good, try base64(["x:A": "1"]), "The keys of callback variables must be lowercase and start with 'x:'."),
            (good, "{", "The callback-var configuration is not base64 encoded."),
        ]
        for (callback, variables, message) in cases {
            var text = "PUT /photos/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nx-oss-callback: \(callback)\r\n"
            if let variables { text += "x-oss-callback-var: \(variables)\r\n" }
            let client = try RawClient(server)
            client.send(text + "\r\nx")
            let response = try #require(client.response())
            #expect(response.status == 400)
            #expect(response.element("Message")?.replacingOccurrences(of: "&#39;", with: "'") == message)
        }
        #expect(server.keys(in: "photos").isEmpty)
    }

    @Test("A callback can refer to a callback policy of the bucket")
    func policies() throws {
        answer("{}")
        let callback = try base64(["callbackUrl": url, "callbackBody": "v=${x:a}"])
        let body =
            "<BucketCallbackPolicy><PolicyItem><PolicyName>first</PolicyName><Callback>\(callback)</Callback>"
            + "<CallbackVar>\(try base64(["x:a": "9"]))</CallbackVar></PolicyItem></BucketCallbackPolicy>"
        #expect(try server.request("PUT", "/photos?policy&comp=callback", body: body).status == 200)
        let named = try base64(["callbackPolicy": "first"])
        #expect(try server.request("PUT", "/photos/k", headers: ["x-oss-callback": named], body: "x").text == "{}")
        #expect(received == "v=9")
        let other = try base64(["callbackPolicy": "second"])
        #expect(try server.request("PUT", "/photos/k", headers: ["x-oss-callback": other], body: "x").status == 400)
    }

    @Test("A callback URL is split into its components")
    func urls() {
        let cases: [(text: String, host: String, port: UInt16, target: String)] = [
            ("http://a.example:8080/p?q=1#f", "a.example", 8080, "/p?q=1"), ("127.0.0.1/x", "127.0.0.1", 80, "/x"),
            ("HTTP://A", "a", 80, "/"), ("localhost:99?a", "localhost", 99, "/?a"),
        ]
        for (text, host, port, target) in cases {
            let url = CallbackURL(text)
            #expect(url?.host == host)
            #expect(url?.port == port)
            #expect(url?.target == target)
        }
        for text in [
            "", "https://a/", "ftp://a", "http://", "http://a:x/", "http://u@a/", "http://a:99999/", "http://a/ b",
        ] {
            #expect(CallbackURL(text) == nil, "\(text)")
        }
    }
}
