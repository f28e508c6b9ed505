import AliyunOSS
import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock control endpoints and web pages")
struct ControlAccessTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var method: String
        var host = "127.0.0.1"
        var headers: [String: String] = [:]
        var isReadOnly = false
        /// Part of the reason for the rejection; `nil` if the request is accepted.
        var reason: String?

        var testDescription: String { "\(method) \(host) \(headers) \(isReadOnly)" }
    }

    static let cases: [Case] = [
        // Programs send neither header.
        Case(method: "POST"), Case(method: "DELETE", isReadOnly: true), Case(method: "GET", host: "localhost"),
        // The page itself.
        Case(method: "POST", headers: ["Origin": "http://127.0.0.1:9000", "Sec-Fetch-Site": "same-origin"]),
        Case(method: "PATCH", headers: ["Origin": "http://127.0.0.1:9000"]),
        Case(method: "POST", host: "LOCALHOST", headers: ["Origin": "http://localhost:9000"]),
        Case(method: "GET", headers: ["Sec-Fetch-Site": "same-origin"], isReadOnly: true),
        Case(
            method: "POST", headers: ["Origin": "http://127.0.0.1:9000", "Sec-Fetch-Site": "same-origin"],
            isReadOnly: true, reason: "read-only"),
        // Pages of other origins. A link to the page works, because it only reads.
        Case(method: "GET", headers: ["Sec-Fetch-Site": "cross-site"]),
        Case(method: "POST", headers: ["Origin": "https://example.com"], reason: "another origin"),
        Case(method: "POST", headers: ["Origin": "http://127.0.0.1:8000"], reason: "another origin"),
        Case(method: "POST", headers: ["Origin": "https://127.0.0.1:9000"], reason: "another origin"),
        Case(method: "DELETE", headers: ["Origin": "null"], reason: "another origin"),
        Case(method: "PUT", headers: ["Sec-Fetch-Site": "same-site"], reason: "another origin"),
        Case(method: "POST", headers: ["Sec-Fetch-Site": "cross-site"], reason: "another origin"),
        Case(method: "POST", headers: ["Sec-Fetch-Site": "none"], reason: "another origin"),
        Case(
            method: "POST", headers: ["Origin": "http://127.0.0.1:9000", "Sec-Fetch-Site": "cross-site"],
            reason: "another origin"),
        // Names whose owner can direct them to this machine.
        Case(method: "GET", host: "evil.example.com", reason: "--host-suffix evil.example.com"),
        Case(
            method: "POST", host: "evil.example.com", headers: ["Origin": "http://evil.example.com:9000"],
            reason: "--host-suffix"),
        Case(method: "GET", host: "127.0.0.1.example.com", reason: "--host-suffix"),
        Case(method: "GET", host: "mock.test"), Case(method: "GET", host: "mock-server"),
        Case(method: "GET", host: "[::1]"),
    ]

    @Test("A request that changes something must come from a program or from the server's own page", arguments: cases)
    func access(_ example: Case) {
        var headers = HTTPHeaders()
        for (name, value) in example.headers { headers[name] = value }
        let request = ControlRequest(
            method: example.method, path: "faults", headers: headers, host: example.host.lowercased(),
            authority: "\(example.host):9000")
        let refusal = request.refusal(hosts: ["localhost", "mock.test"], isReadOnly: example.isReadOnly)
        if let reason = example.reason {
            #expect(refusal?.contains(reason) == true, "\(refusal ?? "accepted")")
        } else {
            #expect(refusal == nil)
        }
    }

    @Test("A rejected request changes nothing and is described as JSON")
    func rejection() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data("x".utf8), in: "photos")
        server.add(.delay(.zero))
        for (method, path) in [
            ("POST", "reset"), ("POST", "faults"), ("DELETE", "faults"), ("DELETE", "faults/1"), ("PATCH", "faults/1"),
            ("POST", "process"), ("DELETE", "process"), ("POST", "presign"),
        ] {
            let refused = try server.request(
                method, "/-/\(path)", headers: ["Origin": "https://example.com"], body: "{}")
            #expect(refused.status == 403 && refused.text.contains("https://example.com"), "\(refused.text)")
            #expect(refused.headers["content-type"] == "application/json")
        }
        #expect(server.keys(in: "photos") == ["k"] && server.faults.occurrences.count == 1)
    }

    @Test("A page has a strict policy, is not framed and contains no other resource")
    func page() throws {
        let server = try MockOSSServer()
        for path in ["/-/", "/-"] {
            let page = try server.request("GET", path)
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            let policy = try #require(page.headers["content-security-policy"])
            for directive in [
                "default-src 'none'", "script-src 'sha256-", "frame-ancestors 'none'", "base-uri 'none'",
                "require-trusted-types-for 'script'",
            ] {
                #expect(policy.contains(directive))
            }
            #expect(!policy.contains("unsafe"))
            #expect(page.headers["x-frame-options"] == "DENY")
            #expect(!page.text.contains("src=") && !page.text.contains("http://") && !page.text.contains("https://"))
            // The digests of the policy cover the script and the style only if each element occurs once.
            #expect(page.text.components(separatedBy: "<script").count == 2)
            #expect(page.text.components(separatedBy: "<style").count == 2)
            #expect(page.text.components(separatedBy: "</script").count == 2)
        }
        #expect(try server.request("POST", "/-/", body: "").status == 405)
        #expect(server.requests.isEmpty)
    }

    @Test("A page that is stored as an object gets an origin of its own if a browser opens it by its path-style URL")
    func storedPage() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("a.html", Data("<script>".utf8), in: "photos", headers: ["Content-Type": "text/html"])
        let accept: KeyValuePairs = ["Accept": "text/html,application/xhtml+xml"]
        for headers in [accept, ["Sec-Fetch-Mode": "navigate"]] {
            let response = try server.request("GET", "/photos/a.html", headers: headers)
            let policy = response.headers["content-security-policy"]
            #expect(policy?.hasPrefix("sandbox ") == true && policy?.contains("allow-same-origin") == false)
        }
        #expect(try server.request("GET", "/photos/a.html").headers["content-security-policy"] == nil)
        let hosted = try server.request("GET", "/a.html", headers: accept, host: "photos.localhost")
        #expect(hosted.text == "<script>" && hosted.headers["content-security-policy"] == nil)
    }
}
