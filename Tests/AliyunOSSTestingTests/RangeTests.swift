import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock ranges")
struct RangeTests {
    @Test(
        "Ranges follow the protocol table in both range behaviors",
        arguments: [
            ("bytes=0-3", "206 0-3", "206 0-3"), ("bytes=4-", "206 4-9", "206 4-9"), ("bytes=-3", "206 7-9", "206 7-9"),
            ("bytes=9-9", "206 9-9", "206 9-9"), ("bytes=-10", "206 0-9", "206 0-9"),
            ("bytes=5-10", "200", "206 5-9"), ("bytes=10-", "200", "416"), ("bytes=10-12", "200", "416"),
            ("bytes=-11", "200", "206 0-9"), ("byte=0-1", "200", "200"), ("bytes=5-2", "200", "200"),
            ("bytes=a-b", "200", "200"), ("bytes=0-1,3-4", "206 0-1", "206 0-1"), ("bytes=-0", "200", "416"),
        ])
    func table(range: String, byDefault: String, standard: String) throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data("0123456789".utf8), in: "photos")
        try check(try server.request("GET", "/photos/k", headers: ["Range": range]), byDefault)
        try check(
            try server.request(
                "GET", "/photos/k", headers: ["Range": range, "x-oss-range-behavior": "standard"]), standard)
    }

    private func check(_ response: RawResponse, _ expected: String) throws {
        let parts = expected.split(separator: " ")
        #expect("\(response.status)" == parts[0])
        if parts.count == 2 {
            #expect(response.headers["content-range"] == "bytes \(parts[1])/10")
            let bounds = parts[1].split(separator: "-").compactMap { Int($0) }
            #expect(response.body == Array(Array("0123456789".utf8)[bounds[0]...bounds[1]]))
        } else if response.status == 200 {
            #expect(response.headers["content-range"] == nil)
            #expect(response.text == "0123456789")
        } else {
            #expect(response.element("Code") == "InvalidRange")
        }
    }

    @Test("A range of an empty object follows the protocol table in both range behaviors")
    func empty() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data(), in: "photos")
        #expect(try server.request("GET", "/photos/k", headers: ["Range": "bytes=0-"]).status == 200)
        #expect(
            try server.request(
                "GET", "/photos/k", headers: ["Range": "bytes=0-", "x-oss-range-behavior": "standard"]
            ).status == 416)
    }
}
