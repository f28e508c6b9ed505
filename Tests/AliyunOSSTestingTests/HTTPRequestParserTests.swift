import AliyunOSS
import Foundation
import Testing

@testable import AliyunOSSTesting

@Suite("Mock request parser")
struct HTTPRequestParserTests {
    private func parse(_ text: String) throws -> RequestHead {
        try Array(text.utf8).withUnsafeBytes { try HTTPRequestParser.parse($0) }
    }

    @Test("A request head is parsed without changing its target")
    func parts() throws {
        let head = try parse(
            "PUT /b/a/..//%2e%20x?acl&n=%3D&m= HTTP/1.1\r\nHost: photos.localhost:8080\r\nX:  y \t\r\nContent-Length: 3\r\n\r\n"
        )
        #expect(head.method == "PUT")
        #expect(head.target == "/b/a/..//%2e%20x?acl&n=%3D&m=")
        #expect(String(decoding: head.path, as: UTF8.self) == "/b/a/..//%2e%20x")
        #expect(String(decoding: head.query, as: UTF8.self) == "acl&n=%3D&m=")
        #expect(head.host == "photos.localhost")
        #expect(head.headers["x"] == "y")
        #expect(head.framing == .length(3))
        #expect(head.keepsAlive)
    }

    @Test("An absolute target provides the host and the path")
    func absolute() throws {
        let head = try parse("GET http://Photos.Example:81/k?x HTTP/1.1\r\nHost: other\r\n\r\n")
        #expect(head.host == "photos.example")
        #expect(String(decoding: head.path, as: UTF8.self) == "/k")
    }

    @Test("A header that is not UTF-8 is read as Latin-1")
    func latin1() throws {
        let bytes = Array("GET / HTTP/1.1\r\nX: caf".utf8) + [0xE9] + Array("\r\n\r\n".utf8)
        let head = try bytes.withUnsafeBytes { try HTTPRequestParser.parse($0) }
        #expect(head.headers["X"] == "café")
    }

    @Test(
        "A head that is not HTTP/1.1 is rejected",
        arguments: [
            ("GET /\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400), ("G\u{1}T / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\n\r\n", 505), ("GET / FTP/1.0\r\n\r\n", 400), ("GET /\u{7F} HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400), ("GET / HTTP/1.1\r\n: empty\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nA b: c\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", 400), ("GET / HTTP/1.1\r\nA: \u{0}\r\n\r\n", 400),
            ("PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
            ("PUT / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
            ("PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
            ("PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
            ("PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ])
    func refused(text: String, status: Int) {
        let error = #expect(throws: MalformedRequest.self) { try parse(text) }
        #expect(error?.status == status)
    }

    @Test("The end of a head is found however its bytes are split")
    func headLength() {
        let bytes = Array("GET / HTTP/1.1\r\nA: \r\r\n\r\nrest".utf8)
        let end = bytes.count - 4
        for cut in 0..<bytes.count {
            bytes[..<cut].withUnsafeBytes { part in
                #expect(HTTPRequestParser.headLength(in: part, searchedFrom: 0) == (cut >= end ? end : nil))
            }
            bytes.withUnsafeBytes { all in
                let expected = cut < end ? end : nil
                #expect(HTTPRequestParser.headLength(in: all, searchedFrom: cut) == expected || cut >= end)
            }
        }
    }

    @Test("Random bytes never crash the request parser")
    func garbage() {
        var generator = SeededRandom(seed: 7)
        let alphabet = Array("GET /%?&=:\r\n\r\n HTTP/1.1Host".utf8) + [0, 0x7F, 0xFF]
        for _ in 0..<3000 {
            let count = Int.random(in: 0...120, using: &generator)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
            bytes.withUnsafeBytes { buffer in
                guard let length = HTTPRequestParser.headLength(in: buffer, searchedFrom: 0) else { return }
                _ = try? HTTPRequestParser.parse(UnsafeRawBufferPointer(rebasing: buffer[..<length]))
            }
        }
    }
}
