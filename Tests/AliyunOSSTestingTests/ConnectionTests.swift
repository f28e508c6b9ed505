import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock connections")
struct ConnectionTests {
    @Test("A connection serves successive requests, including pipelined ones")
    func keepAlive() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let client = try RawClient(server)
        for index in 0..<3 {
            #expect(try client.request("PUT", "/photos/\(index)", body: "\(index)").status == 200)
        }
        client.send("GET /photos/0 HTTP/1.1\r\nHost: x\r\n\r\nGET /photos/1 HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(client.response()?.text == "0")
        #expect(client.response()?.text == "1")
        #expect(server.requests.map(\.indexOnConnection) == [0, 1, 2, 3, 4])
        #expect(Set(server.requests.map(\.connection)).count == 1)
    }

    @Test("Connection: close and HTTP/1.0 close the connection after the response")
    func close() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let first = try RawClient(server)
        #expect(try first.request("GET", "/photos", headers: ["Connection": "close"]).headers["connection"] == "close")
        #expect(first.readToEnd().isEmpty)
        let second = try RawClient(server)
        second.send("GET /photos HTTP/1.0\r\n\r\n")
        #expect(second.response()?.status == 200)
        #expect(second.readToEnd().isEmpty)
    }

    @Test(
        "The server does not wait for a body that the method does not use, and closes the connection after the response",
        arguments: ["GET", "HEAD", "DELETE", "OPTIONS"], ["Content-Length: 5", "Transfer-Encoding: chunked"])
    func needlessBody(method: String, announcement: String) throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.idleTimeout = .seconds(20)
        let server = try MockOSSServer(configuration)
        try server.put("k", Data("hello".utf8), in: "photos")
        for target in ["/photos/k", "/-/stats"] {
            let client = try RawClient(server)
            client.send("\(method) \(target) HTTP/1.1\r\nHost: x\r\n\(announcement)\r\n\r\n")
            let answer = try #require(client.response(isHead: method == "HEAD"))
            #expect(answer.headers["connection"] == "close")
            if target == "/photos/k" { #expect(answer.status == ["DELETE": 204, "OPTIONS": 400][method] ?? 200) }
            #expect(client.readToEnd().isEmpty)
        }
        let client = try RawClient(server)
        client.send("\(method) /photos HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        #expect(client.response(isHead: method == "HEAD")?.headers["connection"] == "keep-alive")
    }

    @Test("A chunked body is stored without its extensions and trailers")
    func chunked() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("5;a=b\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n")
        #expect(client.response()?.status == 200)
        #expect(server.data(of: "c", in: "photos") == Data("hello 0123456789".utf8))
        #expect(try client.request("GET", "/photos/c").text == "hello 0123456789")
    }

    @Test(
        "An upload with malformed chunks is rejected and stores nothing",
        arguments: ["zz\r\n", "5\r\nhelloXX\r\n", "-1\r\n", "fffffffffffffff\r\n"])
    func wrongChunks(chunks: String) throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let client = try RawClient(server)
        client.send("PUT /photos/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)")
        client.finish()
        let status = try #require(client.response()).status
        #expect(status == 400 || status == 413)
        #expect(server.keys(in: "photos").isEmpty)
    }

    @Test("A request with Expect: 100-continue gets 100 Continue, or an error instead")
    func expectContinue() throws {
        let server = try MockOSSServer(
            .init(buckets: ["photos"], accessKeys: [.init(id: "id", secret: "secret")]))
        let refused = try RawClient(server)
        refused.send("PUT /photos/k HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n")
        #expect(refused.response()?.status == 403)
        #expect(refused.readToEnd().isEmpty)

        let open = try MockOSSServer(.init(buckets: ["photos"]))
        let client = try RawClient(open)
        client.send("PUT /photos/k HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(client.response()?.status == 100)
        client.send("ok")
        #expect(client.response()?.status == 200)
    }

    @Test("A PUT without a length fails with status 411, and an incomplete body stores nothing")
    func lengths() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let response = try server.request("PUT", "/photos/k")
        #expect(response.status == 411)
        #expect(response.element("Code") == "MissingContentLength")
        let client = try RawClient(server)
        client.send("PUT /photos/k HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nshort")
        client.finish()
        let incomplete = try #require(client.response())
        #expect(incomplete.status == 400)
        #expect(incomplete.element("Code") == "IncompleteBody")
        #expect(client.readToEnd().isEmpty)
        #expect(server.keys(in: "photos").isEmpty)
    }

    @Test("Garbage gets status 400 and an overlong head 431, and the server continues to respond")
    func garbage() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let client = try RawClient(server)
        client.send("\u{16}\u{3}\u{1} not HTTP at all\r\n\r\n")
        #expect(client.response()?.status == 400)
        #expect(client.readToEnd().isEmpty)

        let long = try RawClient(server)
        long.send("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 70_000))
        #expect(long.response()?.status == 431)

        #expect(try server.request("GET", "/photos/%zz").status == 400)
        #expect(try server.request("GET", "/photos/%ff").status == 400)
        let half = try RawClient(server)
        half.send("GET /pho")
        half.finish()
        #expect(half.readToEnd().isEmpty)
        #expect(try server.request("GET", "/photos").status == 200)
    }

    @Test("shutDown closes open connections and refuses new ones")
    func shutDown() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("ours", Data(), in: "photos")
        let client = try RawClient(server)
        #expect(try client.request("GET", "/photos/ours").status == 200)
        server.shutDown()
        #expect(client.readToEnd().isEmpty)
        // The server of another test may use the port by now; it does not have this object.
        #expect((try? RawClient(server).request("GET", "/photos/ours"))?.status != 200)
        server.shutDown()
    }

    @Test("A released server stops")
    func release() async throws {
        var server: MockOSSServer? = try MockOSSServer(.init(buckets: ["photos"]))
        let client = try RawClient(#require(server))
        #expect(try client.request("GET", "/photos").status == 200)
        weak let core = server?.core
        server = nil
        #expect(client.readToEnd().isEmpty)
        // The last thread to end releases the listener, its pipe and the store.
        while core != nil { await Task.yield() }
    }
}
