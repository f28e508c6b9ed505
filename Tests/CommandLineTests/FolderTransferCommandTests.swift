import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror cp -r, mv -r and sync")
struct FolderTransferCommandTests {
    private static let files = ["a": Data("a".utf8), "b/c": Data("c".utf8), "b/d/e": Data("e".utf8)]

    @Test("cp -r works like up, down and copy")
    func copy() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(Dictionary(uniqueKeysWithValues: Self.files.map { ("site/\($0)", $1) }))
            let up = try await fixture.run("cp", "-r", "site", "oss://demo/x", "--json").json()
            #expect(up["command"] as? String == "cp" && up["succeeded"] as? Bool == true)
            #expect(fixture.server.keys(in: "demo") == ["x/a", "x/b/c", "x/b/d/e"])
            #expect(try await fixture.run("cp", "-r", "oss://demo/x/", "oss://demo/y/", "--include", "a").status == 0)
            #expect(fixture.server.keys(in: "demo") == ["x/a", "x/b/c", "x/b/d/e", "y/a"])
            #expect(try await fixture.run("cp", "-r", "oss://demo/x", "copy").status == 0)
            #expect(try fixture.folder.read("copy/b/d/e") == Data("e".utf8))
        }
    }

    @Test("sync deletes the files that exist only in the destination, in all directions")
    func sync() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "copy/old": Data("old".utf8)])
            try fixture.put(["x/old": Data("old".utf8), "y/old": Data("old".utf8)])
            let dryRun = try await fixture.run("sync", "site", "oss://demo/x", "-n")
            #expect(dryRun.lines.contains("delete old (notInSource)"), "\(dryRun)")
            #expect(fixture.server.keys(in: "demo") == ["x/old", "y/old"])

            let up = try await fixture.run("sync", "site", "oss://demo/x")
            #expect(up.status == 0 && up.text.contains("deleted 1"), "\(up)")
            #expect(try await fixture.run("sync", "oss://demo/x", "oss://demo/y").status == 0)
            #expect(try await fixture.run("sync", "oss://demo/y", "copy").status == 0)
            #expect(fixture.server.keys(in: "demo") == ["x/a", "y/a"])
            #expect(try fixture.folder.contents() == ["site/a": Data("a".utf8), "copy/a": Data("a".utf8)])
        }
    }

    @Test("sync refuses to delete everything because of an empty source")
    func emptySource() async throws {
        try await OSSMirrorFixture.with { fixture in
            try FileManager.default.createDirectory(
                at: fixture.folder.url.appendingPathComponent("empty"), withIntermediateDirectories: false)
            try fixture.put(["x/a": Data("a".utf8)])
            let outcome = try await fixture.run("sync", "empty", "oss://demo/x")
            #expect(outcome.status == 3 && outcome.diagnostics.contains("--allow-empty-source"), "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == ["x/a"])
        }
    }

    @Test(
        "An option that does not apply to the direction is rejected",
        arguments: [
            (["sync", "oss://demo/x", "y", "--acl", "private"], "--acl does not apply to a download"),
            (["sync", "oss://demo/x", "oss://demo/y", "--symlinks", "skip"], "--symlinks does not apply to a copy"),
            (["cp", "-r", "site", "oss://demo/x", "--clashes", "keep-file"], "--clashes does not apply to an upload"),
            (["cp", "-r", "site", "oss://demo/x", "--version-id", "v"], "--version-id does not apply to folders"),
            (["cp", "-r", "a", "b", "oss://demo/x"], "requires one source"),
            (["sync", "a", "bucket/x"], "did you mean 'oss://bucket/x'?"),
        ])
    func refusals(_ arguments: [String], _ words: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let outcome = try await fixture.run(arguments)
            #expect(outcome.status == 2 && outcome.diagnostics.contains(words), "\(outcome)")
            #expect(fixture.asked == 0)
        }
    }

    @Test("mv -r removes the files of an uploaded folder, and the folders that become empty")
    func moveUp() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(Dictionary(uniqueKeysWithValues: Self.files.map { ("site/\($0)", $1) }))
            try fixture.folder.write(["site/b/keep.tmp": Data("tmp".utf8)])
            let outcome = try await fixture.run("mv", "-r", "site", "oss://demo/x", "--exclude", "*.tmp")
            #expect(outcome.status == 0 && outcome.text.contains("removed from the source 3"), "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == ["x/a", "x/b/c", "x/b/d/e"])
            #expect(try fixture.folder.contents() == ["site/b/keep.tmp": Data("tmp".utf8)])
            #expect(!fixture.folder.exists("site/b/d"))
        }
    }

    @Test("mv -r removes the objects of a downloaded or copied prefix")
    func moveObjects() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Dictionary(uniqueKeysWithValues: Self.files.map { ("x/\($0)", $1) }))
            try fixture.put(["x-old/a": Data()])
            let copy = try await fixture.run("mv", "-r", "oss://demo/x", "oss://demo/y", "--json").json()
            #expect(copy["command"] as? String == "mv" && copy["sourceRemoved"] as? Int == 3)
            #expect(fixture.server.keys(in: "demo") == ["x-old/a", "y/a", "y/b/c", "y/b/d/e"])
            let down = try await fixture.run("mv", "-r", "oss://demo/y", "new")
            #expect(down.status == 0, "\(down)")
            #expect(fixture.server.keys(in: "demo") == ["x-old/a"])
            #expect(try fixture.folder.read("new/b/d/e") == Data("e".utf8))
        }
    }

    @Test("mv -r removes nothing if a file fails")
    func moveFailure() async throws {
        try await OSSMirrorFixture.with { fixture in
            let files = Dictionary(uniqueKeysWithValues: Self.files.map { ("site/\($0)", $1) })
            try fixture.folder.write(files)
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("PutObject", key: "x/b/c"), times: .max)
            let outcome = try await fixture.run("mv", "-r", "site", "oss://demo/x")
            #expect(outcome.status == 1, "\(outcome)")
            #expect(try fixture.folder.contents() == files)
        }
    }

    @Test("mv -r removes nothing if an object was replaced after its transfer")
    func moveReplaced() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["x/a": Data("a".utf8), "x/b": Data("b".utf8)])
            fixture.server.add(
                .afterwards(.putObject(key: "x/a", bytes: Array("newer".utf8))),
                when: .operation("GetObject", key: "x/b"))
            fixture.server.add(.delay(.milliseconds(200)), when: .operation("GetObject", key: "x/b"))
            let outcome = try await fixture.run("mv", "-r", "oss://demo/x", "new", "-j", "1")
            #expect(outcome.status == 1 && outcome.diagnostics.contains("nothing was removed"), "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == ["x/a", "x/b"])
        }
    }

    @Test("mv -r removes a link to a folder, not the files behind it")
    func moveLink() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["elsewhere/a": Data("a".utf8), "site/b": Data("b".utf8)])
            try FileManager.default.createSymbolicLink(
                atPath: fixture.folder["site/link"], withDestinationPath: "../elsewhere")
            let outcome = try await fixture.run("mv", "-r", "site", "oss://demo/x")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == ["x/b", "x/link/a"])
            #expect(try fixture.folder.contents() == ["elsewhere/a": Data("a".utf8)])
            #expect(!fixture.folder.exists("site"))
        }
    }

    // MARK: --files-from and --restore

    @Test("--files-from transfers only the listed files, and reports the missing ones")
    func filesFrom() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(Dictionary(uniqueKeysWithValues: Self.files.map { ("site/\($0)", $1) }))
            try fixture.folder.write(["list": Data("./a\nb/d/\n".utf8), "more": Data("b/c\nmissing\n".utf8)])
            let outcome = try await fixture.run("up", "site", "oss://demo/x", "--files-from", "list")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == ["x/a", "x/b/d/e"])

            let missing = try await fixture.run("up", "site", "oss://demo/x", "--files-from", "more", "--json")
            #expect(missing.status == 1 && missing.diagnostics.contains("missing: --files-from"), "\(missing)")
            let report = try missing.json()
            #expect(report["succeeded"] as? Bool == false)
            #expect((report["failures"] as? [[String: Any]])?.compactMap { $0["path"] as? String } == ["missing"])
            #expect(fixture.server.keys(in: "demo") == ["x/a", "x/b/c", "x/b/d/e"])

            #expect(try await fixture.run("down", "oss://demo/x", "new", "--files-from", "list").status == 0)
            #expect(
                try fixture.folder.contents().keys.filter { $0.hasPrefix("new/") }.sorted() == ["new/a", "new/b/d/e"])
            #expect(try await fixture.run("sync", "site", "oss://demo/x", "--files-from", "list").status == 2)
        }
    }

    @Test("--restore starts to restore archived objects that cannot be read", arguments: ["down", "cp", "copy"])
    func restore(_ command: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            for (key, storageClass) in [("x/cold", "Archive"), ("x/warm", "Standard")] {
                try fixture.server.put(
                    key, Data("1".utf8), in: "demo", headers: ["x-oss-storage-class": storageClass])
            }
            let source = command == "cp" ? "oss://demo/x/cold" : "oss://demo/x"
            let target = command == "copy" ? "oss://demo/y" : "new"
            let first = try await fixture.run(command, source, target)
            #expect(first.status == 1 && fixture.operations()["RestoreObject"] == nil, "\(first)")
            let second = try await fixture.run(command, source, target, "--restore", "2")
            #expect(second.status == 1 && second.diagnostics.contains("started to restore"), "\(second)")
            #expect(fixture.operations()["RestoreObject"] == 1)
            let stat = try await fixture.run("stat", "oss://demo/x/cold").lines
            #expect(stat.contains { $0.hasPrefix("restore: ") }, "\(stat)")
        }
    }
}
