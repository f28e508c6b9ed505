import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Transport: downloads", .timeLimit(.minutes(3)))
struct TransportDownloadTests {
    let transport = TestTransport()
    let timeouts = HTTPTimeouts(connect: .seconds(20), idle: .seconds(20))

    private func get(
        _ server: ScriptedServer, _ method: HTTPMethod = .get,
        into destination: HTTPDestination = .memory(limit: 1 << 20)
    ) async throws -> HTTPResponse {
        try await transport.send(
            HTTPRequest(method: method, url: server.url("/k"), destination: destination, timeouts: timeouts))
    }

    /// Starts a server that sends the same bytes in response to every request.
    private func server(_ reply: Data) throws -> ScriptedServer {
        try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.send(reply) }
        }
    }

    /// Starts a server that sends the given bytes in response to a request and closes the connection.
    private func closingServer(_ reply: String) throws -> ScriptedServer {
        try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(reply)
        }
    }

    @Test(
        "A body is written to the file at its offset, and is counted and checksummed",
        arguments: [0, 1, 16_385, 2_000_001])
    func file(_ count: Int) async throws {
        let bytes = TransportUploadTests.bytes(count)
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply("206 Partial Content", body: bytes) }
        }
        let scratch = try ScratchFile(Data("head".utf8))
        let reply = try await get(server, into: .file(scratch.file, offset: 4, status: 206))
        #expect(reply.body.isEmpty)
        #expect(reply.bodyLength == Int64(count))
        #expect(reply.bodyChecksum == CRC64.checksum(bytes))
        #expect(try scratch.content == Data("head".utf8) + bytes)
    }

    @Test("The text of an error is held in memory, and the file is not changed", arguments: [200, 403, 503])
    func errorText(_ status: Int) async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply("\(status) X", body: Data("<Error/>".utf8)) }
        }
        let scratch = try ScratchFile()
        let reply = try await get(server, into: .file(scratch.file, offset: 0, status: 206))
        #expect(reply.status == status)
        #expect(reply.body == Data("<Error/>".utf8))
        #expect(try scratch.content.isEmpty)
    }

    @Test(
        "HEAD, 204 and 304 responses have no body, whatever their Content-Length",
        arguments: [
            (HTTPMethod.head, "200 OK"), (.get, "204 No Content"), (.get, "304 Not Modified"), (.head, "404 X"),
        ])
    func bodiless(_ method: HTTPMethod, _ status: String) async throws {
        let server = try server(Data("HTTP/1.1 \(status)\r\nContent-Length: 12345\r\nx-oss-err: RQ==\r\n\r\n".utf8))
        for _ in 0..<2 {
            let reply = try await get(server, method)
            #expect(reply.status == Int(status.prefix(3)))
            #expect(reply.headers["x-oss-err"] == "RQ==")
            #expect(reply.headers["content-length"] == "12345")
            #expect(reply.bodyLength == 0)
        }
    }

    @Test("A chunked body of unknown length is received")
    func chunked() async throws {
        let server = try server(
            Data("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n".utf8))
        #expect(try await get(server).body == Data("hello!".utf8))
    }

    @Test(
        "A body that ends before its announced length is truncated", arguments: [0, 400, 999], [false, true])
    func truncated(_ count: Int, _ intoFile: Bool) async throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "x", count: count)
        let server = try closingServer(text)
        let scratch = try ScratchFile()
        let error = await #expect(throws: HTTPTransportError.self) {
            try await get(
                server, into: intoFile ? .file(scratch.file, offset: 0, status: 200) : .memory(limit: 5000))
        }
        #expect(error?.kind == .truncatedBody)
    }

    @Test("Chunks that end early are a lost connection")
    func truncatedChunks() async throws {
        let server = try closingServer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFF\r\nhel")
        let error = await #expect(throws: HTTPTransportError.self) { try await get(server) }
        #expect(error?.kind == .connectionLost)
    }

    @Test("A connection closed or reset without a response is a lost connection", arguments: [false, true])
    func noReply(_ reset: Bool) async throws {
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            if reset { connection.reset() }
        }
        let error = await #expect(throws: HTTPTransportError.self) { try await get(server) }
        #expect(error?.kind == .connectionLost)
        #expect(!server.requests.isEmpty)
    }

    @Test(
        "A response that is not HTTP is an invalid response",
        arguments: ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "\0\u{1}\u{2} garbage\r\n\r\n"])
    func garbage(_ text: String) async throws {
        let server = try closingServer(text)
        let error = await #expect(throws: HTTPTransportError.self) { try await get(server) }
        #expect(error?.kind == .invalidResponse, "\(String(describing: error))")
    }

    @Test("A header that is not UTF-8 is an invalid response with URLSession, and ISO 8859-1 with libcurl")
    func latin1() async throws {
        let server = try server(
            Data("HTTP/1.1 200 OK\r\nContent-Disposition: ".utf8) + [0xE4, 0xF6] + "\r\nContent-Length: 0\r\n\r\n".utf8)
        if TestTransport.isLibcurl {
            #expect(try await get(server).headers["Content-Disposition"] == "äö")
        } else {
            let error = await #expect(throws: HTTPTransportError.self) { try await get(server) }
            #expect(error?.kind == .invalidResponse, "\(String(describing: error))")
        }
    }

    @Test("A refused connection is a failed connection")
    func refused() async throws {
        // Port 1 is reserved, and no program listens on it.
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(HTTPRequest(method: .get, url: "http://127.0.0.1:1/k?signature=SECRET"))
        }
        #expect(error?.kind == .connectionFailed)
        #expect(error?.description.contains("SECRET") == false)
        #expect("\(String(describing: error?.underlying))".contains("SECRET") == false)
    }

    @Test("A response that exceeds its destination ends immediately, announced or not", arguments: [true, false])
    func tooLarge(_ announced: Bool) async throws {
        let head = announced ? "Content-Length: 100000000" : "Connection: close"
        let server = try ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\n\(head)\r\n\r\n")
            for _ in 0..<1000 { connection.send(Data(count: 100_000)) }
        }
        let error = await #expect(throws: HTTPTransportError.self) { try await get(server) }
        #expect(error?.kind == .bodyTooLarge)
    }

    @Test("A destination that cannot be written ends the request")
    func readOnlyDestination() async throws {
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply(body: Data(count: 3_000_000)) }
        }
        let scratch = try ScratchFile()
        let error = await #expect(throws: HTTPTransportError.self) {
            try await get(server, into: .file(try OpenFile.reading(scratch.path), offset: 0, status: 200))
        }
        #expect(error?.kind == .destinationWriteFailed)
        #expect(error?.underlying is FileError)
    }

    #if os(Linux)
        @Test(
            "A full disk ends the request, even if only the last write fails", arguments: [10, 3_000_000])
        func fullDisk(_ count: Int) async throws {
            let server = try ScriptedServer { connection in
                while connection.readRequest() != nil { connection.reply(body: Data(count: count)) }
            }
            let full = OpenFile(descriptor: open("/dev/full", O_WRONLY | O_CLOEXEC), path: "/dev/full")
            let error = await #expect(throws: HTTPTransportError.self) {
                try await get(server, into: .file(full, offset: 0, status: 200))
            }
            #expect(error?.kind == .destinationWriteFailed)
            #expect((error?.underlying as? FileError)?.code == ENOSPC)
        }
    #endif

    @Test(
        "A response that Foundation decodes is rejected and never returned as the stored bytes",
        arguments: [false, true])
    func contentEncoding(_ intoFile: Bool) async throws {
        // "hello hello hello hello" through gzip.
        let gzip = Data(
            [
                0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xFF, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8,
                0x40, 0x27, 0x01, 0xE3, 0x51, 0x3D, 0x8D, 0x17, 0x00, 0x00, 0x00,
            ])
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.reply(headers: ["Content-Encoding: gzip"], body: gzip)
            }
        }
        let scratch = try ScratchFile()
        let destination = intoFile ? HTTPDestination.file(scratch.file, offset: 0, status: 200) : .memory(limit: 5000)
        if TestTransport.isLibcurl {
            let response = try await get(server, into: destination)
            #expect(try (intoFile ? scratch.content : response.body) == gzip)
        } else {
            let error = await #expect(throws: HTTPTransportError.self) { try await get(server, into: destination) }
            #expect(error?.kind == .invalidResponse)
            #expect(error?.message.contains("response-content-encoding=identity") == true)
            #expect(try scratch.content.isEmpty)
        }
        #expect(server.requests.first?.all("accept-encoding") == ["identity"])
    }
}
