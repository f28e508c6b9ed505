import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("ossmirror probe")
struct ProbeCommandTests {
    /// Runs the command and returns the status of each check.
    private func probe(
        _ fixture: OSSMirrorFixture, _ words: String..., setting changes: [String: String?] = [:]
    ) async throws -> (run: Program.Outcome, checks: [String: String], text: String) {
        let run = try await fixture.run(["probe", "oss://demo/p/", "--json"] + words, setting: changes)
        let checks = try #require(try run.json()["checks"] as? [[String: Any]])
        let pairs = checks.compactMap { check in
            (check["name"] as? String).flatMap { name in (check["status"] as? String).map { (name, $0) } }
        }
        return (run, Dictionary(uniqueKeysWithValues: pairs), run.text)
    }

    @Test("Every check passes, no secret is shown, and no temporary object remains")
    func passes() async throws {
        try await OSSMirrorFixture.with { fixture in
            let text = try await fixture.run("probe", "oss://demo/p/")
            #expect(text.status == 0 && text.lines.last == "no problem found", "\(text)")
            #expect(text.text.contains("from OSS_ACCESS_KEY_ID in the environment"), "\(text)")
            #expect(!text.description.contains("test-secret"))
            let (run, checks, _) = try await probe(fixture)
            #expect(run.status == 0, "\(run)")
            let names = ["credentials", "dns", "connection", "clock", "bucket", "list", "put", "get", "delete"]
            #expect(checks == Dictionary(uniqueKeysWithValues: names.map { ($0, "passed") }), "\(run)")
            #expect(fixture.server.keys(in: "demo").isEmpty)
        }
    }

    @Test("In a bucket with versioning, no version of the temporary object remains")
    func versions() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bucket = try fixture.server.bucket("demo")
            try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
            #expect(try await probe(fixture).run.status == 0)
            for try await version in bucket.listObjectVersions() { Issue.record("\(version)") }
        }
    }

    @Test("A missing right is named, and the other checks go on", arguments: ["PutObject", "ListObjects", "GetObject"])
    func rights(_ operation: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation(operation), times: .max)
            let (run, checks, text) = try await probe(fixture)
            let name = ["PutObject": "put", "ListObjects": "list", "GetObject": "get"][operation] ?? ""
            #expect(run.status == 1 && checks[name] == "failed" && checks["bucket"] == "passed", "\(run)")
            #expect(text.contains("grant oss:\(operation)"), "\(run)")
            #expect(fixture.server.keys(in: "demo").isEmpty)
        }
    }

    @Test("A temporary object that cannot be removed is named")
    func leftover() async throws {
        try await OSSMirrorFixture.with { fixture in
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("DeleteObject"), times: .max)
            let (run, checks, text) = try await probe(fixture)
            let key = try #require(fixture.server.keys(in: "demo").first)
            #expect(run.status == 1 && checks["delete"] == "failed" && text.contains("oss://demo/\(key)"), "\(run)")
        }
    }

    @Test("--read-only stores nothing")
    func readOnly() async throws {
        try await OSSMirrorFixture.with { fixture in
            let (run, checks, _) = try await probe(fixture, "--read-only")
            #expect(run.status == 0 && checks["put"] == nil && checks["get"] == "skipped", "\(run)")
            try fixture.put(["p/a": Data("x".utf8)])
            #expect(try await probe(fixture, "--read-only").checks["get"] == "passed")
            #expect(fixture.operations()["PutObject"] == nil)
        }
    }

    @Test(
        "Wrong or missing credentials are explained",
        arguments: [
            (["OSS_ACCESS_KEY_SECRET": "wrong"], "bucket", "secret belongs to the access key ID"),
            (["OSS_ACCESS_KEY_ID": "unknown"], "bucket", "may have been disabled"),
            (["OSS_ACCESS_KEY_ID": nil, "OSS_ACCESS_KEY_SECRET": nil], "credentials", "set OSS_ACCESS_KEY_ID"),
        ] as [([String: String?], String, String)])
    func credentials(_ changes: [String: String?], _ name: String, _ advice: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let (run, checks, text) = try await probe(fixture, setting: changes)
            #expect(run.status == 1 && checks[name] == "failed" && text.contains(advice), "\(run)")
            #expect(checks["connection"] == "passed")
        }
    }

    @Test("A clock that is wrong is reported, and does not make the other checks fail")
    func clock() async throws {
        try await OSSMirrorFixture.with { fixture in
            fixture.server.clockOffset = .seconds(-1830)
            let (run, checks, text) = try await probe(fixture)
            #expect(run.status == 0 && checks["clock"] == "warning" && checks["delete"] == "passed", "\(run)")
            #expect(text.contains("30 min ahead"), "\(run)")
        }
    }

    @Test("A bucket that does not exist, and one in another region, are reported")
    func bucket() async throws {
        try await OSSMirrorFixture.with { fixture in
            let missing = try await fixture.run("probe", "oss://no-such-bucket", "--json")
            #expect(missing.status == 1 && missing.text.contains("NoSuchBucket"), "\(missing)")
        }
    }

    @Test("An endpoint without a server, and one that is not OSS, are reported")
    func endpoint() async throws {
        try await OSSMirrorFixture.with { fixture in
            let other = try ScriptedServer { connection in
                while connection.readRequest() != nil { connection.reply("200 OK") }
            }
            let foreign = try await probe(fixture, setting: ["OSS_ENDPOINT": other.url()])
            #expect(foreign.run.status == 1 && foreign.checks["connection"] == "failed", "\(foreign.run)")
            #expect(foreign.text.contains("not OSS") && foreign.checks["list"] == nil)
            let none = try await probe(fixture, setting: ["OSS_ENDPOINT": "http://no-such-host.invalid"])
            #expect(none.run.status == 1 && none.checks["dns"] == "failed", "\(none.run)")
            #expect(none.checks["connection"] == "failed" && none.checks["list"] == nil)
        }
    }
}
