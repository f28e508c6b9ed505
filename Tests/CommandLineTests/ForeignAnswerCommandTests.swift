import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

/// Tests of `ossmirror` with servers that respond in place of OSS.
@Suite("ossmirror with responses from other servers", .timeLimit(.minutes(5)))
struct ForeignAnswerCommandTests {
    private static let portal = MockFault.Action.raw(
        Array("HTTP/1.1 200 OK\r\nServer: portal\r\nContent-Length: 0\r\n\r\n".utf8))
    private static let loginPage = MockFault.Action.raw(
        Array("HTTP/1.1 200 OK\r\nServer: portal\r\nContent-Length: 13\r\n\r\nPlease log in".utf8))

    private static func content(_ count: Int, _ seed: Int = 1) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 2_654_435_761 >> 7) })
    }

    @Test(
        "I3: files that a captive portal acknowledged are not stored, and the next run with the same snapshot uploads them"
    )
    func upload() async throws {
        try await OSSMirrorFixture.with { fixture in
            for name in ["a", "b", "c"] { try fixture.folder.write(["d/\(name)": Data(name.utf8)]) }
            fixture.server.add(Self.portal, when: .operation("PutObject"), times: .max)
            let first = try await fixture.run("up", "d", "oss://demo/x", "--snapshot", "s", "--json")
            #expect(first.status == 1)
            #expect(first.diagnostics.contains("no x-oss-request-id"))
            fixture.server.faults.removeAll()
            let second = try await fixture.run("up", "d", "oss://demo/x", "--snapshot", "s")
            #expect(second.status == 0)
            #expect(fixture.server.keys(in: "demo") == ["x/a", "x/b", "x/c"])
        }
    }

    @Test("I4: a login page replaces neither a small nor a large file", arguments: [11, 20 << 20])
    func download(size: Int) async throws {
        try await OSSMirrorFixture.with { fixture in
            let (old, new) = (Self.content(size, 2), Self.content(size))
            try fixture.put(["x/f": new])
            try fixture.folder.write(["out/f": old])
            fixture.server.add(Self.loginPage, when: .operation("GetObject"), times: .max)
            #expect(try await fixture.run("down", "oss://demo/x", "out").status == 1)
            #expect(try fixture.folder.read("out/f") == old)
            fixture.server.faults.removeAll()
            #expect(try await fixture.run("down", "oss://demo/x", "out").status == 0)
            #expect(try fixture.folder.read("out/f") == new)
        }
    }

    @Test("I5: stale content from a cache is not stored as the listed object")
    func staleCache() async throws {
        try await OSSMirrorFixture.with { fixture in
            let (old, new) = (Data("old content".utf8), Data("new content".utf8))
            try fixture.put(["x/f": new])
            fixture.server.add(
                .response(status: 200, headers: Self.headers(of: old), body: Array(old)), when: .operation("GetObject"),
                times: .max)
            // The cache returns the entire old object with its old headers.
            fixture.server.add(
                .response(status: 200, headers: Self.headers(of: old).merging(["Content-Length": "11"]) { $1 }),
                when: .operation("HeadObject"), times: .max)
            let run = try await fixture.run("down", "oss://demo/x", "out")
            #expect(run.status == 1)
            #expect(run.diagnostics.contains("sourceChanged"))
            #expect(!fixture.folder.exists("out/f"))
        }
    }

    @Test("I6: a truncated download without a length or checksum is not a success and never counts as unchanged")
    func truncation() async throws {
        try await OSSMirrorFixture.with { fixture in
            let content = Self.content(3_000_000)
            try fixture.put(["x/f": content])
            for fault in [
                MockFault.Action.header("Content-Length", nil), .header("x-oss-hash-crc64ecma", nil),
                .truncateBody(after: 1_000_000),
            ] {
                fixture.server.add(fault, when: .operation("GetObject"), times: .max)
            }
            #expect(try await fixture.run("down", "oss://demo/x", "out").status == 1)
            #expect(!fixture.folder.exists("out/f"))
            fixture.server.faults.removeAll()
            #expect(try await fixture.run("down", "oss://demo/x", "out").status == 0)
            #expect(try fixture.folder.read("out/f") == content)
            #expect(try await fixture.run("check", "out", "oss://demo/x").status == 0)
        }
    }

    @Test("I7: a byte that changes in transit is detected by the listed MD5 if there is no checksum")
    func flippedByte() async throws {
        try await OSSMirrorFixture.with { fixture in
            for number in 0..<20 { try fixture.put(["x/\(number)": Self.content(1000, number)]) }
            for fault in [MockFault.Action.header("x-oss-hash-crc64ecma", nil), .corruptBody(at: 500)] {
                fixture.server.add(fault, when: .operation("GetObject"), times: .max)
            }
            let run = try await fixture.run("down", "oss://demo/x", "out")
            #expect(run.status == 1)
            for number in 0..<20 { #expect(!fixture.folder.exists("out/\(number)")) }
            fixture.server.faults.removeAll()
            #expect(try await fixture.run("down", "oss://demo/x", "out").status == 0)
            for number in 0..<20 { #expect(try fixture.folder.read("out/\(number)") == Self.content(1000, number)) }
        }
    }

    @Test(
        "I9: a multipart object whose response lost its checksum is compared with its HEAD response or not recorded",
        arguments: [true, false])
    func damagedParts(isHeadIntact: Bool) async throws {
        try await OSSMirrorFixture.with { fixture in
            let content = Self.content(3 << 20, 9)
            try fixture.folder.write(["in/big": content])
            #expect(try await fixture.run("up", "in", "oss://demo/x", "--multipart-threshold", "1M").status == 0)
            let matcher = MockFault.Matcher(operation: isHeadIntact ? "GetObject" : nil, key: "x/big")
            fixture.server.add(.header("x-oss-hash-crc64ecma", nil), when: matcher, times: .max)
            fixture.server.add(.corruptBody(at: 1000), when: .operation("GetObject", key: "x/big"), times: .max)
            let run = try await fixture.run("down", "oss://demo/x", "out")
            #expect(fixture.server.unusedFaults.isEmpty)
            #expect(run.status == (isHeadIntact ? 1 : 0), "\(run)")
            #expect(fixture.folder.exists("out/big") == !isHeadIntact)
            #expect(run.diagnostics.contains("could not be verified") == !isHeadIntact, "\(run)")
            fixture.server.faults.removeAll()
            #expect(try await fixture.run("down", "oss://demo/x", "out").status == 0)
            #expect(try fixture.folder.read("out/big") == content)
        }
    }

    @Test("I8: after a response with more bytes than announced, no file receives the content of another")
    func desynchronisedConnection() async throws {
        try await OSSMirrorFixture.with { fixture in
            var objects: [String: Data] = [:]
            for number in 0..<5 { objects["f2/big\(number)"] = Self.content(4 << 20, number) }
            for number in 0..<200 { objects["f2/s\(number)"] = Data("the content of \(number)".utf8) }
            try fixture.put(objects)
            let evil = Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil".utf8)
            fixture.server.add(.extraBytes(evil), when: .operation("GetObject", key: "f2/big1"))
            fixture.server.add(.extraBytes(evil), when: .operation("GetObject", key: "f2/s100"))
            let run = try await fixture.run("down", "oss://demo/f2", "out", "--multipart-threshold", "1M")
            #expect(fixture.server.unusedFaults.isEmpty)
            var missing = 0
            for (key, content) in objects {
                let path = "out/" + key.dropFirst(3)
                guard fixture.folder.exists(path) else {
                    missing += 1
                    continue
                }
                #expect(try fixture.folder.read(path) == content, "\(key)")
            }
            #expect(run.status == (missing == 0 ? 0 : 1))
        }
    }

    @Test(
        "A login page is not treated as an object with a type, a storage class or content", arguments: ["stat", "cat"])
    func objectCommands(command: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["k": Data("content".utf8)])
            fixture.server.add(Self.loginPage, times: .max)
            let run = try await fixture.run(command, "oss://demo/k")
            #expect(run.status == 1)
            #expect(run.output.isEmpty)
            #expect(run.diagnostics.contains("portal"))
        }
    }

    @Test("The error for an unreachable proxy names the proxy without its password")
    func deadProxy() async throws {
        try await OSSMirrorFixture.with { fixture in
            // No program listens on port 1 by default.
            let run = try await fixture.run(
                "ls", "oss://demo",
                setting: [
                    "http_proxy": "http://user:pass-word@127.0.0.1:1", "no_proxy": "", "NO_PROXY": "",
                    "OSS_ENDPOINT": "http://oss.invalid",
                ])
            #expect(run.status == 1)
            #expect(run.diagnostics.contains("http_proxy=http://127.0.0.1:1"))
            #expect(!run.diagnostics.contains("pass-word"))
        }
    }

    @Test(
        "The error for an invalid proxy address names the variable without the password, and the proxy is tried once",
        arguments: [
            "htp://user:pass-word@127.0.0.1:1", "http:://user:pass-word@127.0.0.1:1",
            "http://user:pr#pass-word@127.0.0.1:1", "http://user:pr/pass-word@127.0.0.1:1",
            "http://user:pr?pass-word@127.0.0.1:1", "http://user:pass-word",
        ])
    func unusableProxy(address: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let run = try await fixture.run(
                "ls", "oss://demo",
                setting: [
                    "http_proxy": address, "no_proxy": "", "NO_PROXY": "", "OSS_ENDPOINT": "http://oss.invalid",
                ])
            #expect(run.status == 1)
            #expect(run.diagnostics.contains("syntax of http_proxy"), "\(run)")
            #expect(run.diagnostics.contains("percent-encoded"), "\(run)")
            #expect(!run.diagnostics.contains("word@") && !run.diagnostics.contains("pass-word"), "\(run)")
            #expect(!run.diagnostics.contains("attempts"), "\(run)")
        }
    }

    @Test("The error for a proxy that requires credentials names the proxy, and the proxy is tried once")
    func proxyAuthentication() async throws {
        try await OSSMirrorFixture.with { fixture in
            fixture.server.add(
                .raw(Array("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n".utf8)), times: .max
            )
            let run = try await fixture.run(
                "ls", "oss://demo",
                setting: [
                    "http_proxy": fixture.server.endpoint, "no_proxy": "", "NO_PROXY": "",
                    "OSS_ENDPOINT": "http://oss.invalid",
                ])
            #expect(run.status == 1)
            #expect(
                run.diagnostics.contains("407") && run.diagnostics.contains("http_proxy=\(fixture.server.endpoint)"))
            #expect(fixture.asked == 1)
        }
    }

    private static func headers(of content: Data) -> [String: String] {
        [
            "ETag": "\"00000000000000000000000000000000\"", "x-oss-object-type": "Normal",
            "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        ]
    }
}
