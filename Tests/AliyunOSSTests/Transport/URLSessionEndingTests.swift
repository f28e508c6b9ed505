import AliyunOSS
import Foundation
import Testing

/// How requests end other than with a reply: time limits, cancellation, shutting down.
@Suite("URLSessionTransport: endings", .timeLimit(.minutes(3)))
struct URLSessionEndingTests {
    let transport = URLSessionTransport()

    /// Sends a request that cannot end well, and returns its error.
    private func failure(of request: HTTPRequest) async -> HTTPTransportError? {
        await #expect(throws: HTTPTransportError.self) { try await transport.send(request) }
    }

    // MARK: Time limits

    @Test("A server that accepts and says nothing runs out a limit, with a body and without", arguments: [0, 10])
    func silence(_ count: Int) async throws {
        let server = try ScriptedServer { $0.waitForEnd() }
        let error = await failure(
            of: HTTPRequest(
                method: .put, url: server.url("/k"), body: .data(Data(count: count)),
                timeouts: HTTPTimeouts(connect: .milliseconds(100), idle: .milliseconds(300))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains(count == 0 ? "no connection and no reply" : "nothing moved") == true)
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
            #expect(error?.message.contains("no connection and no reply within 0.3") == true)
        }
    #endif

    @Test("A reply may take longer than connecting, when there is no body to tell the two apart")
    func slowReply() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil, !connection.isOver(within: 600) else { return }
            connection.reply()
        }
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
        let scratch = try ScratchFile.containing(Data())
        let error = await failure(
            of: HTTPRequest(
                method: .get, url: server.url("/k"), destination: .file(scratch.file, offset: 0, status: 200),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .milliseconds(300))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("nothing moved") == true)
    }

    @Test("An upload that nobody reads runs out the idle limit")
    func stalledUpload() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            _ = connection.readBody(100_000)
            connection.waitForHangUp()
        }
        let error = await failure(
            of: HTTPRequest(
                method: .put, url: server.url("/k"), body: .data(Data(count: 64 << 20)),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .milliseconds(500))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("nothing moved") == true)
    }

    @Test("A reply that trickles runs out the limit for the whole request, and only that one")
    func trickle() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while !connection.isOver(within: 20) { connection.send("x") }
        }
        let error = await failure(
            of: HTTPRequest(
                method: .get, url: server.url("/k"),
                timeouts: HTTPTimeouts(connect: .seconds(100), idle: .seconds(100), total: .milliseconds(700))))
        #expect(error?.kind == .timedOut)
        #expect(error?.message.contains("not complete within") == true)
    }

    @Test("A slow reply within its limits succeeds, and bytes that move put the idle limit off")
    func slow() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
            for _ in 0..<10 where !connection.isOver(within: 200) { connection.send("x") }
        }
        let reply = try await transport.send(
            HTTPRequest(
                method: .get, url: server.url("/k"),
                timeouts: HTTPTimeouts(connect: .seconds(60), idle: .milliseconds(1900), total: .seconds(60))))
        #expect(reply.bodyLength == 10)
    }

    @Test("Waiting for a free connection counts for no limit")
    func queueTime() async throws {
        var configuration = URLSessionTransport.Configuration()
        configuration.maximumConnections = 1
        let transport = URLSessionTransport(configuration: configuration)
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                if connection.isOver(within: 700) { return }
                connection.reply()
            }
        }
        // Six of them in a row take 4.2 seconds, and each may take 3.
        let limits = HTTPTimeouts(connect: .seconds(3), idle: .seconds(3), total: .seconds(3))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
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
        #expect(server.acceptedConnections == 64)
    }

    // MARK: Cancellation

    @Test("A task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        let transport = transport
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await transport.send(HTTPRequest(method: .get, url: server.url("/k")))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(server.acceptedConnections == 0)
    }

    @Test("Cancelling a download throws CancellationError, and the file does not change from then on")
    func cancelledDownload() async throws {
        let ended = Recorder<Bool>()
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
            while connection.send(Data(count: 1 << 20)) {}
            ended.append(true)
        }
        let scratch = try ScratchFile.containing(Data())
        let (progress, report) = AsyncStream.makeStream(of: HTTPProgress.self)
        let transport = transport
        let task = Task {
            try await transport.send(
                HTTPRequest(
                    method: .get, url: server.url("/k"), destination: .file(scratch.file, offset: 0, status: 200)
                ) { report.yield($0) })
        }
        for await step in progress where step.bytesReceived > 1 << 20 { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let status = try scratch.file.status()
        #expect(status.size > 0)
        try await eventually { ended.values == [true] }
        #expect(try !scratch.file.status().mayDiffer(from: status))
    }

    @Test("Cancelling while waiting for a free connection sends nothing")
    func cancelledInQueue() async throws {
        var configuration = URLSessionTransport.Configuration()
        configuration.maximumConnections = 1
        let transport = URLSessionTransport(configuration: configuration)
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.waitForEnd()
        }
        let first = Task { try await transport.send(HTTPRequest(method: .get, url: server.url("/first"))) }
        try await eventually { server.requests.count == 1 }
        let second = Task { try await transport.send(HTTPRequest(method: .get, url: server.url("/second"))) }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(server.requests.map(\.line) == ["GET /first HTTP/1.1"])
    }

    @Test("A storm of cancelled transfers does not stop the networking of the process")
    func storm() async throws {
        let body = Data(count: 200_000)
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply(body: body) }
        }
        let transport = transport
        let ends = Recorder<String>()
        for _ in 0..<30 {
            let tasks = (0..<100).map { index in
                Task {
                    // Some are cancelled by their own progress, in the middle of sending or receiving.
                    let cancelsItself = index % 4 == 3
                    let (steps, step) = AsyncStream.makeStream(of: Void.self)
                    let work = Task {
                        let isUpload = index % 2 == 1
                        let request = HTTPRequest(
                            method: isUpload ? .put : .get, url: server.url("/k"), body: isUpload ? .data(body) : .none
                        ) { _ in step.yield() }
                        do {
                            _ = try await transport.send(request)
                            ends.append("reply")
                        } catch is CancellationError {
                            ends.append("cancelled")
                        } catch {
                            ends.append("\(error)")
                        }
                        step.finish()
                    }
                    if cancelsItself {
                        for await _ in steps { break }
                        work.cancel()
                    }
                    await withTaskCancellationHandler {
                        await work.value
                    } onCancel: {
                        work.cancel()
                    }
                }
            }
            for task in tasks[50...] { task.cancel() }
            for task in tasks { await task.value }
        }
        let counts = Dictionary(ends.values.map { ($0, 1) }, uniquingKeysWith: +)
        #expect(ends.values.count == 3000)
        #expect(Set(counts.keys).isSubset(of: ["reply", "cancelled"]), "\(counts)")
        #expect(counts["cancelled", default: 0] > 1000)
        let reply = try await transport.send(HTTPRequest(method: .get, url: server.url("/after")))
        #expect(reply.body == body)
    }

    // MARK: Shutting down

    @Test("Shutting down ends what is in flight and what waits, and refuses what comes after")
    func shutDown() async throws {
        var configuration = URLSessionTransport.Configuration()
        configuration.maximumConnections = 2
        let transport = URLSessionTransport(configuration: configuration)
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.waitForEnd()
        }
        let tasks = (0..<5).map { _ in
            Task { try await transport.send(HTTPRequest(method: .get, url: server.url("/k"))) }
        }
        try await eventually { server.requests.count == 2 }
        transport.shutDown()
        for task in tasks {
            let error = await #expect(throws: HTTPTransportError.self) { try await task.value }
            #expect(error?.kind == .shutDown)
        }
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(HTTPRequest(method: .get, url: server.url("/k")))
        }
        #expect(error?.kind == .shutDown)
        transport.shutDown()
        #expect(server.requests.count == 2)
        try await eventually { server.openConnections == 0 }
    }

    @Test("A transport that is let go closes its connections")
    func released() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        do {
            let transport = URLSessionTransport()
            _ = try await transport.send(HTTPRequest(method: .get, url: server.url("/k")))
            #expect(server.openConnections == 1)
        }
        try await eventually { server.openConnections == 0 }
    }

    @Test("Nothing keeps the files of a request once it has ended", arguments: [false, true])
    func filesAreReleased(_ cancels: Bool) async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                if cancels { return connection.waitForEnd() }
                connection.reply(body: Data(count: 100))
            }
        }
        weak var source: OpenFile?
        weak var destination: OpenFile?
        do {
            let from = try ScratchFile.containing(Data(count: 1000))
            let to = try ScratchFile.containing(Data())
            source = from.file
            destination = to.file
            let request = HTTPRequest(
                method: .put, url: server.url("/k"), body: .file(FileSlice(from.file, offset: 0, length: 1000)),
                destination: .file(to.file, offset: 0, status: 200))
            let transport = transport
            let task = Task { try await transport.send(request) }
            if cancels {
                try await eventually { server.requests.count == 1 }
                task.cancel()
            }
            _ = await task.result
        }
        try await eventually { source == nil && destination == nil }
    }

    /// Waits until a condition holds; the suite's time limit ends a wait that is in vain.
    private func eventually(_ condition: () -> Bool) async throws {
        while !condition() {
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}
