import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("ossmirror with many failures and long input", .timeLimit(.minutes(5)))
struct BoundedCommandTests {
    @Test(
        "More than one thousand failures are listed in a file and can be retried with the report or the file"
    )
    func manyFailures() async throws {
        try await OSSMirrorFixture.with { fixture in
            let names = (1000..<2100).map { "f\($0)" }
            for name in names + ["a"] { try fixture.folder.write(["site/\(name)": Data(name.utf8)]) }
            fixture.server.add(
                .respond(status: 403, code: "InvalidObjectState"), when: .operation("PutObject", skip: 1),
                times: names.count)
            let up = try await fixture.run("up", "site", "oss://demo", "--json", "-j1", "--state-dir", "state")
            #expect(up.status == 1)
            #expect(fixture.server.unusedFaults.isEmpty)
            let report = try up.json()
            #expect((report["failed"] as? [String: Any])?["files"] as? Int == names.count)
            #expect((report["failures"] as? [Any])?.count == 1000)
            let file = try #require(report["failureFile"] as? String)
            #expect(up.diagnostics.contains("all failures are listed in '\(file)'"))
            #expect(try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").count == names.count)
            #expect(up.output.count < 1 << 20)

            try fixture.folder.write(["report.json": up.output])
            for named in ["report.json", file] {
                try fixture.server.reset()
                let again = try await fixture.run("up", "site", "oss://demo", "--retry-failed", named, "--quiet")
                #expect(again.status == 0, "\(again)")
                #expect(fixture.server.keys(in: "demo") == names)
            }
            try FileManager.default.removeItem(atPath: file)
            let without = try await fixture.run("up", "site", "oss://demo", "--retry-failed", "report.json")
            #expect(without.status == 1 && without.diagnostics.contains("transfer everything again"), "\(without)")
        }
    }

    @Test(
        "A --retry-failed file that is neither a report nor a failure list is rejected",
        arguments: ["", "x", "{}"])
    func noReport(content: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data(), "report": Data(content.utf8)])
            let up = try await fixture.run("up", "site", "oss://demo", "--retry-failed", "report")
            #expect(
                up.status == 2 && up.diagnostics.contains("'report' is neither a --json report nor a failure list"),
                "\(up)")
            #expect(fixture.asked == 0)
        }
    }

    @Test("A long line in a rule file and a long argument are truncated in messages")
    func longInput() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write([
                "site/a": Data(), "rules": Data("# fine\n".utf8) + Data(repeating: UInt8(ascii: "x"), count: 10 << 20),
            ])
            let up = try await fixture.run("up", "site", "oss://demo", "--filter-from", "rules")
            #expect(up.status == 2 && up.diagnostics.utf8.count < 1000, "\(up.diagnostics.prefix(2000))")
            #expect(up.diagnostics.contains("--filter-from: rules: line 2 of the filter rules: 'xxx"))
            let long = try await fixture.run(
                "up", "site", "oss://demo", "--metadata", String(repeating: "y", count: 100_000))
            #expect(long.status == 2 && long.diagnostics.utf8.count < 10_000)
            #expect(fixture.asked == 0)
        }
    }
}
