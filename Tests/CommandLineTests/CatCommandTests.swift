import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("ossmirror cat and stat")
struct CatCommandTests {
    @Test(
        "cat writes only the bytes of the object, for keys of every kind",
        arguments: [
            "plain", "a b+c%20", "a//b", "a/../b", "日本/☕️", "e\u{301}", "-dash", "with\nbreak",
        ])
    func cat(_ key: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let content = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try fixture.put([key: content])
            let outcome = try await fixture.run("cat", "oss://demo/\(key)")
            #expect(outcome.status == 0, "\(outcome.diagnostics)")
            #expect(outcome.output == content && outcome.diagnostics.isEmpty)
        }
    }

    @Test("cat writes several objects in order")
    func several() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data("1".utf8), "b": Data("2".utf8)])
            #expect(try await fixture.run("cat", "oss://demo/b", "oss://demo/a", "oss://demo/b").text == "212")
            let missing = try await fixture.run("cat", "oss://demo/a", "oss://demo/c", "oss://demo/b")
            #expect(missing.status == 1 && missing.text == "1", "\(missing)")
        }
    }

    @Test(
        "cat writes a part of an object",
        arguments: [
            (["--range", "2-4"], "234"), (["--range", "7-"], "789"), (["--range=-2"], "89"),
            (["--range", "8-100"], "89"),
            (["--head", "3"], "012"), (["--head", "1K"], "0123456789"), (["--tail", "3"], "789"),
            (["--tail", "1K"], "0123456789"),
        ])
    func range(_ options: [String], _ expected: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data("0123456789".utf8)])
            let outcome = try await fixture.run(["cat", "oss://demo/a"] + options)
            #expect(outcome.status == 0 && outcome.text == expected, "\(outcome)")
        }
    }

    @Test("cat writes nothing for the first or last bytes of an empty object, and rejects a range outside an object")
    func emptyObject() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["empty": Data(), "a": Data("0123".utf8)])
            for options in [["--head", "3"], ["--tail", "3"], []] {
                let outcome = try await fixture.run(["cat", "oss://demo/empty"] + options)
                #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome)")
            }
            #expect(try await fixture.run("cat", "oss://demo/a", "--range", "4-").status == 1)
            for range in ["4-2", "x", "-", "1-2-3", "-0"] {
                let outcome = try await fixture.run("cat", "oss://demo/a", "--range=\(range)")
                #expect(outcome.status == 2 && outcome.diagnostics.contains("--range must be"), "\(outcome)")
            }
        }
    }

    @Test("stat prints the metadata of an object as lines and as JSON")
    func stat() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.server.put(
                "hello", Data("hello".utf8), in: "demo",
                headers: ["Content-Type": "text/plain", "x-oss-meta-color": "blue"])
            let lines = try await fixture.run("stat", "oss://demo/hello").lines
            for line in ["key: hello", "size: 5", "type: Normal", "content type: text/plain", "metadata color: blue"] {
                #expect(lines.contains(line))
            }
            let report = try await fixture.run("stat", "--json", "oss://demo/hello").json()
            #expect(report["size"] as? Int == 5 && report["succeeded"] as? Bool == true)
            #expect(report["metadata"] as? [String: String] == ["color": "blue"])
        }
    }

    @Test("stat prints the settings and the size of a bucket")
    func bucket() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data("12345".utf8), "b": Data("1".utf8)])
            let lines = try await fixture.run("stat", "oss://demo").lines
            for line in ["bucket: demo", "region: cn-hangzhou", "storage class: Standard", "objects: 2", "size: 6"] {
                #expect(lines.contains(line), "\(lines)")
            }
            let report = try await fixture.run("stat", "oss://demo", "--json").json()
            #expect(report["bytes"] as? Int == 6 && report["command"] as? String == "stat")
        }
    }

    @Test("--request-payer requester is sent with every request")
    func requestPayer() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data("1".utf8)])
            for arguments in [["cat", "oss://demo/a"], ["ls", "oss://demo"], ["down", "oss://demo", "new"]] {
                #expect(try await fixture.run(arguments + ["--request-payer", "requester"]).status == 0)
            }
            #expect(fixture.server.requests.count >= 3)
            for request in fixture.server.requests { #expect(request.headers["x-oss-request-payer"] == "requester") }
        }
    }
}
