import AliyunOSS
import Foundation
import TestKit
import Testing

@Suite("Transport: time limits", .timeLimit(.minutes(3)))
struct TransportTimeLimitTests {
    let transport = TestTransport()

    /// Sends a request that cannot end well, and returns its error.
    private func failure(of request: HTTPRequest) async -> HTTPTransportError? {
        await #expect(throws: HTTPTransportError.self) { try await transport.send(request) }
    }

    @Test("A server that accepts and says nothing runs out a limit, with a body and without", arguments: [0, 10])
    func silence(_ count: Int) async throws {
        let server = try ScriptedServer { $0.waitForEnd() }
        // With a body the limit for connecting must not be the one that runs out, on a busy machine neither.
        let connect = Duration.milliseconds(count == 0 ? 100 : 10_000)
        let error = await failure(
            of: HTTPRequest(
                method: .put, url: server.url("/k"), body: .data(Data(count: count)),
                timeouts: HTTPTimeouts(connect: connect, idle: .milliseconds(300))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains(count == 0 ? "no connection or response" : "no data transferred") == true)
        #expect(server.acceptedConnections == 1)
    }

    #if os(Linux)
        @Test("A connection that never comes about runs out the limit for connecting")
        func noConnection() async throws {
            let server = try FullServer()
            let error = await failure(
                of: HTTPRequest(
                    method: .put, url: server.url, body: .data(Data(count: 10)),
                    timeouts: HTTPTimeouts(connect: .milliseconds(300), idle: .seconds(100))))
            #expect(error?.kind == .timedOut)
            #expect(error?.message.contains("no connection or response within 0.3") == true)
        }
    #endif

    @Test("A response may take longer than connecting, when there is no body to tell the two apart")
    func slowReply() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil, !connection.isOver(within: 600) else { return }
            connection.reply()
        }
        // Otherwise it ends with its last mention, and its port is free for the server of another test.
        defer { withExtendedLifetime(server) {} }
        let reply = try await transport.send(
            HTTPRequest(
                method: .put, url: server.url("/copy"), headers: ["x-oss-copy-source": "/b/k"],
                timeouts: HTTPTimeouts(connect: .milliseconds(200), idle: .seconds(60))))
        #expect(reply.status == 200)
    }

    @Test("A body that stalls runs out the idle limit, and nothing is written afterwards")
    func stalledBody() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789")
            connection.waitForEnd()
        }
        // Otherwise it ends with its last mention, and its port is free for the server of another test.
        defer { withExtendedLifetime(server) {} }
        let scratch = try ScratchFile()
        let error = await failure(
            of: HTTPRequest(
                method: .get, url: server.url("/k"), destination: .file(scratch.file, offset: 0, status: 200),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .milliseconds(300))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("no data transferred") == true)
    }

    @Test("An upload that nobody reads runs out the idle limit")
    func stalledUpload() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            _ = connection.readBody(100_000)
            connection.waitForHangUp()
        }
        // Otherwise it ends with its last mention, and its port is free for the server of another test.
        defer { withExtendedLifetime(server) {} }
        let error = await failure(
            of: HTTPRequest(
                method: .put, url: server.url("/k"), body: .data(Data(count: 64 << 20)),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .milliseconds(500))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("no data transferred") == true)
    }

    @Test("A response that trickles runs out the limit for the whole request, and only that one")
    func trickle() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while !connection.isOver(within: 20) { connection.send("x") }
        }
        // Otherwise it ends with its last mention, and its port is free for the server of another test.
        defer { withExtendedLifetime(server) {} }
        let error = await failure(
            of: HTTPRequest(
                method: .get, url: server.url("/k"),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .seconds(100), total: .milliseconds(700))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("not complete within") == true)
    }

    @Test("A slow response within its limits succeeds, and bytes that move put the idle limit off")
    func slow() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
            for _ in 0..<10 where !connection.isOver(within: 200) { connection.send("x") }
        }
        // Otherwise it ends with its last mention, and its port is free for the server of another test.
        defer { withExtendedLifetime(server) {} }
        let reply = try await transport.send(
            HTTPRequest(
                method: .get, url: server.url("/k"),
                timeouts: HTTPTimeouts(connect: .seconds(60), idle: .milliseconds(1900), total: .seconds(60))))
        #expect(reply.bodyLength == 10)
    }

    @Test("Waiting for a free connection counts for no limit")
    func queueTime() async throws {
        let transport = TestTransport(maximumConnections: 1)
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                if connection.isOver(within: 700) { return }
                connection.reply()
            }
        }
        // Fifteen of them in a row take ten and a half seconds, and each may take ten.
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

    @Test("80 requests of five seconds at once all succeed under limits of 15 seconds, over at most 64 connections")
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
        // Fewer on a machine that is too busy to begin 64 of them within the time that one takes.
        #expect(server.acceptedConnections <= 64)
    }
}
