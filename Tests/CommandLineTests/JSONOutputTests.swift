import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

@testable import ossmirror

@Suite("JSON output", .timeLimit(.minutes(5)))
struct JSONOutputTests {
    private static func schema() throws -> JSONSchema {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try JSONSchema(Data(contentsOf: package.appendingPathComponent("Docs/ossmirror.schema.json")))
    }

    /// A command line, and the names of members that its output must contain.
    struct Case: Sendable, CustomTestStringConvertible {
        var line: String
        var status: Int32 = 0
        var members: [String] = []
        var testDescription: String { line }
    }

    static let cases: [Case] = [
        Case(line: "up site oss://demo/new", members: ["skippedFiles", "reasons"]),
        Case(line: "up site oss://demo/new -n --partition 1/2", members: ["partition"]),
        Case(line: "up site oss://demo/same --acl private", members: ["attributesNotApplied"]),
        Case(line: "up site oss://demo/refused", status: 1, members: ["failures"]),
        Case(line: "up site oss://missing/x", status: 1, members: ["error"]),
        Case(line: "up site oss://demo/same --delete --max-delete 0", status: 3, members: ["deletionRefusal"]),
        Case(line: "down oss://demo/same copy"),
        Case(line: "down oss://demo/nothing copy", status: 1, members: ["error"]),
        Case(line: "copy oss://demo/same oss://demo/other"),
        Case(line: "check site oss://demo/same", status: 1, members: ["different", "onlyRemote", "onlyLocal"]),
        Case(line: "check site oss://missing/x", status: 1, members: ["error"]),
        Case(line: "sync site oss://demo/same"),
        Case(line: "cp -r site oss://demo/new"),
        Case(line: "mv -r oss://demo/same new", members: ["sourceRemoved"]),
        Case(line: "cp oss://demo/same/a oss://demo/new", members: ["transfers"]),
        Case(line: "cp site/a site/missing oss://demo/new/", status: 1, members: ["failures"]),
        Case(line: "cp oss://demo/nothing new", status: 1, members: ["error"]),
        Case(line: "mv site/a oss://demo/new/"),
        Case(line: "put site/a oss://demo/new/ -n"),
        Case(line: "ls oss://demo", members: ["objects"]),
        Case(line: "ls", members: ["buckets"]),
        Case(line: "ls oss://demo --versions -r", members: ["versions"]),
        Case(line: "du oss://demo"),
        Case(line: "stat oss://demo"),
        Case(line: "mb oss://another"),
        Case(line: "rb oss://demo", status: 1, members: ["error"]),
        Case(line: "ls oss://missing", status: 1, members: ["error"]),
        Case(line: "stat oss://demo/same/a", members: ["metadata", "crc64"]),
        Case(line: "stat oss://demo/nothing", status: 1, members: ["error"]),
        Case(line: "rm oss://demo/same/a oss://demo/nothing", status: 1, members: ["missing"]),
        Case(line: "rm oss://demo/kept", status: 1),
        Case(line: "rm -r oss://demo/same"),
        Case(line: "incomplete oss://demo -l", members: ["uploads"]),
        Case(line: "incomplete oss://demo --abort-older-than 0s", status: 1),
        Case(line: "incomplete oss://missing", status: 1, members: ["error"]),
        Case(
            line: "presign oss://demo/kept --method PUT --header Content-Type:a/b", members: ["headers", "expiration"]),
        Case(line: "meta -r oss://demo/same --cache-control no-cache", members: ["counts"]),
        Case(line: "tag set oss://demo/same/a k=v", members: ["counts"]),
        Case(line: "tag get oss://demo/same/a", members: ["tags"]),
        Case(line: "acl get oss://demo", members: ["acl", "owner"]),
        Case(line: "acl set oss://demo/same/a private -n", members: ["counts"]),
        Case(line: "symlink create oss://demo/link oss://demo/same/a", members: ["target"]),
        Case(line: "restore oss://demo/same/a", status: 1, members: ["failures"]),
        Case(line: "versions oss://demo/same", members: ["versions"]),
        Case(line: "versions oss://missing", status: 1, members: ["error"]),
        Case(line: "undelete oss://demo/same/a", status: 1, members: ["failures"]),
        Case(line: "setting get versioning oss://demo", members: ["document"]),
        Case(line: "setting get cors oss://demo", status: 1, members: ["error"]),
        Case(line: "probe oss://demo --read-only", members: ["checks", "region"]),
        Case(line: "probe oss://missing", status: 1, members: ["checks"]),
    ]

    @Test("The output of every command conforms to the schema", arguments: cases)
    func output(_ example: Case) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/d/b": Data("b".utf8), "site/e": Data("1".utf8)])
            try fixture.folder.makeFIFO("site/pipe")
            try fixture.put([
                "same/a": Data("a".utf8), "same/d/b": Data("c".utf8), "same/extra": Data("x".utf8), "kept": Data(),
            ])
            let bucket = try fixture.server.bucket(OSSMirrorFixture.bucket)
            for _ in 0..<2 { _ = try await bucket.initiateMultipartUpload("unfinished") }
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("PutObject", key: "refused/a"),
                times: .max)
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("AbortMultipartUpload"))
            if example.line.contains("kept") {
                fixture.server.add(
                    .respond(status: 403, code: "AccessDenied"), when: .operation("DeleteMultipleObjects"), times: .max)
            }
            let outcome = try await fixture.run(example.line.split(separator: " ").map(String.init) + ["--json"])
            #expect(outcome.status == example.status, "\(outcome)")
            #expect(try Self.schema().errors(in: outcome.output) == [], "\(outcome.text)")
            let report = try outcome.json()
            #expect(report["command"] as? String == example.line.split(separator: " ").first.map(String.init))
            #expect(report["succeeded"] as? Bool == (example.status == 0))
            for name in example.members { #expect(report[name] != nil, "\(outcome.text)") }
        }
    }

    @Test("The schema covers each command that has the option --json")
    func commands() {
        let covered = Set(Self.cases.compactMap { $0.line.split(separator: " ").first.map(String.init) })
        let commands = CommandTable.commands.filter { $0.option(named: "--json") != nil }
        #expect(covered == Set(commands.map(\.verb.rawValue)))
    }

    @Test("A document that does not conform is rejected, with the place")
    func rejected() throws {
        let schema = try Self.schema()
        let valid = #"{"bytes":0,"command":"ls","count":0,"objects":[],"prefixes":[],"succeeded":true}"#
        #expect(try schema.errors(in: Data(valid.utf8)) == [])
        for (old, new, error) in [
            (#""count":0"#, #""count":-1"#, "$.count"), (#""count":0"#, #""count":0.5"#, "$.count"),
            (#""count":0,"#, "", "count is missing"), (#""objects":[]"#, #""objects":[{"key":"a"}]"#, "$.objects[0]"),
            (#""count":0"#, #""count":0,"more":1"#, "more is not documented"), ("true", "1", "$.succeeded"),
            (#""ls""#, #""dir""#, "$"),
        ] {
            let errors = try schema.errors(in: Data(valid.replacingOccurrences(of: old, with: new).utf8))
            #expect(errors.contains { $0.contains(error) }, "\(new): \(errors)")
        }
    }

    @Test("After an interruption, the output of check contains what was compared")
    func interruptedCheck() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b": Data("b".utf8), "site/c": Data("c".utf8)])
            try fixture.put(["a": Data("a".utf8), "c": Data("c".utf8)])
            // Only an object that is not an MD5 has to be asked for its checksum.
            let bucket = try fixture.server.bucket(OSSMirrorFixture.bucket)
            _ = try await bucket.appendObject("b", "b", at: 0)
            fixture.server.add(.neverRespond, when: .operation("HeadObject", key: "b"), times: .max)
            let server = fixture.server
            let check = try await fixture.run("check", "site", "oss://demo", "--json") { process in
                await server.waitForRequests(1) { $0.key == "b" && $0.operation == "HeadObject" }
                process.send(SIGINT)
            }
            #expect(check.status == 130)
            #expect(check.diagnostics.hasPrefix("ossmirror: interrupted; compared so far: 0 different"), "\(check)")
            #expect(try Self.schema().errors(in: check.output) == [])
            let report = try check.json()
            #expect(report["succeeded"] as? Bool == false && report["isEqual"] as? Bool == false)
            #expect((report["equal"] as? [String: Any])?["files"] as? Int == 2)
            #expect((report["error"] as? [String: Any])?["code"] as? String == "cancelled")
        }
    }
}
