import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Transport: requests and responses", .timeLimit(.minutes(5)))
struct TransportRequestTests {
    let transport = TestTransport()

    @Test("A GET returns the status, headers, body, length and checksum")
    func get() async throws {
        let body = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.reply(headers: ["x-oss-Request-id: 5C3D"], body: body)
            }
        }
        let reply = try await transport.send(HTTPRequest(method: .get, url: server.url("/a?b=c")))
        #expect(reply.status == 200)
        #expect(reply.headers["X-OSS-REQUEST-ID"] == "5C3D")
        #expect(reply.body == body)
        #expect(reply.bodyLength == 100_000)
        #expect(reply.bodyChecksum == CRC64.checksum(body))
        #expect(server.requests.first?.line == "GET /a?b=c HTTP/1.1")
    }

    @Test("A PUT sends its body with a Content-Length, without chunks and without waiting for 100-continue")
    func put() async throws {
        let body = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
        let server = try ScriptedServer { connection in
            while connection.readRequest() != nil { connection.reply() }
        }
        let reply = try await transport.send(
            HTTPRequest(method: .put, url: server.url("/k"), headers: ["X-oss-Meta-cAsE": "v"], body: .data(body)))
        let request = try #require(server.requests.first)
        #expect(request.body == body)
        #expect(request.all("content-length") == ["3000000"])
        #expect(request.all("transfer-encoding") == [])
        #expect(request.all("expect") == [])
        #expect(request.all("content-type") == [])
        #expect(request.all("accept-language") == [])
        #expect(request.all("accept-encoding") == ["identity"])
        #expect(request.all("user-agent") == [TestTransport.isLibcurl ? "LibcurlTransport" : "URLSessionTransport"])
        #expect(request.head.contains("\r\nX-oss-Meta-cAsE: v\r\n"))
        #expect(reply.sentLength == 3_000_000)
        #expect(reply.sentChecksum == CRC64.checksum(body))
    }
}
