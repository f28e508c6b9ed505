import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// The response bytes that faults produce.
@Suite("Mock faults in the form of responses")
struct FaultFormTests {
    let server: MockOSSServer
    let content = String(repeating: "0123456789", count: 1000)

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data(content.utf8), in: "photos")
    }

    /// Returns the bytes after the head until the end of the connection.
    private func body(_ headers: String = "") throws -> [UInt8] {
        let client = try RawClient(server)
        client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\(headers)Connection: close\r\n\r\n")
        let bytes = client.readToEnd()
        let end = bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) }
        return end.map { Array(bytes[($0 + 4)...]) } ?? []
    }

    @Test(
        "corruptBody changes one byte in every form of transmission",
        arguments: [
            MockFault.Action.dripHead(every: .zero), .dripSpaces(count: 2, every: .zero), .chunkBody(ends: true),
            .chunkBody(ends: false), .extraBytes(Array("extra".utf8)), .throttleBody(bytesPerSecond: 1 << 30),
        ])
    func corruption(form: MockFault.Action) throws {
        server.add(form, times: 2)
        let sound = try body()
        server.add(.corruptBody(at: 5000))
        let corrupt = try body()
        let differing = zip(sound, corrupt).filter { $0 != $1 }
        #expect(sound.count == corrupt.count)
        #expect(differing.count == 1)
        #expect(differing.first.map { $0.0 ^ $0.1 } == 0xFF)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A rate limit does not change the bytes of a response")
    func rate() throws {
        server.add(.chunkBody(ends: true), times: 2)
        let sound = try body()
        #expect(try body("x-oss-traffic-limit: 838860800\r\n") == sound)
        #expect(server.unusedFaults.isEmpty)
    }

    /// Returns the lines of a response head.
    private func head(_ method: String = "GET") throws -> [String] {
        let client = try RawClient(server)
        client.send("\(method) /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        client.finish()
        let text = String(decoding: client.readToEnd(), as: UTF8.self)
        return (text.components(separatedBy: "\r\n\r\n").first ?? "").components(separatedBy: "\r\n")
    }

    @Test("The headers of a response fault replace the server's own")
    func replyHeaders() throws {
        let fault = """
            {"action": "response", "status": 502, "text": "<html>",
             "headers": {"Server": "nginx", "Connection": "close", "content-length": "99", "Date": "today"}}
            """
        #expect(try server.request("POST", "/-/faults", body: fault).status == 200)
        let lines = try head()
        #expect(lines.first == "HTTP/1.1 502 Status")
        for name in ["server", "connection", "content-length", "date"] {
            #expect(lines.count { $0.lowercased().hasPrefix(name + ":") } == 1, "\(name)")
        }
        #expect(lines.contains("Server: nginx") && lines.contains("content-length: 99"))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A header of a fault cannot add another header")
    func lineBreaks() throws {
        server.add(.header("x-a", "1\r\nX-Evil: 1"))
        server.add(.header("x-b\r\nX-Evil", "1"))
        server.add(.response(status: 200, headers: ["x-c": "1\nX-Evil: 1", "x-d": "2\r"]))
        let lines = try head()
        #expect(!lines.contains { $0.lowercased().hasPrefix("x-evil") }, "\(lines)")
        #expect(lines.contains("x-c: 1X-Evil: 1") && lines.contains("x-d: 2"))
        #expect(server.unusedFaults.isEmpty)
    }
}
