import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Each test observes a fault as a client and checks its count.
@Suite("Mock faults")
struct FaultTests {
    let server: MockOSSServer
    let content = String(repeating: "0123456789", count: 1000)

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data(content.utf8), in: "photos")
    }

    private func get(_ headers: KeyValuePairs<String, String> = [:]) throws -> RawResponse {
        try server.request("GET", "/photos/k", headers: headers)
    }

    @Test("respond returns the error and does not perform the request")
    func respond() throws {
        server.add(
            MockFault(.respond(status: 503, code: "ServiceUnavailable"), when: .init(operation: "PutObject"), times: 2))
        #expect(try get().status == 200)
        for _ in 0..<2 {
            let response = try server.request("PUT", "/photos/new", body: "x")
            #expect(response.status == 503)
            #expect(response.element("Code") == "ServiceUnavailable")
            #expect(server.data(of: "new", in: "photos") == nil)
        }
        #expect(server.unusedFaults.isEmpty)
        #expect(try server.request("PUT", "/photos/new", body: "x").status == 200)
    }

    @Test("A fault waits for a matching turn, key, bucket, method and reused connection")
    func matching() throws {
        server.add(MockFault(.challenge, when: .init(method: "GET", bucket: "photos", key: "k", skip: 1)))
        #expect(try get().status == 200)
        #expect(server.unusedFaults.count == 1)
        let challenge = try get()
        #expect(challenge.status == 401)
        #expect(challenge.headers["www-authenticate"]?.hasPrefix("Basic") == true)
        #expect(server.unusedFaults.isEmpty)

        server.add(MockFault(.challenge, when: .reusedConnection))
        let client = try RawClient(server)
        #expect(try client.request("GET", "/photos/k").status == 200)
        #expect(try client.request("GET", "/photos/k").status == 401)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Two faults for the same requests apply to successive requests")
    func sequence() throws {
        server.add(MockFault(.respond(status: 500, code: "InternalError")))
        server.add(MockFault(.respond(status: 503, code: "ServiceUnavailable")))
        #expect(try get().status == 500)
        #expect(try get().status == 503)
        #expect(try get().status == 200)
    }

    @Test("closeBeforeReading closes the connection without a response", arguments: [MockFault.Closing.reset, .finish])
    func closeBeforeReading(closing: MockFault.Closing) throws {
        server.add(MockFault(.closeBeforeReading(closing)))
        let client = try RawClient(server)
        client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.response() == nil)
        #expect(client.wasReset == (closing == .reset))
        #expect(server.unusedFaults.isEmpty)
        #expect(server.requests.last?.status == 0)
    }

    @Test(
        "closeAfterReading reads the given number of bytes and stores nothing",
        arguments: [MockFault.Closing.reset, .finish])
    func closeAfterReading(closing: MockFault.Closing) async throws {
        server.add(MockFault(.closeAfterReading(bytes: 10, closing), when: .init(operation: "PutObject")))
        let client = try RawClient(server)
        client.send("PUT /photos/new HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n0123456789")
        #expect(client.response() == nil)
        #expect(client.wasReset == (closing == .reset))
        #expect(server.data(of: "new", in: "photos") == nil)
        await server.waitForRequests(1) { $0.bodyLength == 10 }
        #expect(server.unusedFaults.isEmpty)
        server.add(MockFault(.closeAfterReading(bytes: 10)))
        #expect(try server.request("PUT", "/photos/new", body: "short").status == 200)
        #expect(server.unusedFaults.count == 1)
    }

    @Test("closeAfterApplying performs the request and sends no response")
    func closeAfterApplying() throws {
        server.add(MockFault(.closeAfterApplying()))
        let client = try RawClient(server)
        client.send("PUT /photos/new HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
        #expect(client.response() == nil)
        #expect(server.data(of: "new", in: "photos") == Data("x".utf8))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test(
        "truncateBody sends a part of the body and closes the connection",
        arguments: [MockFault.Closing.reset, .finish])
    func truncate(closing: MockFault.Closing) throws {
        server.add(MockFault(.truncateBody(after: 100, closing), when: .init(operation: "GetObject")))
        let client = try RawClient(server)
        client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        let response = client.response()
        if closing == .finish {
            #expect(response?.body == Array(content.utf8.prefix(100)))
            #expect(response?.isComplete == false)
            #expect(response?.headers["content-length"] == "10000")
        } else {
            #expect(client.wasReset)
        }
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("stallBody pauses in the body and then continues")
    func stall() throws {
        server.add(MockFault(.stallBody(after: 100, for: .milliseconds(120))))
        let start = ContinuousClock.now
        #expect(try get().text == content)
        #expect(ContinuousClock.now - start >= .milliseconds(100))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("throttleBody sends slowly")
    func throttle() throws {
        server.add(MockFault(.throttleBody(bytesPerSecond: 100_000)))
        let start = ContinuousClock.now
        #expect(try get().text == content)
        #expect(ContinuousClock.now - start >= .milliseconds(40))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("delay precedes the response and combines with other faults")
    func delay() throws {
        server.add(MockFault(.delay(.milliseconds(80))))
        server.add(MockFault(.respond(status: 500, code: "InternalError")))
        let start = ContinuousClock.now
        #expect(try get().status == 500)
        #expect(ContinuousClock.now - start >= .milliseconds(80))
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("corruptBody changes one byte and no header")
    func corrupt() throws {
        server.add(MockFault(.corruptBody(at: 5000)))
        let response = try get()
        let differing = zip(response.body, content.utf8).enumerated().filter { $0.element.0 != $0.element.1 }.map(
            \.offset)
        #expect(differing == [5000])
        #expect(server.unusedFaults.isEmpty)
        #expect(try get().text == content)
    }

    @Test("A fault in a body waits for a body that is long enough")
    func shortBody() throws {
        server.add(MockFault(.truncateBody(after: 100_000)))
        server.add(MockFault(.corruptBody(at: 100_000)))
        #expect(try get().text == content)
        #expect(try server.request("HEAD", "/photos/k").status == 200)
        #expect(server.unusedFaults.count == 2)
    }

    @Test("header replaces, adds and removes headers")
    func headers() throws {
        server.add(MockFault(.header("x-oss-hash-crc64ecma", "1")))
        server.add(MockFault(.header("X-Extra", "yes")))
        server.add(MockFault(.header("etag", nil)))
        let response = try get()
        #expect(response.headers["x-oss-hash-crc64ecma"] == "1")
        #expect(response.headers["x-extra"] == "yes")
        #expect(response.headers["etag"] == nil)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("redirect returns its target")
    func redirect() throws {
        server.add(MockFault(.redirect(to: "http://127.0.0.1:1/x")))
        let response = try get()
        #expect(response.status == 307)
        #expect(response.headers["location"] == "http://127.0.0.1:1/x")
    }

    @Test("raw sends exactly the given bytes and closes the connection")
    func raw() throws {
        server.add(MockFault(.raw([0, 1, 2, 0xFF])))
        let client = try RawClient(server)
        client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.readToEnd() == [0, 1, 2, 0xFF])
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("ignoreRange returns the entire object with status 200, only for a request with a range")
    func ignoreRange() throws {
        server.add(MockFault(.ignoreRange))
        #expect(try get().status == 200)
        #expect(server.unusedFaults.count == 1)
        let response = try get(["Range": "bytes=0-1"])
        #expect(response.status == 200)
        #expect(response.text == content)
        #expect(server.unusedFaults.isEmpty)
        #expect(try get(["Range": "bytes=0-1"]).status == 206)
    }

    @Test("shutDown does not wait for a stalled body")
    func shutDown() async throws {
        server.add(MockFault(.stallBody(after: 1, for: .seconds(3600))))
        let client = try RawClient(server)
        client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        await server.waitForRequests(1)
        server.shutDown()
        #expect(client.response()?.isComplete != true)
    }
}
