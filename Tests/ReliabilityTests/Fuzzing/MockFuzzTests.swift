import AliyunOSS
import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

/// Tests of the mock server's parsers, which receive input from any program.
@Suite("Fuzzing of the mock server")
struct MockFuzzTests {
    private static let signed =
        "OSS4-HMAC-SHA256 Credential=id/20260101/cn-hangzhou/oss/aliyun_v4_request,AdditionalHeaders=host;range,Signature=abcdef"
    private static let requestTokens = [
        "\r\n", "\n", "\r", " ", ":", "HTTP/1.1", "HTTP/9", "GET", "Content-Length: 5\r\n", "Content-Length: -1\r\n",
        "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n", "Host: x\r\n", "%", "?", "&", "=",
        "http://", "\u{0}", "é", "/-/", "../",
    ]

    @Test("Random request heads are parsed or rejected by the mock server")
    func heads() {
        var fuzz = Fuzz(
            "heads",
            samples: [
                "GET /photos/k?acl HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-1\r\n\r\n",
                "PUT http://photos.localhost/k HTTP/1.0\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
            ], tokens: Self.requestTokens)
        fuzz.run { input in
            input.withUnsafeBytes { bytes in
                guard let length = HTTPRequestParser.headLength(in: bytes, searchedFrom: 0) else { return }
                #expect(length <= bytes.count)
                guard let head = try? HTTPRequestParser.parse(UnsafeRawBufferPointer(rebasing: bytes[..<length])) else {
                    return
                }
                if case .length(let length) = head.framing { #expect(length >= 0) }
                _ = QueryItems(head.query)
                let rules = Address.Rules(suffixes: ["localhost"], cnames: [:]) { $0 == "photos" }
                _ = Address(host: head.host, path: head.path, rules: rules)
            }
        }
    }

    @Test("The mock server accepts no randomly changed signature")
    func signatures() {
        let checker = SignatureChecker(accessKeys: [.init(id: "id", secret: "secret")], region: "cn-hangzhou")
        let now = Date(timeIntervalSince1970: 1_767_225_600)
        var fuzz = Fuzz(
            "signatures",
            samples: [
                Self.signed, "OSS id:c2lnbmF0dXJl", "20260101T000000Z", "Thu, 01 Jan 2026 00:00:00 GMT",
                "id/20260101/cn-hangzhou/oss/aliyun_v4_request", "host;range", "604800", "1767225600",
            ],
            tokens: [
                ",", "=", "/", ";", ":", " ", "Credential=", "Signature=", "AdditionalHeaders=", "id", "-1", "é",
                "\u{0}",
            ])
        for _ in 0..<Fuzz.count {
            func text() -> String { String(decoding: fuzz.next(), as: UTF8.self) }
            var request = ServiceRequest(
                method: "GET", operation: .getObject, bucket: "photos", key: "k", query: QueryItems(),
                headers: HTTPHeaders(), authority: "h", requestID: "r", now: now)
            request.headers.add("Authorization", text())
            request.headers.add("x-oss-date", text())
            request.headers.add("x-oss-content-sha256", text())
            #expect((try? checker.verify(request)) ?? .anonymous == .anonymous)

            request.headers = HTTPHeaders()
            request.query.items = [
                ("x-oss-signature-version", "OSS4-HMAC-SHA256"), ("x-oss-credential", text()), ("x-oss-date", text()),
                ("x-oss-expires", text()), ("x-oss-signature", text()), ("x-oss-additional-headers", text()),
            ]
            #expect((try? checker.verify(request)) ?? .anonymous == .anonymous)
            request.query.items = [("OSSAccessKeyId", "id"), ("Expires", text()), ("Signature", text())]
            #expect((try? checker.verify(request)) ?? .anonymous == .anonymous)
        }
    }

    @Test("Random JSON faults are parsed or rejected by the mock server")
    func faults() {
        var fuzz = Fuzz(
            "faults",
            samples: [
                #"{"action": "respond", "status": 503, "code": "x", "operation": "PutObject", "times": 2}"#,
                #"[{"action": "stallBody", "bytes": 1, "milliseconds": 5}, {"action": "listing", "kind": "endless"}]"#,
            ],
            tokens: [
                "{", "}", "[", "]", ":", ",", "\"", "-1", "1e999", "null", "action", "bytes", "9223372036854775808",
                "\\u0000",
            ])
        fuzz.run { _ = try? MockFault.decode(json: Data($0)) }
    }

    @Test("The mock server survives random requests")
    func server() async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data("content".utf8), in: "photos")
        let document = "<Delete><Object><Key>x</Key></Object></Delete>"
        var fuzz = Fuzz(
            "requests",
            samples: [
                "GET /photos/k HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n",
                "GET /photos?prefix=a&marker=b&max-keys=3&encoding-type=url HTTP/1.1\r\nHost: h\r\n\r\n",
                "PUT /photos/new HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
                "PUT /photos/new HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                "POST /photos?delete HTTP/1.1\r\nHost: h\r\nContent-Length: \(document.utf8.count)\r\n\r\n\(document)",
            ], tokens: Self.requestTokens)
        for _ in 0..<min(Fuzz.count / 20, 2000) {
            let client = try RawClient(server)
            client.send(fuzz.next())
            client.finish()
            _ = client.readToEnd()
        }
        var configuration = BucketConfiguration()
        configuration.retry.maximumAttempts = 1
        let bucket = try server.bucket("photos", configuration: configuration)
        try await bucket.putObject("after", "x")
        #expect(server.data(of: "after", in: "photos") == Data("x".utf8))
    }
}
