import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock CORS")
struct CORSTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(
            .init(
                buckets: ["photos", "plain"], accessKeys: [.init(id: "id", secret: "secret")],
                blocksPublicAccess: false))
        try server.put("k", Data("x".utf8), in: "photos", headers: ["x-oss-object-acl": "public-read"])
    }

    private static let rules =
        "<CORSConfiguration><CORSRule><AllowedOrigin>https://a.example.com</AllowedOrigin><AllowedOrigin>"
        + "https://*.example.org</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>"
        + "<AllowedHeader>x-oss-*</AllowedHeader><AllowedHeader>content-type</AllowedHeader><ExposeHeader>ETag"
        + "</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule><CORSRule><AllowedOrigin>*</AllowedOrigin>"
        + "<AllowedMethod>HEAD</AllowedMethod></CORSRule><ResponseVary>true</ResponseVary></CORSConfiguration>"

    private func configured() throws -> MockOSSServer {
        let server = try MockOSSServer(.init(buckets: ["photos", "plain"]))
        try server.put("k", Data("x".utf8), in: "photos")
        #expect(try server.request("PUT", "/photos?cors", body: Self.rules).status == 200)
        return server
    }

    @Test("A preflight request gets the rule's headers, signed or not, even for missing keys")
    func preflight() throws {
        let server = try configured()
        let allowed = try server.request(
            "OPTIONS", "/photos/none",
            headers: [
                "Origin": "https://x.example.org", "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "Content-Type, X-OSS-Meta-A",
            ])
        #expect(allowed.status == 200)
        #expect(allowed.body.isEmpty)
        #expect(allowed.headers["access-control-allow-origin"] == "https://x.example.org")
        #expect(allowed.headers["access-control-allow-methods"] == "GET, PUT")
        #expect(allowed.headers["access-control-allow-headers"] == "Content-Type, X-OSS-Meta-A")
        #expect(allowed.headers["access-control-expose-headers"] == "ETag")
        #expect(allowed.headers["access-control-max-age"] == "600")
        #expect(allowed.headers["vary"] == "Origin")
        #expect(server.requests.last?.operation == "OptionObject")
    }

    @Test("A preflight request that no rule allows is forbidden")
    func refusedPreflight() throws {
        let server = try configured()
        let cases: [(target: String, headers: KeyValuePairs<String, String>, status: Int, code: String)] = [
            (
                "/photos/k", ["Origin": "https://evil.com", "Access-Control-Request-Method": "GET"], 403,
                "AccessForbidden"
            ),
            (
                "/photos/k", ["Origin": "https://a.example.com", "Access-Control-Request-Method": "DELETE"], 403,
                "AccessForbidden"
            ),
            (
                "/photos/k",
                [
                    "Origin": "https://a.example.com", "Access-Control-Request-Method": "GET",
                    "Access-Control-Request-Headers": "authorization",
                ], 403, "AccessForbidden"
            ),
            (
                "/plain/k", ["Origin": "https://a.example.com", "Access-Control-Request-Method": "GET"], 403,
                "AccessForbidden"
            ),
            ("/photos/k", ["Access-Control-Request-Method": "GET"], 400, "BadRequest"),
            ("/photos/k", ["Origin": "https://a.example.com"], 400, "BadRequest"),
            (
                "/none/k", ["Origin": "https://a.example.com", "Access-Control-Request-Method": "GET"], 404,
                "NoSuchBucket"
            ),
        ]
        for (target, headers, status, code) in cases {
            let response = try server.request("OPTIONS", target, headers: headers)
            #expect(response.status == status, "\(headers)")
            #expect(response.element("Code") == code, "\(headers)")
        }
    }

    @Test("Preflight requests need no signature")
    func unsigned() throws {
        let response = try server.request(
            "OPTIONS", "/photos/k", headers: ["Origin": "https://a", "Access-Control-Request-Method": "GET"])
        #expect(response.element("Code") == "AccessForbidden")
        #expect(try server.request("GET", "/photos?cors").status == 403)
    }

    @Test("Responses to an allowed origin, including errors, have CORS headers")
    func simple() throws {
        let server = try configured()
        for (target, status) in [("/photos/k", 200), ("/photos/none", 404)] {
            let allowed = try server.request("GET", target, headers: ["Origin": "https://a.example.com"])
            #expect(allowed.status == status)
            #expect(allowed.headers["access-control-allow-origin"] == "https://a.example.com")
            #expect(allowed.headers["access-control-expose-headers"] == "ETag")
            #expect(allowed.headers["vary"] == "Origin")
            let other = try server.request("GET", target, headers: ["Origin": "https://evil.com"])
            #expect(other.status == status)
            #expect(other.headers["access-control-allow-origin"] == nil)
            #expect(other.headers["vary"] == "Origin")
        }
        let head = try server.request("HEAD", "/photos/k", headers: ["Origin": "https://anyone"])
        #expect(head.headers["access-control-allow-origin"] == "*")
        let plain = try server.request("GET", "/photos/k")
        #expect(plain.headers["access-control-allow-origin"] == nil)
    }
}
