import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Invalid command-line input")
struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var arguments: [String]
        var status: Int32
        /// Text that the line contains.
        var says: [String]
        var setting: [String: String?] = [:]
        var testDescription: String { name }
    }

    private static let tooLong = String(repeating: "k", count: 1024)

    static let cases: [Case] = [
        Case(
            name: "a bucket name that cannot be", arguments: ["ls", "oss://Bad_Name"], status: 2,
            says: ["Bad_Name", "lower"]),
        Case(name: "an empty key", arguments: ["cat", "oss://demo/"], status: 2, says: ["oss://demo/KEY"]),
        Case(
            name: "a key of 1,024 bytes", arguments: ["cat", "oss://demo/\(tooLong)"], status: 2,
            says: ["1023", "1024"]),
        Case(
            name: "a prefix of 1,024 bytes", arguments: ["up", "site", "oss://demo/\(tooLong)"], status: 2,
            says: ["1023"]),
        Case(
            name: "a missing local folder", arguments: ["up", "nowhere", "oss://demo/x"], status: 1, says: ["nowhere"]),
        Case(
            name: "a file where a folder should be", arguments: ["up", "file", "oss://demo/x"], status: 1,
            says: ["file", "folder"]),
        Case(
            name: "a file where the target folder should be", arguments: ["down", "oss://demo/there", "file"],
            status: 1,
            says: ["file", "folder"]),
        Case(
            name: "no credentials", arguments: ["up", "site", "oss://demo/x"], status: 1,
            says: ["no credentials", "OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"],
            setting: ["OSS_ACCESS_KEY_ID": nil, "OSS_ACCESS_KEY_SECRET": nil]),
        Case(
            name: "half of the credentials", arguments: ["ls", "oss://demo"], status: 1,
            says: ["OSS_ACCESS_KEY_SECRET"],
            setting: ["OSS_ACCESS_KEY_SECRET": nil]),
        Case(
            name: "an endpoint that cannot be",
            arguments: ["up", "site", "oss://demo/x", "--endpoint", "ftp://example.com"],
            status: 2, says: ["ftp://example.com", "https://"]),
        Case(
            name: "an endpoint without a host", arguments: ["down", "oss://demo/x", "new", "--endpoint", "http://"],
            status: 2, says: ["http://"]),
        Case(
            name: "a refused connection up",
            arguments: ["up", "site", "oss://demo/x", "--endpoint", "http://127.0.0.1:1"],
            status: 1, says: ["127.0.0.1 port 1", "endpoint"]),
        Case(
            name: "a refused connection down",
            arguments: ["down", "oss://demo/x", "new", "--endpoint", "http://127.0.0.1:1"],
            status: 1, says: ["127.0.0.1 port 1", "endpoint"]),
        Case(
            name: "a bucket that does not exist, up", arguments: ["up", "site", "oss://missing/x"], status: 1,
            says: ["NoSuchBucket"]),
        Case(
            name: "a bucket that does not exist, down", arguments: ["down", "oss://missing/x", "new"], status: 1,
            says: ["NoSuchBucket"]),
        Case(
            name: "an object that does not exist", arguments: ["cat", "oss://demo/missing"], status: 1,
            says: ["NoSuchKey"]),
        Case(
            name: "a secret as an argument", arguments: ["ls", "oss://demo", "--access-key-secret", "hunter2"],
            status: 2, says: ["secrets"]),
        Case(
            name: "a transport that does not exist", arguments: ["up", "site", "oss://demo/x", "--transport", "http"],
            status: 2, says: ["--transport", "libcurl"]),
        Case(name: "no arguments", arguments: [], status: 2, says: ["--help"]),
    ]

    @Test(
        "Each invalid input prints one clear line, exits with the correct status and leaves nothing behind",
        arguments: cases)
    func badInput(_ bad: Case) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "file": Data("keep me".utf8)])
            try fixture.put(["there/a": Data("a".utf8)])
            var program = try Program("ossmirror", environment: fixture.environment)
            for (name, value) in bad.setting { program.environment[name] = value }
            program.directory = fixture.folder.url
            let outcome = try await program.run(bad.arguments)

            #expect(outcome.status == bad.status, "\(outcome)")
            #expect(outcome.output.isEmpty)
            let lines = outcome.diagnostics.split(separator: "\n")
            #expect(lines.count == 1, "\(outcome)")
            #expect(outcome.diagnostics.hasPrefix("ossmirror: "))
            for text in bad.says { #expect(outcome.diagnostics.contains(text), "\(outcome)") }
            for secret in ["test-secret", "hunter2"] { #expect(!outcome.diagnostics.contains(secret)) }

            #expect(fixture.server.keys(in: "demo") == ["there/a"])
            #expect(try fixture.folder.contents() == ["site/a": Data("a".utf8), "file": Data("keep me".utf8)])
            #expect(!fixture.folder.exists("new"))
        }
    }

    @Test(
        "With --json, a failure is also one object on standard output",
        arguments: [
            ["up", "site", "oss://missing/x"], ["down", "oss://missing/x", "new"],
            ["check", "site", "oss://missing/x"],
            ["ls", "oss://missing"], ["stat", "oss://demo/missing"],
        ])
    func json(_ arguments: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8)])
            var program = try Program("ossmirror", environment: fixture.environment)
            program.directory = fixture.folder.url
            let outcome = try await program.run(arguments + ["--json"])
            #expect(outcome.status == 1 && outcome.diagnostics.split(separator: "\n").count == 1)
            let report = try outcome.json()
            #expect(report["succeeded"] as? Bool == false && report["command"] as? String == arguments[0])
            #expect((report["error"] as? [String: Any])?["code"] as? String == "notFound")
        }
    }

    @Test("An error of the service ends with its EC and the page that the service recommends")
    func recommendedPage() async throws {
        try await OSSMirrorFixture.with { fixture in
            let outcome = try await fixture.run("stat", "oss://missing/a", "--json")
            let error = try #require(try outcome.json()["error"] as? [String: Any])
            let code = try #require(error["diagnosticCode"] as? String)
            let page = "https://api.aliyun.com/troubleshoot?q=\(code)"
            #expect(error["page"] as? String == page)
            #expect(outcome.diagnostics.hasSuffix("EC \(code)); see \(page)\n"), "\(outcome)")
        }
    }
}
