import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Transport: uploads", .timeLimit(.minutes(3)))
struct TransportUploadTests {
    let transport = TestTransport()
    let timeouts = HTTPTimeouts(connect: .seconds(20), idle: .seconds(20))

    enum Source: String, CaseIterable { case memory, file }

    static func bytes(_ count: Int) -> Data {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return Data(
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            })
    }

    /// Returns the bytes as a body, either in memory or as a slice from the middle of a file.
    static func body(_ bytes: Data, _ source: Source) throws -> HTTPBody {
        switch source {
        case .memory: .data(bytes)
        case .file:
            .file(
                FileSlice(
                    try ScratchFile(Data([1, 2, 3]) + bytes + Data([4])).file, offset: 3,
                    length: Int64(bytes.count)))
        }
    }

    @Test("A slice of a file is sent, counted and checksummed", arguments: [1, 65_536, 1_000_003])
    func slice(_ count: Int) async throws {
        let bytes = Self.bytes(count)
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        let reply = try await transport.send(
            HTTPRequest(method: .put, url: server.url("/k"), body: try Self.body(bytes, .file), timeouts: timeouts))
        let request = try #require(server.requests.first)
        #expect(request.body == bytes)
        #expect(request.all("content-length") == ["\(count)"])
        #expect(request.all("transfer-encoding") == [])
        #expect(reply.sentLength == Int64(count))
        #expect(reply.sentChecksum == CRC64.checksum(bytes))
    }

    @Test(
        "A PUT or POST without bytes sends Content-Length: 0 and no Content-Type",
        arguments: [HTTPMethod.put, .post], [HTTPBody.none, .data(Data())])
    func empty(_ method: HTTPMethod, _ body: HTTPBody) async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        let reply = try await transport.send(HTTPRequest(method: method, url: server.url("/k"), body: body))
        let request = try #require(server.requests.first)
        #expect(request.all("content-length") == ["0"])
        #expect(request.all("transfer-encoding") == [])
        #expect(request.all("content-type") == [])
        #expect(reply.sentLength == 0)
        #expect(reply.sentChecksum == 0)
    }

    @Test("An empty file is sent as an empty body")
    func emptyFile() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        let file = try ScratchFile().file
        _ = try await transport.send(
            HTTPRequest(method: .put, url: server.url("/k"), body: .file(FileSlice(file, offset: 0, length: 0))))
        #expect(server.requests.first?.all("content-length") == ["0"])
    }

    @Test("A POST with a body sends the caller's Content-Type, or none if the caller specifies none")
    func contentType() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        let body = HTTPBody.data(Data("<Delete/>".utf8))
        _ = try await transport.send(HTTPRequest(method: .post, url: server.url("/?delete"), body: body))
        _ = try await transport.send(
            HTTPRequest(
                method: .post, url: server.url("/?delete"), headers: ["Content-Type": "application/xml"], body: body))
        #expect(server.requests.map { $0.all("content-type") } == [[], ["application/xml"]])
        #expect(server.requests.map(\.body) == [Data("<Delete/>".utf8), Data("<Delete/>".utf8)])
    }

    /// A way in which the server ends the reused connection.
    enum Death: String, CaseIterable { case reset, orderly }

    @Test(
        "A PUT on a reused connection that closed arrives completely or fails",
        arguments: [(1024, Source.memory), (1024, .file), (3_000_000, .memory), (3_000_000, .file)], Death.allCases)
    func reusedConnection(_ example: (count: Int, source: Source), _ death: Death) async throws {
        let bytes = Self.bytes(example.count)
        let died = Recorder<Int>()
        let server = try ScriptedServer { connection in
            while let request = connection.readRequest(unless: { connection.index == 0 && $0.line.hasPrefix("PUT") }) {
                guard connection.index == 0, request.line.hasPrefix("PUT") else {
                    connection.reply()
                    continue
                }
                // For the second request on the first connection, reads part of it and closes the connection.
                died.append(connection.readBody(min(500_000, example.count / 2)).count)
                if death == .reset { connection.reset() }
                return
            }
        }
        _ = try await transport.send(HTTPRequest(method: .get, url: server.url("/warm"), timeouts: timeouts))
        do {
            let reply = try await transport.send(
                HTTPRequest(
                    method: .put, url: server.url("/k"), body: try Self.body(bytes, example.source), timeouts: timeouts)
            )
            #expect(reply.sentLength == Int64(example.count))
            #expect(reply.sentChecksum == CRC64.checksum(bytes))
            #expect(server.requests.filter { $0.line.hasPrefix("PUT") }.map(\.body) == [bytes])
        } catch let error as HTTPTransportError {
            #expect(error.kind == .connectionLost, "\(error)")
            #expect(server.requests.allSatisfy { $0.line.hasPrefix("GET") || $0.body == bytes })
        }
        // The fault occurred on a reused connection.
        #expect(died.values == [min(500_000, example.count / 2)])
        #expect(server.requests.first?.connection == 0)
    }

    @Test("A file that is shorter than its slice fails the request, and the server stores no shorter object")
    func shortFile() async throws {
        let server = try ScriptedServer { connection in
            while let request = connection.readRequest() {
                if request.isWhole { connection.reply() } else { return }
            }
        }
        let file = try ScratchFile(Self.bytes(200_000)).file
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(
                HTTPRequest(
                    method: .put, url: server.url("/k"), body: .file(FileSlice(file, offset: 1, length: 200_000)),
                    timeouts: timeouts))
        }
        #expect(error?.kind == .bodyReadFailed)
        #expect(server.requests.allSatisfy { !$0.isWhole })
    }

    @Test("A file that shrinks while it is being sent fails the request")
    func shrinkingFile() async throws {
        let scratch = try ScratchFile()
        let length: Int64 = 64 << 20
        try #require(truncate(scratch.path, off_t(length)) == 0)
        let server = try ScriptedServer { connection in
            guard connection.readHead() != nil, connection.readBody(100_000).count == 100_000 else { return }
            truncate(scratch.path, 150_000)
            while !connection.readBody(1 << 20).isEmpty {}
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(
                HTTPRequest(
                    method: .put, url: server.url("/k"),
                    body: .file(FileSlice(scratch.file, offset: 0, length: length)), timeouts: timeouts))
        }
        #expect(error?.kind == .bodyReadFailed)
        #expect(error?.message.contains("too short for the request body") == true)
    }

    @Test("An early rejection of a large PUT is returned as a response")
    func earlyRefusal() async throws {
        let server = try ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.reply("403 Forbidden", headers: ["Connection: close"], body: Data("<Error/>".utf8))
            while !connection.readBody(1 << 20).isEmpty {}
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let reply = try await transport.send(
            HTTPRequest(
                method: .put, url: server.url("/k"), body: .data(Data(count: 20 << 20)), timeouts: timeouts))
        #expect(reply.status == 403)
        #expect(reply.body == Data("<Error/>".utf8))
    }

    @Test("Progress ends at the lengths of the request body and the response body")
    func progress() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply(body: Data(count: 70_000)) }
        }
        // Otherwise, the server is released after its last use, and another test's server could use its port.
        defer { withExtendedLifetime(server) {} }
        let seen = Recorder<HTTPProgress>()
        _ = try await transport.send(
            HTTPRequest(method: .put, url: server.url("/k"), body: .data(Self.bytes(2_000_000))) { seen.append($0) })
        let sent = seen.values.map(\.bytesSent)
        let received = seen.values.map(\.bytesReceived)
        #expect(sent == sent.sorted())
        #expect(received == received.sorted())
        #expect(seen.values.last == HTTPProgress(bytesSent: 2_000_000, bytesReceived: 70_000))
        #expect(Set(sent).count > 3)
    }
}
