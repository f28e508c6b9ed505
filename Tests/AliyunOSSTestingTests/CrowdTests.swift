import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

/// The cost of many and of slow clients is bounded.
@Suite("Mock server with many connections", .serialized)
struct CrowdTests {
    @Test("If no thread can be created, the connection is closed and not leaked")
    func noThread() async throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        // No thread can have a stack larger than the address space.
        configuration.connectionStackLength = 1 << 56
        let server = try MockOSSServer(configuration)
        for number in 1...20 {
            let client = try RawClient(server)
            #expect(client.readToEnd().isEmpty)
            #expect(server.statistics.connections == number)
        }
        while server.statistics.openConnections > 0 { await Task.yield() }
        server.shutDown()
    }

    @Test("A connection beyond the limit is closed, and a later one is accepted after another has ended")
    func tooManyConnections() async throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.maximumConnections = 2
        let server = try MockOSSServer(configuration)
        var clients = [try RawClient(server), try RawClient(server)]
        for client in clients { #expect(try client.request("GET", "/photos").status == 200) }
        #expect(try RawClient(server).readToEnd().isEmpty)
        clients.removeLast()
        while server.statistics.openConnections > 1 { await Task.yield() }
        #expect(try server.request("GET", "/photos").status == 200)
    }

    @Test("A client that never reads a long response delays neither other clients nor the shutdown")
    func slowReader() async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("large", Data(count: 64 << 20), in: "photos")
        let before = residentBytes
        var clients: [RawClient] = []
        for _ in 0..<8 {
            let client = try RawClient(server)
            client.send("GET /photos/large HTTP/1.1\r\nHost: x\r\n\r\n")
            clients.append(client)
        }
        await server.waitForRequests(8) { $0.operation == "GetObject" && $0.status == 200 }
        for _ in 0..<20 { #expect(try server.request("GET", "/photos?list-type=2").status == 200) }
        if let before, let after = residentBytes { #expect(after - before < 512 << 20) }
        server.shutDown()
        #expect(server.statistics.openConnections == 0)
        for client in clients { #expect(client.response()?.isComplete == false) }
    }

    @Test("A client that exceeds the idle timeout is disconnected, whether in a head, a body or a response")
    func silence() async throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.idleTimeout = .milliseconds(200)
        let server = try MockOSSServer(configuration)
        try server.put("large", Data(count: 64 << 20), in: "photos")
        let starts = ["", "GET /pho", "PUT /photos/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"]
        let clients = try starts.map { start in
            let client = try RawClient(server)
            client.send(start)
            return client
        }
        for client in clients { #expect(client.readToEnd().isEmpty) }
        let reader = try RawClient(server)
        reader.send("GET /photos/large HTTP/1.1\r\nHost: x\r\n\r\n")
        while server.statistics.connections < 4 || server.statistics.openConnections > 0 { await Task.yield() }
        #expect(reader.response()?.isComplete == false)
        #expect(server.keys(in: "photos") == ["large"])
    }
}
