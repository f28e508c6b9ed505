import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock server")
struct ServerTests {
    @Test("A bucket can be addressed by path, by host or by a custom host")
    func addressing() throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.cnames = ["img.example.com": "photos"]
        let server = try MockOSSServer(configuration)
        try server.put("photos/k", Data("x".utf8), in: "photos")
        let cases: [(host: String, target: String, status: Int)] = [
            ("127.0.0.1:1", "/photos/photos/k", 200), ("localhost:1", "/photos/photos/k", 200),
            ("photos.localhost:1", "/photos/k", 200), ("photos.oss-cn-hangzhou.aliyuncs.com", "/photos/k", 200),
            ("img.example.com", "/photos/k", 200), ("IMG.example.com:80", "/photos/k", 200),
            ("[::1]:1", "/photos/photos/k", 200), ("none.localhost", "/k", 404),
            ("photos.localhost", "/photos%2Fk", 200),
            ("127.0.0.1", "/photos/photos%2Fk", 200), ("", "/photos/photos/k", 200),
        ]
        for (host, target, status) in cases {
            #expect(try server.request("GET", target, host: host).status == status, "\(host) \(target)")
        }
        #expect(try server.request("GET", "/nope", host: "none.localhost").element("Code") == "NoSuchBucket")
    }

    @Test("Buckets can be created, described, listed and deleted when empty")
    func buckets() throws {
        let server = try MockOSSServer(.init(region: "eu-west-1", blocksPublicAccess: false))
        #expect(try server.request("PUT", "/Photos").element("Code") == "InvalidBucketName")
        let body = "<CreateBucketConfiguration><StorageClass>IA</StorageClass></CreateBucketConfiguration>"
        let made = try server.request("PUT", "/photos", headers: ["x-oss-acl": "public-read"], body: body)
        #expect(made.status == 200)
        #expect(made.headers["location"] == "/photos")
        #expect(try server.request("PUT", "/photos/").status == 200)
        let info = try server.request("GET", "/photos?bucketInfo")
        #expect(info.element("Name") == "photos")
        #expect(info.element("StorageClass") == "IA")
        #expect(info.element("Grant") == "public-read")
        #expect(info.element("Location") == "oss-eu-west-1")
        #expect(try server.request("GET", "/photos?location=").element("LocationConstraint") == "oss-eu-west-1")
        #expect(try server.request("PUT", "/photos?acl", headers: ["x-oss-acl": "private"]).status == 200)
        #expect(try server.request("GET", "/photos?acl").element("Grant") == "private")
        #expect(try server.request("GET", "/").elements("Name") == ["photos"])
        #expect(try server.request("GET", "/?prefix=x").elements("Name").isEmpty)
        try server.put("k", Data(), in: "photos")
        #expect(try server.request("DELETE", "/photos").element("Code") == "BucketNotEmpty")
        server.delete("k", in: "photos")
        #expect(try server.request("DELETE", "/photos").status == 204)
        #expect(try server.request("DELETE", "/photos").status == 404)
        #expect(server.buckets.isEmpty)
    }

    @Test("Statistics count object bytes and the peak concurrency")
    func statistics() async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        #expect(try server.request("PUT", "/photos/k", body: "hello").status == 200)
        #expect(try server.request("GET", "/photos/k").status == 200)
        #expect(try server.request("GET", "/photos").status == 200)
        #expect(try server.request("GET", "/-/stats").status == 200)
        await server.waitForRequests(3) { $0.status != 0 }
        let statistics = server.statistics
        #expect(statistics.requests == 3)
        #expect(statistics.bytesReceived == 5)
        #expect(statistics.bytesSent == 5)
        #expect(statistics.objects == 1)
        #expect(statistics.openUploads == 0)
        #expect(statistics.peakConcurrency == 1)

        server.add(MockFault(.stallBody(after: 1, for: .seconds(3600)), times: 2))
        let clients = try (0..<2).map { _ in try RawClient(server) }
        for client in clients { client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n") }
        await server.waitForRequests(5)
        #expect(server.statistics.peakConcurrency == 2)
        try server.reset()
        #expect(server.statistics.objects == 0)
        #expect(server.statistics.requests == 0)
        #expect(server.requests.isEmpty)
        #expect(server.buckets == ["photos"])
    }

    @Test("The log has the latest requests up to its maximum number")
    func logLimit() throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.maximumLoggedRequests = 3
        let server = try MockOSSServer(configuration)
        let client = try RawClient(server)
        for index in 0..<10 { _ = try client.request("GET", "/photos/\(index)") }
        #expect(server.requests.map(\.target) == ["/photos/7", "/photos/8", "/photos/9"])
    }

    @Test("The log has a maximum size in bytes, which includes all text from the client")
    func logBytes() throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.maximumLoggedBytes = 30_000
        let server = try MockOSSServer(configuration)
        let client = try RawClient(server)
        let long = String(repeating: "x", count: 5000)
        for index in 0..<20 {
            _ = try client.request("GET", "/photos/\(index)", headers: ["x-oss-meta-a": long])
            let bytes = server.requests.reduce(0) { $0 + ($1.headers["x-oss-meta-a"]?.utf8.count ?? 0) }
            #expect((5000...30_000).contains(bytes))
        }
        let targets = server.requests.map(\.target)
        #expect(targets.last == "/photos/19" && (2..<6).contains(targets.count))
        for index in 0..<20 {
            _ = try client.request("GET", "/photos/k?\(index)=\(long)")
            #expect((1..<6).contains(server.requests.count))
        }
        // A larger request is not logged, and the server continues to count and to respond.
        let longer = String(repeating: "x", count: 8000)
        let headers: KeyValuePairs = ["a": longer, "b": longer, "c": longer, "d": longer]
        #expect(try client.request("GET", "/photos/k", headers: headers).status == 404)
        #expect(server.requests.isEmpty)
        #expect(try client.request("GET", "/photos/last").status == 404)
        #expect(server.requests.map(\.target) == ["/photos/last"])
        #expect(server.requests.first?.status == 404)
        #expect(server.statistics.requests == 42)
    }

    @Test("waitForRequests returns when the requests arrive or the task is cancelled")
    func waiting() async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let waiter = Task { await server.waitForRequests(1) { $0.operation == "HeadObject" && $0.status == 404 } }
        let client = try RawClient(server)
        _ = try client.request("GET", "/photos/k")
        _ = try client.request("HEAD", "/photos/k")
        #expect(await waiter.value)
        let cancelled = Task { await server.waitForRequests(100) }
        cancelled.cancel()
        #expect(await cancelled.value == false)
    }

    @Test("The control endpoints use JSON and accept faults")
    func control() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let fault = #"[{"action": "respond", "status": 503, "code": "Busy", "operation": "PutObject", "times": 2}]"#
        #expect(try server.request("POST", "/-/faults", body: fault).text == #"{"added":1}"#)
        #expect(try server.request("PUT", "/photos/k", body: "x").status == 503)
        #expect(try server.request("GET", "/-/faults").text.hasSuffix(#""unused":1}"#))
        #expect(try server.request("PUT", "/photos/k", body: "x").status == 503)
        #expect(try server.request("PUT", "/photos/k", body: "x").status == 200)
        let log = try server.request("GET", "/-/log")
        #expect(log.headers["content-type"] == "application/json")
        let entries = try #require(try JSONSerialization.jsonObject(with: Data(log.body)) as? [[String: Any]])
        #expect(entries.compactMap { $0["status"] as? Int } == [503, 503, 200])
        #expect(entries.first?["operation"] as? String == "PutObject")
        for bad in [
            "", "{}", "[1]", #"{"action": "fly"}"#, #"{"action": "respond"}"#, #"{"action":"corruptBody","offset":-1}"#,
        ] {
            #expect(try server.request("POST", "/-/faults", body: bad).status == 400, "\(bad)")
        }
        #expect(try server.request("GET", "/-/nothing").status == 404)
        #expect(try server.request("GET", "/-/reset").status == 405)
        #expect(try server.request("POST", "/-/reset", body: "").status == 200)
        #expect(server.keys(in: "photos").isEmpty)
    }

    @Test("The library's client can put, list and get objects with V1 and V4 signatures")
    func ownClient() async throws {
        for signature in [SignatureVersion.v4, .v1] {
            let server = try MockOSSServer(
                .init(accessKeys: [.init(id: "id", secret: "secret", securityToken: "token")]))
            var configuration = BucketConfiguration()
            configuration.signature = signature
            let bucket = try server.bucket("photos", configuration: configuration)
            try await bucket.putObject("a b/é", "hello")
            let text = try await bucket.getObject("a b/é").body.text()
            #expect(text == "hello")
            var keys: [String] = []
            for try await object in bucket.listObjects() { keys.append(object.key.rawValue) }
            #expect(keys == ["a b/é"])
            #expect(server.requests.count == 3)
            #expect(server.requests.allSatisfy { $0.status / 100 == 2 })
        }
    }

    @Test("A port in use and an invalid bucket name cause one-line errors")
    func errors() throws {
        let server = try MockOSSServer()
        let taken = #expect(throws: MockOSSServer.SetupError.self) {
            try MockOSSServer(.init(port: server.port))
        }
        #expect(taken?.reason == .unavailable)
        #expect(taken?.description.contains("\(server.port)") == true)
        let name = #expect(throws: MockOSSServer.SetupError.self) { try MockOSSServer(.init(buckets: ["No"])) }
        #expect(name?.reason == .invalidArgument)
        #expect(name?.description.contains("No") == true)
    }
}
