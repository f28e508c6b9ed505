import AliyunOSS
import Foundation
import TestKit
import Testing

@Suite("Transport: time limits", .timeLimit(.minutes(3)))
struct TransportTimeLimitTests {
    let transport = TestTransport()

    /// Sends a request that must fail, and returns its error.
    private func failure(of request: HTTPRequest) async -> HTTPTransportError? {
        await #expect(throws: HTTPTransportError.self) { try await transport.send(request) }
    }

    @Test(
        "A server that accepts a connection and never responds reaches a time limit, with a body and without",
        arguments: [0, 10])
    func silence(_ count: Int) async throws {
        let server = try ScriptedServer { $0.waitForEnd() }
        // With a body, the connect limit must not be reached, even on a busy machine.
        let connect = Duration.milliseconds(count == 0 ? 100 : 10_000)
        let error = await failure(
            of: HTTPRequest(
                method: .put, url: server.url("/k"), body: .data(Data(count: count)),
                timeouts: HTTPTimeouts(connect: connect, idle: .milliseconds(300))))
        #expect(error?.kind == .timedOut)
        // libcurl tells when it has connected, and URLSession does not.
        let isConnecting = count == 0 && !TestTransport.isLibcurl
        #expect(error?.message.contains(isConnecting ? "no connection or response" : "no data transferred") == true)
        #expect(server.acceptedConnections == 1)
    }

    #if os(Linux)
        @Test("A connection that is never established reaches the connect limit")
        func noConnection() async throws {
            let server = try FullServer()
            let error = await failure(
                of: HTTPRequest(
                    method: .put, url: server.url, body: .data(Data(count: 10)),
                    timeouts: HTTPTimeouts(connect: .milliseconds(300), idle: .seconds(100))))
            #expect(error?.kind == .timedOut)
            let limit = TestTransport.isLibcurl ? "no connection within 0.3" : "no connection or response within 0.3"
            #expect(error?.message.contains(limit) == true)
        }
    #endif

    @Test("Without a body, a response may take longer than connecting, because the two cannot be distinguished")
    func slowReply() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil, !connection.isOver(within: 600) else { return }
            connection.reply()
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let reply = try await transport.send(
            HTTPRequest(
                method: .put, url: server.url("/copy"), headers: ["x-oss-copy-source": "/b/k"],
                timeouts: HTTPTimeouts(connect: .milliseconds(200), idle: .seconds(60))))
        #expect(reply.status == 200)
    }

    @Test("A body that stalls reaches the idle limit, and nothing is written afterwards")
    func stalledBody() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789")
            connection.waitForEnd()
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let scratch = try ScratchFile()
        let error = await failure(
            of: HTTPRequest(
                method: .get, url: server.url("/k"), destination: .file(scratch.file, offset: 0, status: 200),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .milliseconds(300))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("no data transferred") == true)
    }

    @Test("An upload that the server does not read reaches the idle limit")
    func stalledUpload() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            _ = connection.readBody(100_000)
            connection.waitForHangUp()
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let error = await failure(
            of: HTTPRequest(
                method: .put, url: server.url("/k"), body: .data(Data(count: 64 << 20)),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .milliseconds(500))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("no data transferred") == true)
    }

    @Test("A response that trickles reaches only the limit for the entire request")
    func trickle() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while !connection.isOver(within: 20) { connection.send("x") }
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let error = await failure(
            of: HTTPRequest(
                method: .get, url: server.url("/k"),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .seconds(100), total: .milliseconds(700))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("not complete within") == true)
    }

    @Test("A slow response within its limits succeeds, and transferred bytes restart the idle limit")
    func slow() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
            for _ in 0..<10 where !connection.isOver(within: 200) { connection.send("x") }
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let reply = try await transport.send(
            HTTPRequest(
                method: .get, url: server.url("/k"),
                timeouts: HTTPTimeouts(connect: .seconds(60), idle: .milliseconds(1900), total: .seconds(60))))
        #expect(reply.bodyLength == 10)
    }

    @Test("Waiting for a free connection does not count towards any limit")
    func queueTime() async throws {
        let transport = TestTransport(maximumConnections: 1)
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                if connection.isOver(within: 700) { return }
                connection.reply()
            }
        }
        // Fifteen consecutive chunks take 10.5 seconds, and the limit for each is ten.
        let limits = HTTPTimeouts(connect: .seconds(10), idle: .seconds(10), total: .seconds(10))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<15 {
                group.addTask {
                    try await transport.send(HTTPRequest(method: .get, url: server.url("/k"), timeouts: limits)).status
                }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(server.acceptedConnections == 1)
    }

    @Test("80 concurrent requests of five seconds succeed with limits of 15 seconds, over at most 64 connections")
    func manySlowRequests() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                if connection.isOver(within: 5000) { return }
                connection.reply()
            }
        }
        let limits = HTTPTimeouts(connect: .seconds(15), idle: .seconds(15), total: .seconds(15))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<80 {
                group.addTask {
                    try await transport.send(HTTPRequest(method: .get, url: server.url("/k"), timeouts: limits)).status
                }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(server.requests.count == 80)
        // A busy machine may start fewer than 64 within the time that one takes.
        #expect(server.acceptedConnections <= 64)
    }
}
