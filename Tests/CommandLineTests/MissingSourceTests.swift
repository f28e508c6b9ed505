import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests of `ossmirror` with a source address that does not exist or is not a prefix.
@Suite("ossmirror with missing sources")
struct MissingSourceTests {
    @Test(
        "A prefix without objects is a failure in one line and leaves nothing behind",
        arguments: [
            ["down", "oss://demo/tpyo", "copy"], ["down", "oss://demo/tpyo/", "copy", "--dry-run"],
            ["down", "oss://demo/tpyo", "copy", "--delete"], ["copy", "oss://demo/tpyo", "oss://demo/q"],
            ["check", "empty", "oss://demo/tpyo"],
        ])
    func missingPrefix(_ words: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["x/a": Data("a".utf8), "tpyo-not": Data()])
            try FileManager.default.createDirectory(
                atPath: fixture.folder["empty"], withIntermediateDirectories: true)
            let run = try await fixture.run(words)
            #expect(run.status == 1 && run.output.isEmpty, "\(run)")
            #expect(run.diagnostics.split(separator: "\n").count == 1 && run.diagnostics.contains("'tpyo/'"), "\(run)")
            #expect(!fixture.folder.exists("copy"))
            #expect(fixture.server.keys(in: "demo") == ["tpyo-not", "x/a"])
        }
    }

    @Test("A prefix without objects is an empty source if that is allowed or if an object represents the folder")
    func emptyPrefix() async throws {
        try await OSSMirrorFixture.with { fixture in
            let empty = try await fixture.run("down", "oss://demo", "copy")
            #expect(empty.status == 0, "\(empty)")
            let allowed = try await fixture.run("down", "oss://demo/tpyo", "copy", "--allow-empty-source")
            #expect(allowed.status == 0, "\(allowed)")
            #expect(try await fixture.run("copy", "oss://demo/a", "oss://demo/b", "--allow-empty-source").status == 0)
            try fixture.folder.write(["copy/a": Data()])
            let emptied = try await fixture.run("down", "oss://demo/tpyo", "copy", "--allow-empty-source", "--delete")
            #expect(emptied.status == 0 && !fixture.folder.exists("copy/a"), "\(emptied)")
            try fixture.put(["marked/": Data()])
            #expect(try await fixture.run("down", "oss://demo/marked", "copy").status == 0)
            #expect(try await fixture.run("check", "copy", "oss://demo/marked").status == 0)
        }
    }

    @Test("A missing source deletes nothing; if there is something to delete, the status is 3")
    func deletions() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["copy/a": Data("mine".utf8)])
            let run = try await fixture.run("down", "oss://demo/tpyo", "copy", "--delete")
            #expect(run.status == 3, "\(run)")
            #expect(try fixture.folder.contents(in: "copy") == ["a": Data("mine".utf8)])
        }
    }

    @Test("An object in place of a prefix is downloaded as one file, to the path or into the existing folder")
    func object() async throws {
        try await OSSMirrorFixture.with { fixture in
            let content = Data("content".utf8)
            try fixture.server.put(
                "x/a.txt", content, in: "demo",
                headers: ["x-oss-meta-mtime": "1000000000", "x-oss-meta-mode": "100600"])
            try fixture.put(["x/a.txt.old": Data(), "x/b": Data()])
            let down = try await fixture.run("down", "oss://demo/x/a.txt", "out.txt", "--json")
            #expect(down.status == 0 && down.diagnostics.isEmpty, "\(down)")
            #expect((try down.json()["transferred"] as? [String: Any])?["files"] as? Int == 1)
            #expect(try Data(contentsOf: fixture.folder.url.appendingPathComponent("out.txt")) == content)
            let again = try await fixture.run("down", "oss://demo/x/a.txt", "out.txt")
            #expect(again.status == 0 && again.text.contains("unchanged 1"), "\(again)")

            try fixture.folder.write(["in/other": Data()])
            #expect(try await fixture.run("down", "oss://demo/x/a.txt", "in").status == 0)
            #expect(try fixture.folder.contents(in: "in") == ["a.txt": content, "other": Data()])

            try fixture.folder.write(["out.txt": Data("changed".utf8)])
            let dry = try await fixture.run("down", "oss://demo/x/a.txt", "out.txt", "-n")
            #expect(dry.status == 0 && dry.lines.first == "download out.txt (changedContent)", "\(dry)")
            #expect(try await fixture.run("down", "oss://demo/x/a.txt", "out.txt", "--update", "missing").status == 0)
            #expect(try fixture.folder.contents()["out.txt"] == Data("changed".utf8))
            #expect(try await fixture.run("down", "oss://demo/x/a.txt", "out.txt").status == 0)
            #expect(try fixture.folder.contents()["out.txt"] == content)
        }
    }

    @Test("Folder options are rejected for an object, and the error names the option to use")
    func objectWithFolderOptions() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["x/a.txt": Data("a".utf8)])
            for (option, words) in [("--delete", ["--delete"]), ("--include", ["--exclude", "b"])] {
                let run = try await fixture.run(["down", "oss://demo/x/a.txt", "out.txt"] + words)
                #expect(run.status == 2 && run.diagnostics.contains(option), "\(run)")
                #expect(!fixture.folder.exists("out.txt"))
            }
        }
    }

    @Test("A folder takes precedence over an object of the same name, and an object that fails is a failure")
    func both() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["x": Data("object".utf8), "x/a": Data("a".utf8), "y": Data("y".utf8)])
            #expect(try await fixture.run("down", "oss://demo/x", "copy").status == 0)
            #expect(try fixture.folder.contents(in: "copy") == ["a": Data("a".utf8)])
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", key: "y"))
            let failed = try await fixture.run("down", "oss://demo/y", "y")
            #expect(failed.status == 1 && failed.diagnostics.contains("AccessDenied"), "\(failed)")
            #expect(!fixture.folder.exists("y") && fixture.server.unusedFaults.isEmpty)
        }
    }

    @Test(
        "copy and check report an object that is specified in place of a prefix",
        arguments: [["copy", "oss://demo/x/a.txt", "oss://demo/y"], ["check", "site", "oss://demo/x/a.txt"]])
    func namedObject(_ words: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["x/a.txt": Data("a".utf8)])
            try fixture.folder.write(["site/b": Data()])
            let run = try await fixture.run(words)
            #expect(run.status == 1 && run.diagnostics.split(separator: "\n").count == 1, "\(run)")
            #expect(run.diagnostics.contains("is an object") && run.diagnostics.contains("--include"), "\(run)")
            #expect(fixture.server.keys(in: "demo") == ["x/a.txt"])
        }
    }

    @Test("check with a prefix that does not exist yet lists the files that are only local")
    func checkBeforeTheFirstUpload() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/b": Data()])
            let run = try await fixture.run("check", "site", "oss://demo/new")
            #expect(run.status == 1 && run.lines.first == "only local: b", "\(run)")
        }
    }

    @Test("A service header is rejected as a metadata name, and the error names the option to use")
    func metadata() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data()])
            for name in ["x-oss-server-side-encryption", "X-OSS-Storage-Class"] {
                let run = try await fixture.run("up", "site", "oss://demo", "--metadata", "\(name)=AES256")
                #expect(run.status == 2 && run.diagnostics.contains("--storage-class"), "\(run)")
            }
            #expect(fixture.asked == 0)
        }
    }
}
