import OSSPrimitives
import Testing

@testable import AliyunOSS

@Suite("URLs of requests")
struct EndpointURLTests {
    private func path(_ key: String, style: AddressingStyle = .virtualHosted) throws -> String {
        let endpoint = try Endpoint("https://h.example", style: style)
        return String(endpoint.url(bucket: "b12", key: key).split(separator: "h.example")[1])
    }

    @Test(
        "A key keeps its slashes, and every other reserved byte is encoded once",
        arguments: [
            ("a b+c%20", "/a%20b%2Bc%2520"), ("a//b", "/a//b"), ("a/", "/a/"), ("%2e%2e/z", "/%252e%252e/z"),
            ("😀", "/%F0%9F%98%80"), ("\u{E9}", "/%C3%A9"), ("e\u{301}", "/e%CC%81"), ("#?&=", "/%23%3F%26%3D"),
            ("a.b/..c/d../...", "/a.b/..c/d../..."), ("~-_.", "/~-_."),
        ])
    func keys(_ key: String, _ expected: String) throws {
        #expect(try path(key) == expected)
        #expect(try path(key, style: .path) == "/b12" + expected)
        #expect(try path(key, style: .cname) == expected)
    }

    @Test(
        "A key with a dot segment has no slash in its URL, so no proxy can resolve the segment",
        arguments: [
            ("a/../b", "/a%2F..%2Fb"), ("./x", "/.%2Fx"), ("a/.", "/a%2F."), ("../", "/..%2F"),
            ("a/./b//c", "/a%2F.%2Fb%2F%2Fc"),
        ])
    func dotSegments(_ key: String, _ expected: String) throws {
        #expect(try path(key) == expected)
        #expect(try path(key, style: .path) == "/b12" + expected)
    }

    @Test("Names and values of the query are encoded, and a name without a value has no equals sign")
    func query() throws {
        let endpoint = try Endpoint("http://127.0.0.1:8080")
        let url = endpoint.url(
            bucket: "b12", key: nil, query: [("prefix", "a b/+&"), ("acl", nil), ("marker", ""), ("ü", "=")])
        #expect(url == "http://127.0.0.1:8080/b12/?prefix=a%20b%2F%2B%26&acl&marker=&%C3%BC=%3D")
    }
}
