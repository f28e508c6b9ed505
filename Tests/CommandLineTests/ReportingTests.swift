import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

@Suite("Reports of ossmirror", .timeLimit(.minutes(5)))
struct ReportingTests {
    @Test("--verbose prints a line for each file with its reason, on standard output, or on standard error with --json")
    func verbose() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b\n": Data("b".utf8), "site/c.tmp": Data()])
            try fixture.put(["a": Data("a".utf8), "old": Data("o".utf8)])
            let arguments = ["up", "site", "oss://demo", "-v", "-j1", "--delete", "--exclude", "*.tmp"]
            let expected = [
                "skip c.tmp (excluded)", "upload b\\n (new)", "skip a (sameContent)", "delete old (notInSource)",
            ]
            let dryRun = try await fixture.run(arguments + ["-n"])
            #expect(Set(dryRun.lines.dropLast()) == Set(expected), "\(dryRun)")
            let up = try await fixture.run(arguments)
            #expect(Set(up.lines.dropLast()) == Set(expected) && up.lines.last?.hasPrefix("uploaded 1 file") == true)
            #expect(up.diagnostics.isEmpty)
            let json = try await fixture.run(arguments + ["--json"])
            #expect(try json.json()["succeeded"] as? Bool == true)
            // A file that was changed so recently is compared again.
            #expect(json.diagnostics.contains(/skip a \((unchanged|sameContent)\)\n/), "\(json)")
        }
    }

    @Test("--log appends a line for each file, with the time, the reason and the error")
    func log() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write([
                "site/a\u{1B}": Data("a".utf8), "site/b": Data("b".utf8), "log": Data("kept\n".utf8),
            ])
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("PutObject", key: "b"), times: .max)
            let up = try await fixture.run("up", "site", "oss://demo", "--quiet", "--log", "log")
            #expect(up.status == 1 && up.output.isEmpty)
            let lines = try fixture.folder.text("log").split(separator: "\n").map(String.init)
            #expect(lines.count == 5 && lines.first == "kept", "\(lines)")
            let time = /^[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}Z\ /
            let texts = lines.dropFirst().map { $0.replacing(time, with: "") }
            #expect(texts[0] == "ossmirror up: started, site and oss://demo/")
            #expect(texts.contains("upload a\\u{1b} (new), 1 bytes"))
            #expect(texts.contains { $0.hasPrefix("failed b (new): ") && $0.contains("AccessDenied") })
            #expect(texts.last?.hasPrefix("ended: uploaded 1 file, 1 B, in ") == true)

            let none = try await fixture.run("up", "site", "oss://demo", "--log", "no/log")
            #expect(none.status == 2 && none.diagnostics.contains("--log: cannot open 'no/log'"), "\(none)")
            guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
            let full = try await fixture.run("up", "site", "oss://demo", "--log", "/dev/full")
            #expect(full.diagnostics.components(separatedBy: "the log '/dev/full' is incomplete").count == 2, "\(full)")
        }
    }

    @Test("Entries that are skipped although no option asks for it are named with the reason, unless --quiet is given")
    func skipped() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b.tmp": Data()])
            try fixture.folder.link("site/broken", to: "nowhere")
            for number in 10..<35 { try fixture.folder.makeFIFO("site/pipe\(number)") }
            for command in ["up", "check"] {
                let outcome = try await fixture.run(command, "site", "oss://demo", "--exclude", "*.tmp")
                #expect(outcome.status == 0, "\(outcome)")
                let lines = outcome.diagnostics.split(separator: "\n")
                #expect(lines.count == 21, "\(outcome)")
                #expect(lines[0] == "ossmirror: skipped 'broken': it is a broken symbolic link")
                #expect(lines[1] == "ossmirror: skipped 'pipe10': it is a FIFO, a socket or a device")
                #expect(lines[20] == "ossmirror: skipped 6 more entries; --json lists them")
            }
            #expect(try await fixture.run("up", "site", "oss://demo", "--quiet").diagnostics.isEmpty)
            let report = try await fixture.run("up", "site", "oss://demo", "--json").json()
            #expect((report["skippedFiles"] as? [[String: String]])?.count == 26)
        }
    }

    @Test("Attributes that are not applied to unchanged files are named, and --update-attributes applies them")
    func attributes() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b": Data("b".utf8)])
            let arguments = ["up", "site", "oss://demo", "--storage-class", "IA", "--metadata", "k=v"]
            let first = try await fixture.run("up", "site", "oss://demo")
            #expect(first.status == 0 && first.diagnostics.isEmpty, "\(first)")
            let plain = try await fixture.run(arguments)
            #expect(
                plain.diagnostics
                    == "ossmirror: --metadata and --storage-class not applied to 2 files with unchanged content; "
                    + "add --update-attributes to change their objects\n")
            let dryRun = try await fixture.run(arguments + ["--update-attributes", "-n"])
            // The attributes of both files are compared at once.
            let expected = ["a", "b"].map { "updateAttributes \($0) (changedAttributes)" }
            #expect(dryRun.lines.dropLast().sorted() == expected, "\(dryRun)")
            let update = try await fixture.run(arguments + ["--update-attributes"])
            #expect(update.text.contains("; attributes updated 2") && update.diagnostics.isEmpty, "\(update)")
            let stat = try await fixture.run("stat", "oss://demo/a", "--json").json()
            #expect(stat["storageClass"] as? String == "IA")
            #expect((stat["metadata"] as? [String: String])?["k"] == "v")
            let again = try await fixture.run(arguments + ["--update-attributes"])
            #expect(again.text.contains("; unchanged 2") && !again.text.contains("updated"), "\(again)")
        }
    }

    @Test("Attributes that an earlier run applied are not named as missing")
    func earlierAttributes() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b": Data("b".utf8)])
            let acl = ["up", "site", "oss://demo", "--state-dir", "state", "--acl", "private"]
            #expect(try await fixture.run(acl).diagnostics.isEmpty)
            let again = try await fixture.run(acl)
            #expect(again.text.contains("; unchanged 2") && again.diagnostics.isEmpty, "\(again)")
            let other: [String] = acl.dropLast() + ["default"]
            #expect(try await fixture.run(other).diagnostics.contains("--acl not applied to 2 files"))
            let update = try await fixture.run(other + ["--update-attributes"])
            #expect(update.text.contains("; attributes updated 2") && update.diagnostics.isEmpty, "\(update)")
            #expect(try await fixture.run(other).diagnostics.isEmpty)
            #expect(try await fixture.run(acl).diagnostics.contains("--acl not applied to 2 files"))
        }
    }

    @Test(
        "Without a terminal, a plain line shows the progress at each interval, and an interruption names what was done")
    func interval() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["big": Data(count: 100_000), "small": Data("1".utf8)])
            fixture.server.add(
                .stallBody(after: 1000, for: .seconds(60)), when: .operation("GetObject", key: "big"), times: .max)
            let process = try ChildProcess(
                Program("ossmirror").url.path, ["down", "oss://demo", "copy", "--progress-interval", "1s"],
                environment: fixture.environment.merging(["HOME": fixture.folder.path]) { $1 },
                directory: fixture.folder.path,
                standardError: FileHandle(forWritingTo: fixture.folder.makeFile("diagnostics")))
            let line = /ossmirror: \d+%, .* of 97\.7 KiB.*; 1 of 2 files/
            var lines: [String] = []
            while lines.count(where: { $0.wholeMatch(of: line) != nil }) < 2 {
                try await Task.sleep(for: .milliseconds(10))
                lines = try fixture.folder.text("diagnostics").split(separator: "\n").map(String.init)
            }
            process.send(SIGINT)
            #expect(await process.end() == .exited(130))
            lines = try fixture.folder.text("diagnostics").split(separator: "\n").map(String.init)
            let pattern =
                /ossmirror: interrupted; downloaded 1 file, 1 B, in \d+\.\d s; run the same command again to resume/
            #expect(try #require(lines.last).wholeMatch(of: pattern) != nil, "\(lines)")
        }
    }

    @Test("An error that ends a run after some transfers is preceded by what was done")
    func fatal() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b": Data("b".utf8)])
            fixture.server.add(
                .respond(status: 404, code: "NoSuchBucket"), when: .operation("PutObject", key: "b"), times: .max)
            let up = try await fixture.run("up", "site", "oss://demo", "--json", "-j1")
            #expect(up.status == 1)
            let lines = up.diagnostics.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].hasPrefix("ossmirror: uploaded 1 file, 1 B, in "), "\(up)")
            #expect(lines.last?.contains("NoSuchBucket") == true)
            let report = try up.json()
            #expect((report["error"] as? [String: Any])?["serviceCode"] as? String == "NoSuchBucket")
            #expect((report["transferred"] as? [String: Any])?["files"] as? Int == 1)
        }
    }
}
