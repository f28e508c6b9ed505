import Foundation
import Testing

@testable import AliyunOSS

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("HTTPErrorClassifier")
struct TransferVerdictTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var method = HTTPMethod.get
        var status: Int?
        var headers: HTTPHeaders = [:]
        var received: Int64 = 0
        var sent: Int64 = 0
        var body: Int64 = 0
        var code = URLError.Code.unknown
        var text = ""
        var expected: HTTPTransportError.Kind?

        var testDescription: String { name }

        var verdict: HTTPErrorClassifier {
            HTTPErrorClassifier(
                method: method, head: status.map { HTTPResponseHead(status: $0, headers: headers) },
                bytesReceived: received,
                bytesSent: sent, bodyLength: body)
        }
    }

    static let completeCases: [Case] = [
        Case(name: "all bytes", status: 200, headers: ["Content-Length": "5"], received: 5),
        Case(name: "no announced length", status: 200, received: 5),
        Case(name: "short", status: 200, headers: ["Content-Length": "5"], received: 4, expected: .truncatedBody),
        Case(name: "short error reply", status: 500, headers: ["Content-Length": "5"], expected: .truncatedBody),
        Case(name: "short range", status: 206, headers: ["content-length": "9"], expected: .truncatedBody),
        Case(name: "HEAD", method: .head, status: 200, headers: ["Content-Length": "5"]),
        Case(name: "HEAD of gzip", method: .head, status: 200, headers: ["Content-Encoding": "gzip"]),
        Case(name: "204", status: 204, headers: ["Content-Length": "5"]),
        Case(name: "304", status: 304, headers: ["Content-Length": "5"]),
        Case(
            name: "decoded", status: 200, headers: ["Content-Length": "5", "Content-Encoding": "gzip"], received: 50,
            expected: .invalidResponse),
        Case(
            name: "identity", status: 200, headers: ["Content-Length": "5", "Content-Encoding": "Identity"],
            received: 5),
        Case(name: "decoded but empty", status: 200, headers: ["Content-Length": "0", "Content-Encoding": "gzip"]),
        Case(
            name: "decoded error text", status: 403, headers: ["Content-Length": "50", "Content-Encoding": "gzip"],
            received: 90),
        Case(name: "no status line", expected: .invalidResponse),
        Case(name: "accepted in whole", method: .put, status: 200, sent: 9, body: 9),
        Case(name: "accepted in part", method: .put, status: 200, sent: 7, body: 9, expected: .connectionLost),
        Case(name: "refused early", method: .put, status: 403, sent: 7, body: 9),
    ]

    @Test("A response that the system reports as complete is checked by its byte counts", arguments: completeCases)
    func complete(_ example: Case) {
        #expect(example.verdict.ofComplete?.kind == example.expected)
    }

    static let failedCases: [Case] = [
        Case(name: "refused", code: .cannotConnectToHost, expected: .connectionFailed),
        Case(name: "unknown host", code: .cannotFindHost, expected: .connectionFailed),
        Case(name: "TLS as -1", text: "SSL certificate problem: expired", expected: .connectionFailed),
        Case(name: "TLS on Apple", code: .serverCertificateUntrusted, expected: .connectionFailed),
        Case(
            name: "reset in the handshake",
            text: "OpenSSL SSL_connect: Connection reset by peer in connection to host:443 ",
            expected: .connectionFailed),
        Case(
            name: "reset after the handshake", text: "OpenSSL SSL_read: Connection reset by peer, errno 104",
            expected: .connectionLost),
        Case(
            name: "end after the handshake",
            text:
                "OpenSSL SSL_read: OpenSSL/3.0.13: error:0A000126:SSL routines::unexpected eof while reading, errno 0",
            expected: .connectionLost),
        Case(
            name: "write after the handshake", text: "SSL_write() returned SYSCALL, errno = 104",
            expected: .connectionLost),
        Case(name: "empty reply", code: .badServerResponse, expected: .connectionLost),
        Case(name: "reset", code: .networkConnectionLost, expected: .connectionLost),
        Case(
            name: "refused after bytes were sent", method: .put, sent: 5, body: 9, code: .cannotConnectToHost,
            expected: .connectionLost),
        Case(name: "send failure as -1", method: .put, sent: 5, body: 9, expected: .connectionLost),
        Case(
            name: "cut off", status: 200, headers: ["Content-Length": "9"], received: 4, text: "transfer closed",
            expected: .truncatedBody),
        Case(name: "chunks cut off", status: 200, received: 4, expected: .connectionLost),
        Case(
            name: "all bytes, then a reset", status: 200, headers: ["Content-Length": "4"], received: 4,
            code: .networkConnectionLost, expected: .connectionLost),
        Case(
            name: "unknown encoding", status: 200, headers: ["Content-Encoding": "utf-8"], expected: .invalidResponse),
        Case(name: "garbage", code: .unsupportedURL, expected: .invalidResponse),
        Case(name: "bad header", text: "Failed writing header", expected: .invalidResponse),
        Case(name: "bad address", code: .badURL, expected: .invalidRequest),
        Case(name: "Foundation's own timer", code: .timedOut, expected: .timedOut),
    ]

    @Test("A failure is classified by the transferred bytes, then by its code and its text", arguments: failedCases)
    func failed(_ example: Case) {
        let error = example.verdict.ofFailure(code: example.code, text: example.text)
        #expect(error.kind == example.expected)
    }

    @Test("No message contains a query")
    func query() {
        let verdict = Case(name: "").verdict
        let text = "cannot load http://h/k?x-oss-signature=SECRET now"
        let error = verdict.ofFailure(code: .networkConnectionLost, text: text)
        #expect(!error.description.contains("SECRET"))
        #expect(error.description.contains("http://h/k now"))
        #expect((error.underlying as? URLError)?.failingURL == nil)
    }
}
