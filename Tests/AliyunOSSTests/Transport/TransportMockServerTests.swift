import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of the transport with the mock server's requests, keys and responses.
@Suite("Transport with the mock server", .timeLimit(.minutes(3)))
struct TransportMockServerTests {
    let transport = TestTransport()
    let server: MockOSSServer
    let endpoint: Endpoint

    init() throws {
        server = try MockOSSServer(.init(buckets: ["bucket"]))
        endpoint = try Endpoint(server.endpoint, style: .path)
    }

    private func request(
        _ method: HTTPMethod, _ key: String, query: [(name: String, value: String?)] = [], headers: HTTPHeaders = [:],
        body: HTTPBody = .none
    ) -> HTTPRequest {
        HTTPRequest(
            method: method, url: endpoint.url(bucket: "bucket", key: key, query: query), headers: headers, body: body,
            timeouts: HTTPTimeouts(connect: .seconds(20), idle: .seconds(20)))
    }

    @Test(
        "A PUT on a reused connection that closed is stored completely or not at all",
        arguments: [1024, 3_000_000], [MockFault.Closing.finish, .reset])
    func reusedConnection(_ count: Int, _ closing: MockFault.Closing) async throws {
        let bytes = TransportUploadTests.bytes(count)
        server.add(
            MockFault(
                .closeAfterReading(bytes: count / 2, closing),
                when: .init(operation: "PutObject", minimumRequestIndex: 1)))
        let warm = try await transport.send(request(.put, "warm", body: .data(Data("w".utf8))))
        #expect(warm.bodyPasses == 1)
        do {
            let reply = try await transport.send(
                request(.put, "key", body: try TransportUploadTests.body(bytes, .file)))
            #expect(reply.status == 200)
            #expect((reply.bodyPasses ?? 0) > 1)
            #expect(reply.headers["x-oss-hash-crc64ecma"] == String(CRC64.checksum(bytes)))
            #expect(reply.sentChecksum == CRC64.checksum(bytes))
            #expect(server.data(of: "key", in: "bucket") == bytes)
        } catch let error as HTTPTransportError {
            #expect(error.kind == .connectionLost, "\(error)")
            #expect([nil, bytes].contains(server.data(of: "key", in: "bucket")))
        }
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Keys that URL normalization could change are stored and read unchanged")
    func keys() async throws {
        // The service accepts no key that starts with a slash.
        for key in TransportRefusalTests.awkwardKeys where !key.hasPrefix("/") {
            let bytes = Data("content of \(key)".utf8)
            #expect(try await transport.send(request(.put, key, body: .data(bytes))).status == 200, "\(key)")
            #expect(server.data(of: key, in: "bucket") == bytes, "\(key)")
            #expect(try await transport.send(request(.get, key)).body == bytes, "\(key)")
            #expect(server.requests.last?.key.map { Array($0.utf8) } == Array(key.utf8))
        }
        // The two spellings that are equal as `String` are two objects.
        let stored = server.keys(in: "bucket").map { Array($0.utf8) }
        #expect(stored.contains(Array("caf\u{E9}".utf8)))
        #expect(stored.contains(Array("cafe\u{301}".utf8)))
    }

    @Test("The request lines of keys with dots, spaces and slashes are as expected, byte for byte")
    func requestLines() async throws {
        let expected = [
            "a/../b": "/bucket/a%2F..%2Fb", "./x": "/bucket/.%2Fx", "a//b": "/bucket/a//b",
            "a b+c%20": "/bucket/a%20b%2Bc%2520", "%2e%2e/z": "/bucket/%252e%252e/z",
            "😀": "/bucket/%F0%9F%98%80", "cafe\u{301}": "/bucket/cafe%CC%81",
        ]
        for (key, target) in expected {
            _ = try await transport.send(request(.head, key))
            #expect(server.requests.last?.target == target)
        }
    }

    @Test("An object stored with Content-Encoding gzip is downloaded as stored, entirely and in ranges")
    func gzip() async throws {
        // "hello hello hello hello" through gzip.
        let stored = Data(
            [
                0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xFF, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8,
                0x40, 0x27, 0x01, 0xE3, 0x51, 0x3D, 0x8D, 0x17, 0x00, 0x00, 0x00,
            ])
        _ = try await transport.send(
            request(.put, "page.gz", headers: ["Content-Encoding": "gzip"], body: .data(stored)))

        if TestTransport.isLibcurl {
            #expect(try await transport.send(request(.get, "page.gz")).body == stored)
        } else {
            // Without the override, Foundation would decode it, so the transport rejects the response.
            let error = await #expect(throws: HTTPTransportError.self) {
                try await transport.send(request(.get, "page.gz"))
            }
            #expect(error?.kind == .invalidResponse)
        }

        let identity = [(name: "response-content-encoding", value: Optional("identity"))]
        let whole = try await transport.send(request(.get, "page.gz", query: identity))
        #expect(whole.body == stored)
        #expect(whole.bodyChecksum == CRC64.checksum(stored))
        let range = try await transport.send(
            request(.get, "page.gz", query: identity, headers: ["Range": "bytes=5-14"]))
        #expect(range.status == 206)
        #expect(range.body == stored[5...14])
        let head = try await transport.send(request(.head, "page.gz"))
        #expect(head.headers["content-encoding"] == "gzip")
    }

    @Test("A lost response to a request that was performed is a lost connection")
    func lostReply() async throws {
        server.add(MockFault(.closeAfterApplying()))
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(request(.put, "key", body: .data(Data("v".utf8))))
        }
        #expect(error?.kind == .connectionLost)
        #expect(server.data(of: "key", in: "bucket") == Data("v".utf8))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A body that the service truncates, stalls or rejects ends with the expected error")
    func faults() async throws {
        try server.put("key", Data(count: 100_000), in: "bucket")
        server.add(MockFault(.truncateBody(after: 70_000)))
        var error = await #expect(throws: HTTPTransportError.self) { try await transport.send(request(.get, "key")) }
        #expect(error?.kind == .truncatedBody)

        server.add(MockFault(.truncateBody(after: 70_000, .reset)))
        error = await #expect(throws: HTTPTransportError.self) { try await transport.send(request(.get, "key")) }
        #expect(error?.kind == .truncatedBody)

        server.add(MockFault(.stallBody(after: 1000, for: .seconds(60))))
        var impatient = request(.get, "key")
        impatient.timeouts.idle = .milliseconds(300)
        error = await #expect(throws: HTTPTransportError.self) { try await transport.send(impatient) }
        #expect(error?.kind == .timedOut)

        server.add(MockFault(.challenge))
        #expect(try await transport.send(request(.get, "key")).status == 401)
        server.add(MockFault(.redirect(to: "http://127.0.0.1:1/")))
        #expect(try await transport.send(request(.put, "key", body: .data(Data(count: 1000)))).status == 307)
        server.add(MockFault(.respond(status: 503, code: "ServiceUnavailable")))
        #expect(try await transport.send(request(.get, "key")).status == 503)
        #expect(server.unusedFaults.isEmpty)
        #expect(server.data(of: "key", in: "bucket") == Data(count: 100_000))
    }
}
