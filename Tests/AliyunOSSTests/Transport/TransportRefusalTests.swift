import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Transport: disabled behaviors", .timeLimit(.minutes(3)))
struct TransportRefusalTests {
    let transport = TestTransport()
    let timeouts = HTTPTimeouts(connect: .seconds(20), idle: .seconds(20))

    @Test(
        "A redirect is not followed: its target receives no connection, and the caller receives the response",
        arguments: [301, 302, 303, 307, 308], [HTTPMethod.get, .put])
    func redirect(_ status: Int, _ method: HTTPMethod) async throws {
        let target = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        let location = target.url("/stolen")
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.reply("\(status) Moved", headers: ["Location: \(location)"], body: Data("<Error/>".utf8))
            }
        }
        let reply = try await transport.send(
            HTTPRequest(
                method: method, url: server.url("/k"),
                headers: ["Authorization": "OSS4-HMAC-SHA256 secret", "x-oss-security-token": "token"],
                body: method == .put ? .data(Data(count: 100_000)) : .none, timeouts: timeouts))
        #expect(reply.status == status)
        #expect(reply.headers["location"] == location)
        #expect(reply.body == Data("<Error/>".utf8))
        #expect(server.requests.count == 1)
        #expect(target.acceptedConnections == 0)
    }

    @Test("A redirect without a Location is returned as a response", arguments: [301, 307])
    func redirectWithoutLocation(_ status: Int) async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply("\(status) Moved", body: Data("lost".utf8)) }
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let reply = try await transport.send(HTTPRequest(method: .get, url: server.url("/k"), timeouts: timeouts))
        #expect(reply.status == status)
    }

    @Test(
        "A challenge ends the request with its response and gets no credentials",
        arguments: ["Basic realm=\"r\"", "Digest realm=\"r\", nonce=\"n\"", "OSS"], [HTTPMethod.get, .put])
    func challenge(_ scheme: String, _ method: HTTPMethod) async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.reply(
                    "401 Unauthorized", headers: ["WWW-Authenticate: \(scheme)"], body: Data("<Error/>".utf8))
            }
        }
        let reply = try await transport.send(
            HTTPRequest(
                method: method, url: server.url("/k"), body: method == .put ? .data(Data(count: 10)) : .none,
                timeouts: timeouts))
        #expect(reply.status == 401)
        #expect(reply.body == Data("<Error/>".utf8))
        #expect(server.requests.count == 1)
    }

    @Test("A header with a line break is rejected before any request")
    func injection() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(
                HTTPRequest(method: .get, url: server.url("/k"), headers: ["x-oss-meta-a": "b\r\nX-Evil: 1"]))
        }
        #expect(error?.kind == .invalidRequest)
        #expect(server.acceptedConnections == 0)
    }

    @Test("Cookies are not stored")
    func cookies() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply(headers: ["Set-Cookie: a=b; Path=/"]) }
        }
        for _ in 0..<2 {
            _ = try await transport.send(HTTPRequest(method: .get, url: server.url("/k"), timeouts: timeouts))
        }
        #expect(server.requests.count == 2)
        #expect(server.requests.allSatisfy { $0["cookie"] == nil })
    }

    @Test("Responses are not cached")
    func cache() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.reply(headers: ["Cache-Control: max-age=3600", "ETag: \"e\""], body: Data("v".utf8))
            }
        }
        for _ in 0..<2 {
            _ = try await transport.send(HTTPRequest(method: .get, url: server.url("/k"), timeouts: timeouts))
        }
        #expect(server.requests.count == 2)
        #expect(server.requests.allSatisfy { $0["if-none-match"] == nil })
    }

    @Test("Headers keep their spelling, empty values are sent, and a connection serves successive requests")
    func spelling() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        for _ in 0..<3 {
            _ = try await transport.send(
                HTTPRequest(
                    method: .get, url: server.url("/k"),
                    headers: ["x-oss-meta-fooBAR": "ü;, \"q\"", "x-oss-meta-none": "", "X-a": "1"],
                    timeouts: timeouts))
        }
        for request in server.requests {
            #expect(request.head.contains("\r\nx-oss-meta-fooBAR: ü;, \"q\"\r\n"))
            #expect(request.all("x-oss-meta-none") == [""])
            #expect(request.head.contains("\r\nX-a: 1\r\n"))
        }
        #expect(server.requests.map(\.connection) == [0, 0, 0])
    }

    static let awkwardKeys = [
        "a/../b", "./x", "../x", "x/..", "a//b", "/a", "a/", "a b+c%20", "%2e%2e/z", "%2e%2e", "😀/ü", "caf\u{E9}",
        "cafe\u{301}", "a?b#c&d=e", "~'()*!;:@,$[]{}|\\^`\"<>", "\u{1}\t\n\u{7F}", "...", ".a./..b",
    ]

    @Test("A key reaches the server unchanged, whatever its characters", arguments: awkwardKeys)
    func keys(_ key: String) async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let url = try Endpoint(server.url(""), style: .path).url(bucket: "bucket", key: key)
        _ = try await transport.send(HTTPRequest(method: .get, url: url, timeouts: timeouts))
        let line = try #require(server.requests.first?.line)
        // The request line is the URL's own path, byte for byte …
        #expect(line == "GET \(url.dropFirst(server.url("").count)) HTTP/1.1")
        // … and it decodes to the key. Bytes are compared, because `String` treats NFC and NFD as equal.
        let path = try #require(line.split(separator: " ").dropFirst().first?.dropFirst("/bucket/".count))
        #expect(percentDecoded(path) == Array(key.utf8))
    }

    private func percentDecoded(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
