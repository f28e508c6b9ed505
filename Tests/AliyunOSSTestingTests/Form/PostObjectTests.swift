import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock PostObject")
struct PostObjectTests {
    private static let now = Date(timeIntervalSince1970: 1_795_000_000)
    private static let secret = "secret"

    private func makeServer(_ acl: String? = nil) throws -> MockOSSServer {
        var configuration = MockOSSServer.Configuration(
            buckets: ["photos"], accessKeys: [.init(id: "id", secret: Self.secret)], blocksPublicAccess: false)
        configuration.clock = { Self.now }
        let server = try MockOSSServer(configuration)
        if let acl {
            let open = try #require(server.core.store.bucket("photos"))
            try server.core.store.update(open) { $0.acl = acl }
        }
        return server
    }

    private func form(_ fields: [(String, String)], file: String? = "hello", name: String = "a b.txt") -> String {
        var text = ""
        for (name, value) in fields {
            text += "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        if let file {
            text += "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
            text += "Content-Type: text/x-part\r\n\r\n\(file)\r\n"
        }
        return text + "--B--\r\n"
    }

    private func post(
        _ server: MockOSSServer, _ fields: [(String, String)], file: String? = "hello",
        type: String = "multipart/form-data; boundary=B"
    ) throws -> RawResponse {
        try server.request(
            "POST", "/", headers: ["Content-Type": type], body: form(fields, file: file), host: "photos.localhost")
    }

    private func policy(_ conditions: String = "{\"bucket\":\"photos\"}", validFor: TimeInterval = 60) -> String {
        let expiration = ISO8601.extended(Self.now.addingTimeInterval(validFor))
        return Data("{\"expiration\":\"\(expiration)\",\"conditions\":[\(conditions)]}".utf8).base64EncodedString()
    }

    private func signed(_ policy: String, secret: String = secret) -> [(String, String)] {
        let mac = HMAC<SHA1>.authenticationCode(for: Array(policy.utf8), key: Array(secret.utf8))
        return [("OSSAccessKeyId", "id"), ("policy", policy), ("Signature", Data(mac).base64EncodedString())]
    }

    private func signedV4(_ conditions: String = "", secret: String = secret, date: Date = now) -> [(String, String)] {
        let dateTime = ISO8601.basic(date)
        let scope = "\(dateTime.prefix(8))/cn-hangzhou/oss/aliyun_v4_request"
        let pinned: [(String, String)] = [
            ("x-oss-signature-version", "OSS4-HMAC-SHA256"), ("x-oss-credential", "id/\(scope)"),
            ("x-oss-date", dateTime),
        ]
        let policy = policy(
            (pinned.map { "{\"\($0.0)\":\"\($0.1)\"}" } + (conditions.isEmpty ? [] : [conditions])).joined(
                separator: ","))
        var key = Array("aliyun_v4\(secret)".utf8)
        for part in scope.split(separator: "/") {
            key = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), key: key)
        }
        let mac = HMAC<SHA256>.authenticationCode(for: Array(policy.utf8), key: key)
        return pinned + [("policy", policy), ("x-oss-signature", Hexadecimal.lowercase(mac))]
    }

    @Test("A signed form stores its file with the headers in its fields", arguments: [false, true])
    func stores(isV4: Bool) throws {
        let server = try makeServer()
        let fields =
            (isV4 ? signedV4() : signed(policy())) + [
                ("key", "up/${filename}"), ("x-oss-meta-a", "1"), ("Cache-Control", "no-store"),
                ("x-oss-object-acl", "public-read"), ("x-oss-storage-class", "IA"),
            ]
        let response = try post(server, fields)
        #expect(response.status == 204, "\(response.text)")
        #expect(response.headers["etag"] == "\"5D41402ABC4B2A76B9719D911017C592\"")
        #expect(response.headers["x-oss-hash-crc64ecma"] != nil)
        #expect(server.data(of: "up/a b.txt", in: "photos") == Data("hello".utf8))
        let get = try server.request("GET", "/photos/up/a%20b.txt")
        #expect(get.headers["content-type"] == "text/x-part")
        #expect(get.headers["x-oss-meta-a"] == "1")
        #expect(get.headers["cache-control"] == "no-store")
        #expect(get.headers["x-oss-storage-class"] == "IA")
        #expect(server.requests.first?.operation == "PostObject")
    }

    @Test("The response has the status that the form requests")
    func answers() throws {
        let server = try makeServer("public-read-write")
        for (fields, status) in [
            ([("success_action_status", "200")], 200), ([("success_action_status", "204")], 204),
            ([("success_action_status", "418")], 204), ([("success_action_status", "201")], 201), ([], 204),
        ] {
            let response = try post(server, fields + [("key", "a&b")])
            #expect(response.status == status)
            #expect(response.body.isEmpty == (status != 201))
        }
        let created = try post(server, [("success_action_status", "201"), ("key", "a&b")])
        #expect(created.element("Bucket") == "photos")
        #expect(created.element("Key") == "a&amp;b")
        #expect(created.element("Location") == "http://photos.localhost/a%26b")
        #expect(created.element("ETag")?.contains("5D41402ABC4B2A76B9719D911017C592") == true)
        let redirected = try post(
            server, [("success_action_redirect", "http://x/y"), ("success_action_status", "201"), ("key", "k")])
        #expect(redirected.status == 303)
        #expect(redirected.headers["location"] == "http://x/y")
        for (fields, type) in [
            ([("Content-Type", "t/field")], "t/field"),
            ([("Content-Type", "t/field"), ("x-oss-content-type", "t/oss")], "t/oss"), ([], "text/x-part"),
        ] {
            #expect(try post(server, fields + [("key", "t"), ("x-oss-object-acl", "public-read")]).status == 204)
            #expect(try server.request("HEAD", "/photos/t").headers["content-type"] == type)
        }
    }

    @Test("Only a public-read-write bucket accepts unsigned forms")
    func anonymous() throws {
        for (acl, status) in [("private", 403), ("public-read", 403), ("public-read-write", 204)] {
            let server = try makeServer(acl)
            #expect(try post(server, [("key", "k")]).status == status, "\(acl)")
            #expect((server.data(of: "k", in: "photos") != nil) == (status == 204))
        }
    }

    @Test("A form that its policy does not allow is rejected and stores nothing")
    func refusals() throws {
        let server = try makeServer()
        let key = ("key", "u/k")
        let good = signed(policy())
        let cases: [(fields: [(String, String)], status: Int, code: String)] = [
            (good, 400, "InvalidArgument"), (signed(policy(), secret: "wrong") + [key], 403, "SignatureDoesNotMatch"),
            (good.filter { $0.0 != "Signature" } + [key], 400, "InvalidArgument"),
            (good.filter { $0.0 != "policy" } + [key], 400, "InvalidArgument"),
            (good.filter { $0.0 != "OSSAccessKeyId" } + [key], 400, "InvalidArgument"),
            (signed("e30=") + [key], 400, "InvalidPolicyDocument"),
            (signed(policy(validFor: -1)) + [key], 403, "AccessDenied"),
            (signed(policy(#"["starts-with","$key","v/"]"#)) + [key], 403, "AccessDenied"),
            (signed(policy(#"["content-length-range",0,4]"#)) + [key], 400, "EntityTooLarge"),
            (signed(policy(#"["content-length-range",6,9]"#)) + [key], 400, "EntityTooSmall"),
            (good + [key, ("x-oss-storage-class", "Gold")], 400, "InvalidArgument"),
            (good + [key, ("x-oss-meta-a", "1\r\nSet-Cookie: x")], 400, "InvalidArgument"),
            (signedV4(secret: "wrong") + [key], 403, "SignatureDoesNotMatch"),
            (signedV4(date: Self.now.addingTimeInterval(1200)) + [key], 403, "AccessDenied"),
            (signedV4(date: Self.now.addingTimeInterval(-8 * 86_400)) + [key], 403, "AccessDenied"),
            (signedV4().filter { $0.0 != "x-oss-date" } + [key], 400, "InvalidArgument"),
            (good + [("key", String(repeating: "k", count: 1024))], 400, "InvalidObjectName"),
        ]
        for (fields, status, code) in cases {
            let response = try post(server, fields)
            #expect(response.status == status, "\(fields)")
            #expect(response.element("Code") == code, "\(fields)")
        }
        #expect(server.keys(in: "photos").isEmpty)
    }

    @Test(
        "An invalid credential in a V4 form returns the service's error number",
        arguments: [
            ("cn-hangzhou", "cn-beijing", "715"), ("cn-hangzhou", "", "715"), ("aliyun_v4_request", "abc", "710"),
            ("id/", "/", "708"),
        ])
    func credentials(part: String, replacement: String, number: String) throws {
        let fields = signedV4().map { name, value in
            (name, name == "x-oss-credential" ? value.replacingOccurrences(of: part, with: replacement) : value)
        }
        let response = try post(makeServer(), fields + [("key", "k")])
        #expect(response.status == 400 && response.element("Code") == "InvalidArgument")
        #expect(response.element("EC") == "0002-00000\(number)")
        #expect(response.element("ArgumentName") == "x-oss-credential")
        if number == "715" {
            #expect(response.element("Message") == "The signing region in credential is invalid.")
        }
    }

    @Test("A V4 form whose policy has no condition on its date is rejected")
    func pins() throws {
        let server = try makeServer()
        let fields = signedV4()
        let loose = policy()
        var key = Array("aliyun_v4\(Self.secret)".utf8)
        for part in ["\(ISO8601.basic(Self.now).prefix(8))", "cn-hangzhou", "oss", "aliyun_v4_request"] {
            key = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), key: key)
        }
        let mac = HMAC<SHA256>.authenticationCode(for: Array(loose.utf8), key: key)
        let changed = fields.map { field in
            switch field.0 {
            case "policy": ("policy", loose)
            case "x-oss-signature": ("x-oss-signature", Hexadecimal.lowercase(mac))
            default: field
            }
        }
        let response = try post(server, changed + [("key", "k")])
        #expect(response.status == 403)
        #expect(response.element("Message")?.contains("x-oss-signature-version") == true)
    }

    @Test("A form can forbid overwriting, and other content types are rejected")
    func formErrors() throws {
        let server = try makeServer("public-read-write")
        #expect(try post(server, [("key", "k")]).status == 204)
        let taken = try post(server, [("key", "k"), ("x-oss-forbid-overwrite", "true")])
        #expect(taken.status == 409)
        #expect(taken.element("Code") == "FileAlreadyExists")
        #expect(try post(server, [("key", "k")], file: nil).element("Code") == "IncorrectNumberOfFilesInPOSTRequest")
        #expect(try post(server, [], type: "text/plain").element("Code") == "RequestIsNotMultiPartContent")
        #expect(try post(server, [], type: "multipart/form-data").element("Code") == "MalformedPOSTRequest")
        let missing = try server.request(
            "POST", "/none", headers: ["Content-Type": "multipart/form-data; boundary=B"], body: form([("key", "k")]))
        #expect(missing.element("Code") == "NoSuchBucket")
        #expect(try server.request("POST", "/photos").status == 411)
    }

    @Test("A large file in a chunked form is stored completely")
    func chunked() throws {
        let server = try makeServer("public-read-write")
        let content = String(repeating: "0123456789\r\n--", count: 200_000)
        let text = form([("key", "big")], file: content)
        let client = try RawClient(server)
        client.send(
            "POST / HTTP/1.1\r\nHost: photos.localhost\r\nContent-Type: multipart/form-data; boundary=B\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n")
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(99_991)
            client.send("\(String(piece.count, radix: 16))\r\n")
            client.send(Array(piece) + [0x0D, 0x0A])
            rest = rest.dropFirst(piece.count)
        }
        client.send("0\r\n\r\n")
        #expect(client.response()?.status == 204)
        #expect(server.data(of: "big", in: "photos") == Data(content.utf8))
    }

    @Test("A form of another account must accept the costs in a requester-pays bucket")
    func requesterPays() throws {
        var configuration = MockOSSServer.Configuration(
            buckets: ["photos"], accessKeys: [.init(id: "id", secret: Self.secret, accountID: "1234")])
        configuration.clock = { Self.now }
        let server = try MockOSSServer(configuration)
        let bucket = try #require(server.core.store.bucket("photos"))
        try server.core.store.update(bucket) {
            $0.documents["requestPayment"] = Data(
                "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>".utf8)
        }
        let fields = signed(policy()) + [("key", "k")]
        for refused in [try post(server, fields), try post(server, fields + [("x-oss-request-payer", "owner")])] {
            #expect(refused.status == 403)
            #expect(refused.element("Message") == "Access denied for requester pay bucket")
        }
        #expect(server.keys(in: "photos").isEmpty)
        #expect(try post(server, fields + [("x-oss-request-payer", "requester")]).status == 204)
        #expect(server.keys(in: "photos") == ["k"])
    }
}
