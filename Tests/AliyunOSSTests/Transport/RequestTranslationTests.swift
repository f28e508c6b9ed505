import Foundation
import Testing

@testable import AliyunOSS

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("Requests that are rejected before they are sent")
struct RequestTranslationTests {
    @Test(
        "A URL that would be changed in transit is rejected",
        arguments: [
            "http://h/a/../b", "http://h/a/./b", "http://h/..", "http://h/a/.", "http://h/%2e%2E/b",
            "http://h/.%2e?x=y",
            "http://h/a b", "http://h/ü", "http://h/a#b", "http://h/a\r\nX: y", "http://user:pass@h/", "http:///a",
            "http://:80/", "ftp://h/", "file:///etc/passwd", "h/a", "", "http://h/\"", "http://h/{a}",
        ])
    func refused(_ url: String) {
        #expect(RequestAddress.problem(with: url) != nil)
        let error = #expect(throws: HTTPTransportError.self) {
            _ = try HTTPRequest(method: .get, url: url).translated(userAgent: "u")
        }
        #expect(error?.kind == .invalidRequest)
    }

    @Test(
        "A fully encoded URL is kept byte for byte",
        arguments: [
            "http://h", "http://h/", "http://h:8080/a", "https://h/a%2F..%2Fb", "http://h/...", "http://h/..a/b..",
            "http://h/a//b", "http://h//a/", "http://h/a%20b+c%2520", "http://h/%252e%252e/z", "http://h/%F0%9F%98%80",
            "http://h/%e4?a=%2F..%2F&b=/../", "http://h/a;b=c:@!$&'()*,", "http://h/~%7E%27%2f",
        ])
    func kept(_ url: String) throws {
        let translated = try HTTPRequest(method: .get, url: url).translated(userAgent: "u")
        #expect(translated.url?.absoluteString == url)
    }

    @Test(
        "A header with a line break or NUL, or with an invalid name, is rejected",
        arguments: [
            ("x-a", "b\r\nX-Evil: 1"), ("x-a", "b\nc"), ("x-a", "b\rc"), ("x-a", "b\0c"), ("x a", "b"), ("", "b"),
            ("x-a\r\nX-Evil", "b"), ("x:a", "b"), ("ü", "b"), ("Transfer-Encoding", "chunked"), ("Content-Length", "7"),
        ])
    func headers(_ name: String, _ value: String) {
        let request = HTTPRequest(method: .put, url: "http://h/", headers: [name: value])
        let error = #expect(throws: HTTPTransportError.self) { _ = try request.translated(userAgent: "u") }
        #expect(error?.kind == .invalidRequest)
        #expect(error?.message.contains("Evil:") == false)
    }

    @Test("A User-Agent with a line break is rejected")
    func userAgent() {
        #expect(throws: HTTPTransportError.self) {
            _ = try HTTPRequest(method: .get, url: "http://h/").translated(userAgent: "u\r\nX-Evil: 1")
        }
    }

    @Test("GET and HEAD requests with a body are rejected", arguments: [HTTPMethod.get, .head])
    func bodies(_ method: HTTPMethod) {
        let request = HTTPRequest(method: method, url: "http://h/", body: .data(Data([1])))
        #expect(throws: HTTPTransportError.self) { _ = try request.translated(userAgent: "u") }
    }

    @Test("Values of one header are joined, surrounding spaces are removed, and Accept-Encoding is always identity")
    func fields() throws {
        let headers: HTTPHeaders = ["x-a": " \t1\u{A0} ", "X-A": "2", "accept-encoding": "gzip", "User-Agent": "mine"]
        let fields = try #require(
            try HTTPRequest(method: .delete, url: "http://h/", headers: headers)
                .translated(userAgent: "u").allHTTPHeaderFields)
        #expect(fields.filter { $0.key.lowercased() == "x-a" }.map(\.value) == ["1\u{A0}, 2"])
        #expect(fields.first { $0.key.lowercased() == "accept-encoding" }?.value == "identity")
        #expect(fields["User-Agent"] == "mine")
    }
}
