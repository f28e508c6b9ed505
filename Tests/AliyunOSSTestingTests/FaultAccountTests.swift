import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// A fault counts only if it has an effect.
@Suite("Mock fault accounting")
struct FaultAccountTests {
    let server: MockOSSServer
    let content = String(repeating: "0123456789", count: 1000)

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data(content.utf8), in: "photos")
    }

    private func happened() -> [Int] { server.faults.occurrences.map(\.count) }

    @Test("Faults of listings, ranges and state apply only to a request that is served")
    func replaced() async throws {
        server.add(.respond(status: 503, code: "ServerBusy"), when: .operation("ListObjectsV2"))
        server.add(.listing(.withoutMarker), when: .operation("ListObjectsV2"))
        #expect(try server.request("GET", "/photos?list-type=2").status == 503)
        #expect(happened() == [1, 0])
        let page = try server.request("GET", "/photos?list-type=2")
        #expect(page.element("IsTruncated") == "true")
        #expect(page.element("NextContinuationToken") == nil)
        #expect(happened() == [1, 1])

        server.faults.removeAll()
        server.add(.respond(status: 503, code: "ServerBusy"))
        server.add(.ignoreRange)
        #expect(try server.request("GET", "/photos/k", headers: ["Range": "bytes=0-1"]).status == 503)
        #expect(happened() == [1, 0])
        #expect(try server.request("GET", "/photos/k", headers: ["Range": "bytes=0-1"]).text == content)
        #expect(happened() == [1, 1])
    }

    @Test("The state does not change for a request that gets no response, except with closeAfterApplying")
    func states() async throws {
        server.add(.neverRespond)
        server.add(.afterwards(.deleteObject(key: nil)), when: .operation("GetObject"))
        let client = try RawClient(server)
        client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        await server.waitForRequests(1)
        client.finish()
        #expect(client.response() == nil)
        #expect(happened() == [1, 0])
        server.add(.raw(Array("garbage".utf8)))
        let second = try RawClient(server)
        second.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(second.readToEnd() == Array("garbage".utf8))
        #expect(happened() == [1, 0, 1])
        server.add(.closeAfterApplying(.finish))
        let other = try RawClient(server)
        other.send("GET /photos/k HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(other.response() == nil)
        #expect(happened() == [1, 1, 1, 1])
        #expect(server.keys(in: "photos").isEmpty)
        server.add(.respond(status: 500, code: "InternalError"))
        server.add(.afterwards(.putObject(key: nil, bytes: [1])))
        #expect(try server.request("GET", "/photos/k").status == 500)
        #expect(server.keys(in: "photos") == ["k"])
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("A response lost to closeAfterApplying uses no further faults")
    func lost() throws {
        server.add(.closeAfterApplying(.finish))
        server.add(.ignoreRange)
        let client = try RawClient(server)
        client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n")
        #expect(client.response() == nil)
        #expect(happened() == [1, 0])
    }

    @Test("ignoreRange waits for a response with a part of an object")
    func ranges() throws {
        server.add(.ignoreRange)
        #expect(try server.request("HEAD", "/photos/k", headers: ["Range": "bytes=0-1"]).status == 200)
        #expect(try server.request("PUT", "/photos/new", headers: ["Range": "bytes=0-1"], body: "x").status == 200)
        #expect(try server.request("GET", "/photos/k", headers: ["Range": "bytes=20000-"]).text == content)
        #expect(try server.request("GET", "/photos/none", headers: ["Range": "bytes=0-1"]).status == 404)
        #expect(happened() == [0])
        let standard: KeyValuePairs = ["Range": "bytes=20000-", "x-oss-range-behavior": "standard"]
        #expect(try server.request("GET", "/photos/k", headers: standard).text == content)
        #expect(happened() == [1])
        #expect(try server.request("GET", "/photos/k", headers: standard).status == 416)
    }

    @Test("A listing fault waits for a page with enough items")
    func listings() throws {
        server.add(.listing(.unsorted))
        server.add(.listing(.duplicated))
        #expect(try server.request("GET", "/photos?max-keys=0").status == 400)
        #expect(try server.request("GET", "/none").status == 404)
        #expect(try server.request("GET", "/photos?versions").status == 200)
        #expect(try server.request("GET", "/photos?prefix=none").elements("Key").isEmpty)
        #expect(happened() == [0, 0])
        #expect(try server.request("GET", "/photos").elements("Key") == ["k", "k"])
        #expect(happened() == [0, 1])
        try server.put("d/l", Data(), in: "photos")
        // Objects and common prefixes are separate lists with one item each.
        #expect(try server.request("GET", "/photos?delimiter=/").elements("Key") == ["k"])
        #expect(happened() == [0, 1])
        #expect(try server.request("GET", "/photos").elements("Key") == ["k", "d/l"])
        #expect(happened() == [1, 1])
    }

    @Test("Skipped requests count even if another fault of the same kind occurs")
    func skips() throws {
        server.add(.respond(status: 500, code: "First"), times: 2)
        server.add(.respond(status: 500, code: "Third"), when: .init(skip: 2))
        let codes = try (0..<4).map { _ in try server.request("GET", "/photos/k").element("Code") }
        #expect(codes == ["First", "First", "Third", nil])
    }

    @Test("A fault's probability selects the same requests regardless of other faults of the same kind")
    func probabilities() throws {
        func picks(first: Int) throws -> [Int] {
            let plan = FaultPlan(seed: 7)
            // A fault's seed depends on its position, which is the same in both plans.
            plan.add(.respond(status: 500, code: "First"), times: first)
            plan.add(.respond(status: 503, code: "Busy"), when: .init(probability: 0.5), times: .max)
            var configuration = MockOSSServer.Configuration(buckets: ["photos"])
            configuration.faults = plan
            let server = try MockOSSServer(configuration)
            let client = try RawClient(server)
            return try (0..<40).map { _ in try client.request("GET", "/photos/none").status }
        }
        let free = try picks(first: 1)
        let crowded = try picks(first: 20)
        #expect(crowded.prefix(20).allSatisfy { $0 == 500 })
        #expect(free.dropFirst(20) == crowded.dropFirst(20))
        #expect(free.contains(503) && free.contains(404))
    }

    @Test("replaceBody waits for a response that can have a body")
    func bodies() throws {
        server.add(.replaceBody(Array("xy".utf8)))
        #expect(try server.request("HEAD", "/photos/k").status == 200)
        #expect(try server.request("DELETE", "/photos/none").status == 204)
        #expect(happened() == [0])
        #expect(try server.request("GET", "/photos/k").text == "xy")
        #expect(happened() == [1])
    }

    @Test("Transmission faults consider the body that is sent, after content faults")
    func lengths() throws {
        server.add(.truncateBody(after: 50), when: .operation("GetObject"))
        server.add(.replaceBody(Array("xy".utf8)))
        #expect(try server.request("GET", "/photos/k").text == "xy")
        #expect(happened() == [0, 1])
        server.add(.replaceBody(Array(content.utf8)))
        let cut = try server.request("GET", "/photos/k")
        #expect(cut.body.count == 50 && !cut.isComplete)
        #expect(happened() == [1, 1, 1])
    }
}
