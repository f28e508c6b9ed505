import AliyunOSS
import Foundation
import TestKit
import Testing

@Suite("Transport: cancellation and shutdown", .timeLimit(.minutes(3)))
struct TransportCancellationTests {
    let transport = TestTransport()

    @Test("A task that is already cancelled sends nothing")
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

    @Test("Cancelling a download throws CancellationError, and the file does not change afterwards")
    func cancelledDownload() async throws {
        let ended = Recorder<Bool>()
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
            while connection.send(Data(count: 1 << 20)) {}
            ended.append(true)
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let scratch = try ScratchFile()
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
        try #require(try await eventually { ended.values == [true] })
        #expect(try !scratch.file.status().hasChanged(from: status))
    }

    @Test("Cancelling while waiting for a free connection sends nothing")
    func cancelledInQueue() async throws {
        let transport = TestTransport(maximumConnections: 1)
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.waitForEnd()
        }
        let first = Task { try await transport.send(HTTPRequest(method: .get, url: server.url("/first"))) }
        try #require(try await eventually { server.requests.count == 1 })
        let second = Task { try await transport.send(HTTPRequest(method: .get, url: server.url("/second"))) }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(server.requests.map(\.line) == ["GET /first HTTP/1.1"])
    }

    @Test("Many transfers that are cancelled during a redirect all end")
    func redirectedStorm() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.reply("302 Found", headers: ["Location: http://127.0.0.1:9/elsewhere"])
            }
        }
        let transport = TestTransport()
        let request = HTTPRequest(method: .get, url: "http://127.0.0.1:\(server.port)/k")
        for round in 0..<40 {
            let before = server.requests.count
            let tasks = (0..<16).map { _ in Task { try await transport.send(request) } }
            // At that point, some responses have arrived, and some are in flight.
            while server.requests.count < before + 1 + round % 16 { await Task.yield() }
            for task in tasks { task.cancel() }
            for task in tasks {
                switch await task.result {
                case .success(let reply): #expect(reply.status == 302)
                case .failure(let error): #expect(error is CancellationError)
                }
            }
        }
        #expect(try await transport.send(request).status == 302)
    }

    @Test("Many cancelled transfers do not stop the networking of the process")
    func storm() async throws {
        let body = Data(count: 200_000)
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply(body: body) }
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let transport = transport
        let ends = Recorder<String>()
        for _ in 0..<30 {
            let tasks = (0..<100).map { index in
                Task {
                    // Some are cancelled by their own progress in the middle of a transfer.
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

    @Test("A shutdown ends requests in flight and waiting requests, and rejects later ones")
    func shutDown() async throws {
        let transport = TestTransport(maximumConnections: 2)
        let server = try ScriptedServer { connection in
            _ = connection.readRequest()
            connection.waitForEnd()
        }
        let tasks = (0..<5).map { _ in
            Task { try await transport.send(HTTPRequest(method: .get, url: server.url("/k"))) }
        }
        try #require(try await eventually { server.requests.count == 2 })
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
        try #require(try await eventually { server.openConnections == 0 })
    }

    @Test("A released transport closes its connections")
    func released() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        do {
            let transport = TestTransport()
            _ = try await transport.send(HTTPRequest(method: .get, url: server.url("/k")))
            #expect(server.openConnections == 1)
        }
        try #require(try await eventually { server.openConnections == 0 })
    }

    @Test("The files of a request are released when it has ended", arguments: [false, true])
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
            let from = try ScratchFile(Data(count: 1000))
            let to = try ScratchFile()
            source = from.file
            destination = to.file
            let request = HTTPRequest(
                method: .put, url: server.url("/k"), body: .file(FileSlice(from.file, offset: 0, length: 1000)),
                destination: .file(to.file, offset: 0, status: 200))
            let transport = transport
            let task = Task { try await transport.send(request) }
            if cancels {
                try #require(try await eventually { server.requests.count == 1 })
                task.cancel()
            }
            _ = await task.result
        }
        try #require(try await eventually { source == nil && destination == nil })
    }
}
