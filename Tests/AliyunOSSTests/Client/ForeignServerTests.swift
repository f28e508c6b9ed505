import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of servers that are not OSS. Each error states the kind of server and the next step.
@Suite("Responses of servers that are not OSS", .timeLimit(.minutes(2)))
struct ForeignServerTests {
    /// A response and its expected error.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: @Sendable (ScriptedServer.Connection) -> Void
        let code: OSSError.Code
        /// Texts that the message contains.
        let says: [String]
        /// Texts that the message does not contain.
        var doesNotSay: [String] = []
        /// Number of attempts, of the three that are permitted.
        var attempts = 1
        var call: @Sendable (Bucket) async throws -> Void = { try await $0.putObject("k", "content") }

        var testDescription: String { name }
    }

    private static func page(_ status: String, _ headers: String..., body: String = "<html>no</html>") -> (
        @Sendable (ScriptedServer.Connection) -> Void
    ) {
        { $0.reply(status, headers: ["Server: nginx/1.22"] + headers, body: Data(body.utf8)) }
    }

    /// Returns a response with the headers that prove that OSS sent it.
    private static func oss(_ status: String, _ headers: [String], body: String = "") -> (
        @Sendable (ScriptedServer.Connection) -> Void
    ) {
        { $0.reply(status, headers: ["x-oss-request-id: 5C3D9175B6FC201293AD0001"] + headers, body: Data(body.utf8)) }
    }

    private static let get: @Sendable (Bucket) async throws -> Void = { _ = try await $0.getObject("k") }
    private static let list: @Sendable (Bucket) async throws -> Void = { bucket in
        for try await _ in bucket.listObjects(prefix: "a b/") {}
    }

    static let cases: [Case] = [
        Case(
            name: "A captive portal answers 200", answer: page("200 OK"), code: .invalidResponse,
            says: ["status 200 from 'nginx/1.22'", "no x-oss-request-id", "portal"], attempts: 3),
        Case(
            name: "A server that is not OSS answers 404", answer: page("404 Not Found"), code: .invalidResponse,
            says: ["404", "nginx", "endpoint"]),
        Case(
            name: "A server that is not OSS answers 404 to a download", answer: page("404 Not Found"),
            code: .invalidResponse, says: ["404", "nginx", "endpoint"], call: get),
        Case(
            name: "A server that is not OSS does not implement the method", answer: page("501 Not Implemented"),
            code: .invalidResponse, says: ["501", "nginx", "endpoint"]),
        Case(
            name: "A gateway refuses the size of the body", answer: page("413 Request Entity Too Large"),
            code: .refused,
            says: ["413", "--part-size"]),
        Case(
            name: "A gateway refuses a request without a body", answer: page("413 Request Entity Too Large"),
            code: .refused, says: ["413", "endpoint"], doesNotSay: ["parts"], call: get),
        Case(
            name: "A cache answers with a document of another operation",
            answer: oss("200 OK", [], body: "<ListBucketResult/>"), code: .invalidResponse,
            says: [
                "'ListBucketResult'", "a response to InitiateMultipartUpload should", "'InitiateMultipartUploadResult'",
            ],
            doesNotSay: ["redirect"], call: { _ = try await $0.initiateMultipartUpload("k") }),
        Case(
            name: "A success without a document", answer: oss("200 OK", []), code: .invalidResponse,
            says: ["status 200", "not a response to this operation"], doesNotSay: ["redirect"],
            call: { _ = try await $0.initiateMultipartUpload("k") }),
        Case(
            name: "A redirect", answer: oss("302 Found", ["Location: http://other/"]), code: .invalidResponse,
            says: ["status 302", "redirect to http://other/"], call: get),
        Case(
            name: "A request for another region",
            answer: oss(
                "400 Bad Request", [],
                body: "<Error><Code>InvalidArgument</Code>"
                    + "<Message>Invalid signing region in Authorization header.</Message></Error>"),
            code: .refused, says: ["--region", "OSS_REGION"]),
        Case(
            name: "A gateway compresses a listing", answer: page("200 OK", "Content-Encoding: gzip"),
            code: .invalidResponse, says: ["Content-Encoding 'gzip'", "proxy or gateway"], attempts: 3, call: list),
        Case(
            name: "A proxy asks for credentials", answer: page("407 Proxy Authentication Required"),
            code: .connectionFailed, says: ["407", "proxy", "user name"]),
        Case(
            name: "A firewall forbids the request", answer: page("403 Forbidden"), code: .accessDenied,
            says: ["403", "nginx", "endpoint"]),
        Case(
            name: "A gateway limits the rate", answer: page("429 Too Many Requests"), code: .throttled,
            says: ["429", "limits"], attempts: 3),
        Case(
            name: "A gateway cannot reach its server", answer: page("502 Bad Gateway"), code: .serviceUnavailable,
            says: ["502", "nginx"], attempts: 3),
        Case(
            name: "A cache answers a condition by itself", answer: page("412 Precondition Failed"),
            code: .invalidResponse, says: ["412", "nginx"]),
        Case(
            name: "A port of nginx that expects TLS",
            answer: page("400 Bad Request", body: "400 The plain HTTP request was sent to HTTPS port"),
            code: .invalidResponse, says: ["expects TLS", "https://"]),
        Case(
            name: "A port that expects TLS and answers with an alert",
            answer: { $0.send(Data([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46])) }, code: .invalidResponse,
            says: ["https://"], attempts: 3),
        Case(
            name: "A proxy removes the ETag of an upload", answer: oss("200 OK", ["x-oss-hash-crc64ecma: 1"]),
            code: .invalidResponse, says: ["no ETag", "removes headers"], attempts: 3),
        Case(
            name: "A proxy removes the ETag of a part", answer: oss("200 OK", []), code: .invalidResponse,
            says: ["no ETag", "removes headers"], attempts: 3,
            call: {
                _ = try await $0.uploadPart(number: 1, of: MultipartUpload(key: "k", uploadID: "1"), body: "content")
            }),
        Case(
            name: "A cache answers with another range",
            answer: oss("206 Partial Content", ["ETag: \"1\"", "Content-Range: bytes 7-9/100"], body: "abc"),
            code: .invalidResponse, says: ["requested 'bytes=0-4'", "got 'bytes 7-9/100'"],
            call: { _ = try await $0.getObject("k", range: 0..<5) }),
        Case(
            name: "A gateway decodes the names of a listing",
            answer: oss(
                "200 OK", [],
                body: "<ListBucketResult><EncodingType>url</EncodingType><Prefix>a b/</Prefix>"
                    + "<IsTruncated>false</IsTruncated></ListBucketResult>"),
            code: .invalidResponse, says: ["EncodingType=url", "'a b/'", "not URL-encoded"], call: list),
        Case(
            name: "A cache answers with the listing of another prefix",
            answer: oss(
                "200 OK", [],
                body: "<ListBucketResult><EncodingType>url</EncodingType><Prefix>c%2F</Prefix>"
                    + "<IsTruncated>false</IsTruncated></ListBucketResult>"),
            code: .invalidResponse, says: ["'c/' instead of 'a b/'", "another request"], call: list),
        Case(
            name: "A listing has a key that is not under its prefix",
            answer: oss(
                "200 OK", [],
                body: "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>c/d</Key><Size>1</Size>"
                    + "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>"),
            code: .invalidResponse, says: ["'c/d'", "'a b/'"], call: list),
    ]

    @Test("A response from a server that is not OSS is an error with a remedy", arguments: cases)
    func message(of item: Case) async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { item.answer(connection) }
        }
        let bucket = try Bucket(
            "photos", endpoint: "http://127.0.0.1:\(server.port)", region: "cn-hangzhou", credentials: .anonymous,
            configuration: .quick)
        let error = await #expect(throws: OSSError.self) { try await item.call(bucket) }
        #expect(error?.code == item.code, "\(error.map { "\($0)" } ?? "")")
        for text in item.says { #expect(error?.message.contains(text) == true, "\(error?.message ?? "")") }
        for text in item.doesNotSay { #expect(error?.message.contains(text) == false, "\(error?.message ?? "")") }
        #expect(server.requests.count == item.attempts)
    }

    @Test("A 404 from a server that is not OSS does not mean that the object is missing")
    func exists() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply("404 Not Found") }
        }
        let bucket = try Bucket(
            "photos", endpoint: "http://127.0.0.1:\(server.port)", region: "cn-hangzhou", credentials: .anonymous,
            configuration: .quick)
        let error = await #expect(throws: OSSError.self) { try await bucket.objectExists("k") }
        #expect(error?.code == .invalidResponse)
    }

    @Test("A connection with more than one response to a request is not reused")
    func misplacedResponse() async throws {
        let right = Data("the object".utf8)
        let server = try ScriptedServer { connection in
            while let request = connection.readRequest() {
                // The second request receives the excess bytes. From then on, each response belongs to the previous
                // request.
                if request.line.contains("/second") {
                    connection.reply("200 OK", headers: ["Server: evil"], body: Data("evil".utf8))
                }
                let headers = [
                    "x-oss-request-id: 5C3D9175B6FC201293AD0001", "ETag: \"1\"", "Content-Range: bytes 0-9/10",
                ]
                connection.reply("206 Partial Content", headers: headers, body: right)
            }
        }
        let bucket = try Bucket(
            "photos", endpoint: "http://127.0.0.1:\(server.port)", region: "cn-hangzhou", credentials: .anonymous,
            configuration: .quick)
        #expect(try await bucket.getObject("first").body.collect() == right)
        await #expect(throws: OSSError.self) { try await bucket.getObject("second") }
        let used = Set(server.requests.map(\.connection))
        for number in 0..<3 { #expect(try await bucket.getObject("later/\(number)").body.collect() == right) }
        let later = server.requests.filter { $0.line.contains("/later/") }
        #expect(later.count == 3)
        #expect(used.isDisjoint(with: later.map(\.connection)))
    }

    // MARK: Proxies

    @Test(
        "The proxy for an endpoint is the one that libcurl reads from the environment",
        arguments: [
            ("https", ["https_proxy": "http://user:word@10.0.0.1:3128"], "https_proxy=http://10.0.0.1:3128"),
            ("https", ["HTTPS_PROXY": "proxy:3128", "all_proxy": "other"], "HTTPS_PROXY=proxy:3128"),
            ("https", ["http_proxy": "proxy"], nil),
            ("http", ["http_proxy": "proxy"], "http_proxy=proxy"),
            ("http", ["HTTP_PROXY": "proxy"], nil),
            ("http", ["all_proxy": "socks5://proxy"], "all_proxy=socks5://proxy"),
            ("http", ["http_proxy": "proxy", "no_proxy": "localhost, .example.com"], nil),
            ("http", ["http_proxy": "proxy", "NO_PROXY": "*"], nil),
            ("http", ["http_proxy": "proxy", "no_proxy": "ample.com"], "http_proxy=proxy"),
            ("http", ["http_proxy": ""], nil),
        ] as [(String, [String: String], String?)])
    func proxy(scheme: String, environment: [String: String], expected: String?) throws {
        let endpoint = try Endpoint("\(scheme)://oss.example.com", style: .cname)
        #expect(ProxyInUse(for: endpoint, environment: environment)?.description == expected)
    }

    #if os(Linux)
        @Test("The proxy of a transport's configuration takes precedence over the environment in errors")
        func configuredProxy() throws {
            let endpoint = try Endpoint("https://oss.example.com", style: .cname)
            var settings = LibcurlTransport.Configuration()
            settings.proxy = .none
            #expect(ProxyInUse.current(for: endpoint, try LibcurlTransport(configuration: settings)) == nil)
            settings.proxy = .url("http://user:word@10.0.0.1:3128")
            let transport = try LibcurlTransport(configuration: settings)
            let error = OSSError(transport: HTTPTransportError(.connectionFailed, "refused"))
            let message = error.hinting(at: endpoint, via: transport).message
            #expect(
                message.hasSuffix(
                    "proxy http://10.0.0.1:3128; check it, or remove it from the transport's configuration"))
        }
    #endif

    @Test(
        "The address of an unusable proxy is not shown, and the proxy is not tried again",
        arguments: [
            "Unsupported proxy scheme for 'htp://user:pass-word@127.0.0.1:1'",
            "Unsupported proxy syntax in 'http:://user:pass-word@127.0.0.1:1'",
            "Unsupported proxy syntax in 'http://user:pr#pass-word@127.0.0.1:1'",
            "Unsupported proxy syntax in 'http://user:pr?pass-word@127.0.0.1:1': Port number was not a decimal",
            "Unsupported proxy syntax in 'http://user:pass-word'",
        ])
    func unusableProxy(text: String) {
        let classifier = HTTPErrorClassifier(
            method: .get, head: nil, bytesReceived: 0, bytesSent: 0, bodyLength: 0)
        let failure = classifier.ofFailure(code: .unknown, text: text)
        let error = OSSError(transport: failure)
        #expect(error.code == .connectionFailed)
        #expect(!"\(error) \(failure)".contains("word"))
        #expect(RetryVerdict(on: error, isIdempotent: true) == .fail)
    }

    @Test(
        "A server without TLS is recognized by the text of the failure",
        arguments: ["https://oss.example.com", "oss.example.com"])
    func plainServer(endpoint: String) throws {
        let text = "OpenSSL/3.0.13: error:0A00010B:SSL routines::wrong version number"
        let error = OSSError(transport: HTTPTransportError(.connectionFailed, text))
        let message = error.hinting(at: try Endpoint(endpoint, style: .cname)).message
        #expect(message.contains("https is the default") && message.contains("http://"))
    }

    @Test(
        "A proxy that refuses a tunnel is not tried again, and a failed connection to a proxy is retried",
        arguments: [
            ("CONNECT tunnel failed, response 407", true), ("CONNECT tunnel failed, response 403", true),
            ("Received HTTP code 407 from proxy after CONNECT", true), ("CONNECT tunnel failed, response 502", false),
            ("Failed to connect to 127.0.0.1 port 3128", false),
        ])
    func tunnel(text: String, isFinal: Bool) {
        let error = OSSError(transport: HTTPTransportError(.connectionFailed, text))
        #expect(RetryVerdict(on: error, isIdempotent: true) == (isFinal ? .fail : .retry))
    }
}

extension BucketConfiguration {
    /// A configuration for three attempts without delays.
    fileprivate static var quick: BucketConfiguration {
        var configuration = BucketConfiguration()
        configuration.retry.maximumAttempts = 3
        configuration.retry.baseDelay = .zero
        return configuration
    }
}
