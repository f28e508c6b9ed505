import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

/// External input never crashes the server or makes its memory grow without bound.
@Suite("Mock robustness")
struct RobustnessTests {
    private let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    /// Expects the server to serve other requests and to have stored nothing.
    private func expectServing(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let response = try server.request("GET", "/photos?list-type=2")
        #expect(response.status == 200, sourceLocation: sourceLocation)
        #expect(server.keys(in: "photos").isEmpty, sourceLocation: sourceLocation)
    }

    // MARK: Heads

    @Test("Garbage of any kind closes only its own connection")
    func garbage() throws {
        var generator = SeededRandom(seed: 11)
        for round in 0..<60 {
            let client = try RawClient(server)
            let count = Int.random(in: 1...3000, using: &generator)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Every third input starts like a request.
            if round % 3 == 0 { bytes = Array("PUT /photos/a HTTP/1.1\r\n".utf8) + bytes + Array("\r\n\r\n".utf8) }
            client.send(bytes)
            client.finish()
            let answer = String(decoding: client.readToEnd().prefix(12), as: UTF8.self)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5"))
        }
        try expectServing()
    }

    @Test("A truncated head is not a request")
    func halfHead() throws {
        let head = Array("PUT /photos/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r".utf8)
        for length in 0...head.count {
            let client = try RawClient(server)
            client.send(Array(head[..<length]))
            client.finish()
            #expect(client.readToEnd().isEmpty)
        }
        #expect(server.requests.isEmpty)
        try expectServing()
    }

    @Test(
        "An endless head is rejected after 64 KiB",
        arguments: ["GET / HTTP/1.1\r\nX: ", "GET / HTTP/1.1\r\n", "GET /", ""])
    func endlessHead(start: String) throws {
        let line = Array("X-Filler: \(String(repeating: "a", count: 52))\r\n".utf8)
        let isOfLines = start.hasSuffix("\r\n")
        let piece = (0..<1024).flatMap { _ in isOfLines ? line : [UInt8](repeating: 0x61, count: 64) }
        let before = residentBytes
        let client = try RawClient(server)
        var sent = client.send(Array(start.utf8))
        for _ in 0..<2 { sent += client.send(piece) }
        #expect(client.response()?.status == 431)
        // Sent until the server closes the connection, long before the end of the data.
        while sent < 1 << 30 {
            let count = client.send(piece)
            sent += count
            if count < piece.count { break }
        }
        #expect(sent < 1 << 30)
        if let before, let after = residentBytes { #expect(after - before < 512 << 20) }
        try expectServing()
    }

    @Test("Endless line breaks before a request use no memory")
    func lineBreaks() throws {
        let client = try RawClient(server)
        let breaks = [UInt8](repeating: 0x0A, count: 64 * 1024)
        for _ in 0..<64 { #expect(client.send(breaks) == breaks.count) }
        #expect(try client.request("GET", "/photos").status == 200)
    }

    @Test("A connection shrinks its buffer after a long head")
    func longHead() throws {
        let client = try RawClient(server)
        for length in [60_000, 10, 60_000, 10] {
            let value = String(repeating: "a", count: length)
            #expect(try client.request("GET", "/photos", headers: ["X-Filler": value]).status == 200)
        }
        #expect(try client.request("GET", "/", headers: ["X": String(repeating: "a", count: 65_536)]).status == 431)
    }

    // MARK: Bodies

    @Test(
        "A request with malformed chunks is rejected and stores nothing",
        arguments: [
            "\r\n", "g\r\n", "-1\r\n", "-0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
            "5 hello\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello0\r\n\r\n",
            "5\r\nhel\r\n0\r\n\r\n", "5\r\nhelloo\r\n0\r\n\r\n", "ffffffffffffffff\r\n", "7fffffffffffffff\r\n",
            "fffffffffffffff\r\n", "00000000000000005\r\nhello\r\n0\r\n\r\n", ";a=b\r\n", " 5\r\nhello\r\n0\r\n\r\n",
        ])
    func wrongChunks(chunks: String) throws {
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
        client.finish()
        let status = try #require(client.response()).status
        #expect(status == 400 || status == 413)
        #expect(client.readToEnd().isEmpty)
        try expectServing()
    }

    @Test("Chunk extensions and trailers have a maximum length", arguments: ["5;", "0\r\nA: ", "0\r\n", ""])
    func endlessChunkLine(start: String) throws {
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(start)")
        let isOfLines = start == "0\r\n"
        client.send(String(repeating: isOfLines ? "A: b\r\n" : "a", count: isOfLines ? 30_000 : 100_000))
        let status = try #require(client.response()).status
        #expect(status == (isOfLines ? 431 : 400))
        try expectServing()
    }

    /// Expects the response to an incomplete body and the end of the connection.
    private func expectIncomplete(_ client: RawClient, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let response = try #require(client.response(), sourceLocation: sourceLocation)
        #expect(response.status == 400, sourceLocation: sourceLocation)
        #expect(response.element("Code") == "IncompleteBody", sourceLocation: sourceLocation)
        #expect(response.headers["connection"] == "close", sourceLocation: sourceLocation)
        #expect(client.readToEnd().isEmpty, sourceLocation: sourceLocation)
        #expect(server.requests.last?.status == 400, sourceLocation: sourceLocation)
        try expectServing(sourceLocation: sourceLocation)
    }

    @Test(
        "An incomplete chunked body stores nothing and gets an error response",
        arguments: ["", "5", "5\r\nhel", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n"])
    func halfChunks(chunks: String) throws {
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
        client.finish()
        try expectIncomplete(client)
    }

    @Test(
        "An incomplete form and an incomplete document get an error response", arguments: ["/photos", "/photos?delete"])
    func halfDocument(target: String) throws {
        let client = try RawClient(server)
        client.send(
            "POST \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=B\r\n"
                + "Content-Length: 100\r\n\r\n--B\r\n")
        client.finish()
        try expectIncomplete(client)
    }

    @Test("An incomplete body gets no response if a fault prevents it")
    func silentHalf() throws {
        for fault in [MockFault.Action.neverRespond, .closeAfterReading(bytes: 50), .raw([])] {
            server.add(fault)
            let client = try RawClient(server)
            client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhello")
            client.finish()
            #expect(client.readToEnd().isEmpty)
        }
        #expect(server.unusedFaults.isEmpty)
        try expectServing()
    }

    @Test(
        "An impossible Content-Length is rejected",
        arguments: [
            "Content-Length: -1", "Content-Length: +1", "Content-Length: 0x5", "Content-Length: 5, 5",
            "Content-Length: ", "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 99999999999999999999",
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
        ])
    func wrongLength(fields: String) throws {
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\nhello")
        #expect(client.response()?.status == 400)
        #expect(client.readToEnd().isEmpty)
        try expectServing()
    }

    @Test("Bytes beyond Content-Length belong neither to the body nor to another request")
    func lengthTooShort() throws {
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhello there\r\n\r\n")
        #expect(client.response()?.status == 200)
        #expect(client.response()?.status == 400)
        #expect(client.readToEnd().isEmpty)
        #expect(server.data(of: "c", in: "photos") == Data("he".utf8))
    }

    @Test(
        "A body shorter than Content-Length stores nothing, whatever the announced length",
        arguments: [6, 1 << 20, 5 << 30])
    func lengthTooLong(length: Int) throws {
        let before = residentBytes
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\nhello")
        client.finish()
        try expectIncomplete(client)
        if let before, let after = residentBytes { #expect(after - before < 1 << 30) }
        try expectServing()
    }

    @Test("A body beyond the maximum length is rejected without being read")
    func hugeLength() throws {
        for length in [Int.max, 5 << 30 + 1] {
            let client = try RawClient(server)
            client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\nhello")
            #expect(client.response()?.status == 400)
            #expect(client.readToEnd().isEmpty)
        }
        try expectServing()
    }

    @Test("The body of a GET is not parsed as a request: the connection is closed after the response")
    func bodyOfGet() throws {
        let inner = "DELETE /photos HTTP/1.1\r\nHost: x\r\n\r\n"
        for body in [
            "Content-Length: \(inner.utf8.count)\r\n\r\n\(inner)",
            "Transfer-Encoding: chunked\r\n\r\n\(String(inner.utf8.count, radix: 16))\r\n\(inner)\r\n0\r\n\r\n",
        ] {
            let client = try RawClient(server)
            client.send("GET /photos HTTP/1.1\r\nHost: x\r\n" + body)
            let answer = client.response()
            #expect(answer?.status == 200 && answer?.headers["connection"] == "close")
            #expect(client.readToEnd().isEmpty)
        }
        #expect(server.requests.map(\.method) == ["GET", "GET"])
        try expectServing()
    }

    @Test("A client that disconnects after Expect: 100-continue leaves nothing behind")
    func abandonedContinue() throws {
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        #expect(client.response()?.status == 100)
        client.finish()
        try expectIncomplete(client)
        let other = try RawClient(server)
        other.send("GET /photos HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n")
        #expect(other.response()?.status == 200)
        try expectServing()
    }

    @Test("Pipelined requests get their responses in order")
    func pipelined() throws {
        let client = try RawClient(server)
        var text = ""
        for index in 0..<500 {
            text += "PUT /photos/k\(index % 7) HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\(100 + index % 7)"
            text += "GET /photos/k\(index % 7) HTTP/1.1\r\nHost: x\r\n\r\n"
        }
        client.send(text)
        for index in 0..<500 {
            #expect(client.response()?.status == 200)
            #expect(client.response()?.text == "\(100 + index % 7)")
        }
        #expect(server.requests.count == 1000)
    }
}
