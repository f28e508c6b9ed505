import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit
import Testing

/// A server for the requests of credentials providers, whatever their addresses.
final class CredentialsServer: Sendable {
    /// A response, or the absence of one.
    struct Response: Sendable {
        var status = "200 OK"
        var headers: [String] = []
        var body = ""
        /// Whether the server accepts the request and sends nothing.
        var isMissing = false
        /// Whether the server sends one byte at a time, without end.
        var isEndless = false

        static let missing = Response(isMissing: true)
        static let endless = Response(isEndless: true)

        static func ok(_ body: String) -> Response { Response(body: body) }
        static func status(_ status: String, _ body: String = "") -> Response { Response(status: status, body: body) }
    }

    private let server: ScriptedServer
    /// Transport that sends all requests to this server.
    let transport: CredentialsServerTransport

    /// The transport, with a time limit that is short but sufficient for a request to arrive.
    var impatientTransport: CredentialsServerTransport {
        var transport = transport
        transport.limit = .seconds(2)
        return transport
    }

    /// Starts a server that responds to each request with the result of `respond`.
    init(_ respond: @escaping @Sendable (ScriptedServer.Request) -> Response) throws {
        server = try ScriptedServer { connection in
            while let request = connection.readRequest() {
                let response = respond(request)
                if response.isMissing { return connection.waitForHangUp() }
                if response.isEndless {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
                    while connection.send(Data(" ".utf8)) { usleep(20_000) }
                    return
                }
                connection.reply(response.status, headers: response.headers, body: Data(response.body.utf8))
            }
        }
        transport = CredentialsServerTransport(url: server.url(""))
    }

    /// Received requests, in order.
    var requests: [ScriptedServer.Request] { server.requests }

    /// URL of a path on the server.
    func url(_ path: String) -> String { server.url(path) }

    /// Requests that the transport was asked to send.
    var sent: [HTTPRequest] { transport.sent.values }

    /// Returns temporary credentials in the format of the metadata service.
    static func document(
        _ secret: String = "s3cr3t", livingFor seconds: TimeInterval = 3600, code: String = "Success"
    ) -> String {
        let expiration = ISO8601.extended(Date().addingTimeInterval(seconds))
        return """
            {"Code": "\(code)", "AccessKeyId": "STS.id", "AccessKeySecret": "\(secret)", "SecurityToken": "t0k3n",
            "LastUpdated": "2026-11-22T08:00:00Z", "Expiration": "\(expiration)"}
            """
    }

    /// Returns temporary credentials in the format of STS.
    static func stsDocument(_ secret: String = "s3cr3t", livingFor seconds: TimeInterval = 3600) -> String {
        """
        {"RequestId": "6894B13B", "AssumedRoleUser": {"Arn": "acs:ram::1:role/r/s", "AssumedRoleId": "3:s"},
        "Credentials": \(document(secret, livingFor: seconds))}
        """
    }
}

/// A transport that replaces the scheme, host and port of every URL, and shortens the time limits.
struct CredentialsServerTransport: HTTPTransport {
    let url: String
    let sent = Recorder<HTTPRequest>()
    /// Time limit of a request: long enough for a busy machine, unless no response is expected.
    var limit = Duration.seconds(20)
    private let base = TestTransport()

    init(url: String) { self.url = url }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        sent.append(request)
        var request = request
        let start = request.url.range(of: "://")?.upperBound ?? request.url.startIndex
        request.url = url + request.url[start...].drop { $0 != "/" }
        request.timeouts = HTTPTimeouts(connect: limit, response: limit, idle: limit, total: limit)
        return try await base.send(request)
    }
}

extension ScriptedServer.Request {
    /// Path and query of the request.
    var target: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

    /// Parameters of the query and of the form in the body.
    var parameters: [String: String] {
        let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let pairs = (String(query) + "&" + String(decoding: body, as: UTF8.self)).split(separator: "&")
        return pairs.reduce(into: [:]) { parameters, pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            parameters[parts[0]] = parts.count > 1 ? PercentEncoding.decode(parts[1]) : ""
        }
    }
}

/// Expects that a provider fails, and returns its error. The error must contain no secret.
func failure(
    of provider: some CredentialsProvider, hiding secrets: [String] = ["s3cr3t", "t0k3n"]
) async throws -> OSSError {
    let error = try await #require(throws: OSSError.self) { _ = try await provider.credentials() }
    #expect(error.code == .credentialsUnavailable)
    for text in printed(error) + printed(provider) {
        for secret in secrets { #expect(!text.contains(secret), "\(text)") }
    }
    return error
}
