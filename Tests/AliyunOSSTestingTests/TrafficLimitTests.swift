import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock traffic limits")
struct TrafficLimitTests {
    private static let slowest = 819_200
    /// 40 seconds at the lowest rate; no measurable time without a limit.
    private static let length = 4 << 20

    @Test("A pace has the requested rate for any chunk size and after long pauses")
    func pace() {
        let start = ContinuousClock.now
        var pace = Pace(bytesPerSecond: 1000, start: start)
        #expect(pace.chunkLength == 50)
        #expect(pace.delay(after: 50, at: start) == .milliseconds(50))
        // The pause was 30 ms too long, which the next one compensates.
        #expect(pace.delay(after: 50, at: start + .milliseconds(80)) == .milliseconds(20))
        // A pause of one second is not compensated.
        #expect(pace.delay(after: 100, at: start + .milliseconds(1100)) == .milliseconds(50))
        #expect(pace.delay(after: 100, at: start + .milliseconds(1150)) == .milliseconds(100))

        var fast = Pace(bytesPerSecond: 100_000_000, start: start)
        // A delay shorter than one tick is postponed, not lost.
        #expect(fast.delay(after: 60_000, at: start) == .zero)
        #expect(fast.delay(after: 60_000, at: start) == .microseconds(1200))
    }

    @Test("An upload is received at the rate of its limit without delaying others", arguments: [true, false])
    func upload(_ isInHeader: Bool) async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let query = isInHeader ? "" : "?x-oss-traffic-limit=\(Self.slowest)"
        let header = isInHeader ? "x-oss-traffic-limit: \(Self.slowest)\r\n" : ""
        let head = "PUT /photos/slow\(query) HTTP/1.1\r\nHost: x\r\nContent-Length: \(Self.length)\r\n\(header)\r\n"
        let port = server.port
        async let limited = onThread {
            let client = try RawClient(port: port)
            client.send(Array(head.utf8) + [UInt8](repeating: 1, count: Self.length))
            return client.response()?.status
        }
        try await meetOthers(server)
        #expect(server.keys(in: "photos") == ["fast"])
        server.shutDown()
        #expect(try await limited == nil)
    }

    @Test(
        "A form is received at the rate of a limit in a field or in the URL",
        arguments: ["", "?x-oss-traffic-limit=\(slowest)"])
    func form(query: String) async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let field = "--B\r\nContent-Disposition: form-data; name=\"x-oss-traffic-limit\"\r\n\r\n\(Self.slowest)\r\n"
        let start =
            "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nslow\r\n" + (query.isEmpty ? field : "")
            + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
        let body = Array(start.utf8) + [UInt8](repeating: 1, count: Self.length) + Array("\r\n--B--\r\n".utf8)
        let head =
            "POST /photos\(query) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=B\r\n"
            + "Content-Length: \(body.count)\r\n\r\n"
        let port = server.port
        async let limited = onThread {
            let client = try RawClient(port: port)
            client.send(Array(head.utf8) + body)
            return client.response()?.status
        }
        try await meetOthers(server)
        #expect(server.keys(in: "photos") == ["fast"])
        server.shutDown()
        #expect(try await limited == nil)
    }

    @Test("An invalid traffic limit of a form is rejected, in a field or in the URL")
    func wrongForm() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        func post(_ query: String, field: String?) throws -> RawResponse {
            let fields = field.map {
                "--B\r\nContent-Disposition: form-data; name=\"X-OSS-traffic-limit\"\r\n\r\n\($0)\r\n"
            }
            let form =
                "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n" + (fields ?? "")
                + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--B--\r\n"
            return try server.request(
                "POST", "/photos" + query, headers: ["Content-Type": "multipart/form-data; boundary=B"], body: form)
        }
        for (query, field) in [("", "1"), ("", "many"), ("?x-oss-traffic-limit=1", nil)] as [(String, String?)] {
            #expect(try post(query, field: field).element("Code") == "InvalidArgument", "\(query) \(field ?? "")")
        }
        #expect(server.keys(in: "photos").isEmpty)
        #expect(try post("", field: "838860800").status == 204)
        #expect(try post("?x-oss-traffic-limit=838860800", field: nil).status == 204)
    }

    @Test("A download is sent at the rate of its limit without delaying others")
    func download() async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data(count: Self.length), in: "photos")
        let port = server.port
        async let limited = onThread {
            let client = try RawClient(port: port)
            client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\nx-oss-traffic-limit: \(Self.slowest)\r\n\r\n")
            return client.response()
        }
        try await meetOthers(server)
        server.shutDown()
        let response = try #require(try await limited)
        #expect(response.status == 200 && !response.isComplete)
        #expect(server.statistics.bytesSent < Self.length)
    }

    /// Runs blocking work on a separate thread, because the concurrency pool has few.
    private func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Swift.Result(catching: work)) }
        }
    }

    /// Waits for the limited request and then sends many requests without a limit.
    private func meetOthers(_ server: MockOSSServer) async throws {
        await server.waitForRequests(1)
        let client = try RawClient(server)
        for _ in 0..<300 { #expect(try client.request("PUT", "/photos/fast", body: "x").status == 200) }
    }

    @Test("A high limit does not change the response for a small object")
    func small() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let client = try RawClient(server)
        let headers: KeyValuePairs = ["x-oss-traffic-limit": "838860800"]
        #expect(try client.request("PUT", "/photos/k", headers: headers, body: "hello").status == 200)
        #expect(try client.request("POST", "/photos/a?append&position=0", headers: headers, body: "x").status == 200)
        let answer = try client.request("GET", "/photos/k", headers: headers)
        #expect(answer.text == "hello" && answer.isComplete)
    }
}
