import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests of cases that fail with ossutil 1.7.19, each with the outcome that a user expects.
@Suite("ossutil failure cases: deletions")
struct OSSUtilDeletionCaseTests {
    /// A way in which the second page of a listing can fail.
    private static let pageFailures: [MockFault.Action] = [
        .respond(status: 503, code: "ServiceUnavailable"), .respond(status: 403, code: "AccessDenied"),
        .truncateBody(after: 1000),
    ]

    /// Stores objects for more than one page of a listing.
    private static func objects(_ prefix: String) -> [String: Data] {
        Dictionary(uniqueKeysWithValues: (1000..<2100).map { ("\(prefix)\($0)", Data("x".utf8)) })
    }

    /// Makes each page of a bucket's listing except the first fail.
    private func failSecondPage(_ action: MockFault.Action, of bucket: String, _ fixture: OSSMirrorFixture) {
        fixture.server.add(action, when: .init(operation: "ListObjects", bucket: bucket, skip: 1), times: .max)
    }

    @Test("T4, T4b: a copy whose source cannot be listed completely deletes nothing", arguments: pageFailures)
    func copy(_ action: MockFault.Action) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.server.createBucket("other")
            let objects = Self.objects("p/")
            try fixture.put(objects)
            for (key, content) in objects { try fixture.server.put("q" + key.dropFirst(), content, in: "other") }
            for key in ["q/0", "q/1500-extra", "q/3000"] { try fixture.server.put(key, Data(), in: "other") }
            let before = fixture.server.keys(in: "other")
            failSecondPage(action, of: "demo", fixture)
            let copy = try await fixture.run(
                "copy", "oss://demo/p", "oss://other/q", "--delete", "--json", "--outage-limit", "0s")
            #expect(copy.status == 1, "\(copy)")
            #expect(fixture.server.keys(in: "other") == before)
            #expect(try copy.json()["succeeded"] as? Bool == false)
            // The first page is read; the second one is not.
            #expect(fixture.server.requests.filter { $0.bucket == "demo" && $0.operation == "ListObjects" }.count > 1)
        }
    }

    @Test("A download whose source cannot be listed completely deletes nothing", arguments: pageFailures)
    func download(_ action: MockFault.Action) async throws {
        try await OSSMirrorFixture.with { fixture in
            let objects = Self.objects("")
            try fixture.put(objects)
            for (key, content) in objects { try fixture.folder.write(["copy/\(key)": content]) }
            try fixture.folder.write(["copy/0": Data(), "copy/1500-extra": Data(), "copy/3000": Data()])
            failSecondPage(action, of: "demo", fixture)
            let down = try await fixture.run("down", "oss://demo", "copy", "--delete", "--json", "--outage-limit", "0s")
            #expect(down.status == 1, "\(down)")
            #expect(try fixture.folder.contents(in: "copy").count == objects.count + 3)
        }
    }

    @Test("An upload whose destination cannot be listed completely deletes nothing", arguments: pageFailures)
    func upload(_ action: MockFault.Action) async throws {
        try await OSSMirrorFixture.with { fixture in
            let objects = Self.objects("")
            try fixture.put(objects)
            for key in objects.keys.sorted().dropFirst(3) {
                try fixture.folder.write(["site/\(key)": Data("x".utf8)])
            }
            failSecondPage(action, of: "demo", fixture)
            let up = try await fixture.run("up", "site", "oss://demo", "--delete", "--json", "--outage-limit", "0s")
            #expect(up.status == 1, "\(up)")
            #expect(fixture.server.keys(in: "demo").count == objects.count)
        }
    }

    @Test("T5: the objects of an unreadable folder are kept, and the status is 1")
    func unreadableFolder() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/secret/b": Data("b".utf8)])
            try fixture.put(["a": Data("a".utf8), "secret/b": Data("b".utf8), "extra": Data()])
            guard let program = try fixture.unprivileged() else { return }
            let folder = fixture.folder["site/secret"]
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder)
            defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder) }
            let up = try await program.run(["up", "site", "oss://demo", "--delete", "--json"])
            #expect(up.status == 1, "\(up)")
            #expect(up.diagnostics.contains("ossmirror: secret: ") && up.diagnostics.contains("Permission denied"))
            #expect(fixture.server.keys(in: "demo") == ["a", "extra", "secret/b"])
            // The objects below the folder are not considered, because the files may still exist.
            #expect(try up.json()["withheldPaths"] as? [String] == ["extra"])
        }
    }

    @Test("An unreadable folder in the destination is not treated as empty: nothing is deleted, and the status is 1")
    func unreadableTarget() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["copy/extra": Data("e".utf8), "copy/secret/b": Data("b".utf8)])
            try fixture.put(["a": Data("a".utf8)])
            guard let program = try fixture.unprivileged() else { return }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o777], ofItemAtPath: fixture.folder["copy"])
            let folder = fixture.folder["copy/secret"]
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder)
            defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder) }
            let down = try await program.run(["down", "oss://demo", "copy", "--delete", "--json"])
            #expect(down.status == 1, "\(down)")
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder)
            #expect(Set(try fixture.folder.contents(in: "copy").keys) == ["a", "extra", "secret/b"])
        }
    }

    @Test(
        "T14: only files inside the destination are deleted, with and without a backup folder",
        arguments: [nil, "backup", "dst/backup"] as [String?])
    func besideTheTarget(backup: String?) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data("a".utf8)])
            try fixture.folder.write([
                "dst/extra.txt": Data("extra".utf8), "dst/d/extra.txt": Data("deep".utf8),
                "dstextra.txt": Data("beside".utf8), "dstd/extra.txt": Data("beside".utf8),
            ])
            var arguments = ["down", "oss://demo", fixture.folder["dst"], "--delete", "--json"]
            if let backup { arguments += ["--backup-dir", fixture.folder[backup]] }
            // The command runs twice. The second run must not delete files from the backup folder.
            for expected in [2, 0] {
                let down = try await fixture.run(arguments)
                #expect(down.status == 0, "\(down)")
                #expect((try down.json()["deleted"] as? [String: Any])?["files"] as? Int == expected)
            }
            var files = [
                "dst/a": Data("a".utf8), "dstextra.txt": Data("beside".utf8), "dstd/extra.txt": Data("beside".utf8),
            ]
            if let backup {
                files["\(backup)/extra.txt"] = Data("extra".utf8)
                files["\(backup)/d/extra.txt"] = Data("deep".utf8)
            }
            #expect(try fixture.folder.contents() == files)
        }
    }

    @Test("Prefixes that start with the same name are never changed by up, down or copy with --delete")
    func sibling() async throws {
        try await OSSMirrorFixture.with { fixture in
            let sibling = ["photos2/x": Data("2".utf8), "photos-old/x": Data("o".utf8), "photosx": Data("x".utf8)]
            try fixture.put(sibling)
            try fixture.put(["photos/gone": Data("g".utf8)])
            try fixture.folder.write(["site/a": Data("a".utf8)])
            #expect(try await fixture.run("up", "site", "oss://demo/photos", "--delete").status == 0)
            #expect(fixture.server.keys(in: "demo").filter { $0.hasPrefix("photos/") } == ["photos/a"])

            try fixture.folder.write(["copy/photos/gone": Data(), "copy/photos2/x": Data("l".utf8)])
            let down = try await fixture.run("down", "oss://demo/photos", "copy/photos", "--delete")
            #expect(down.status == 0)
            let files = ["photos/a": Data("a".utf8), "photos2/x": Data("l".utf8)]
            #expect(try fixture.folder.contents(in: "copy") == files)

            // ossutil rejects a copy to a prefix of the same bucket that starts with the same name, or also copies that
            // prefix.
            try fixture.put(["mobile/m": Data("m".utf8), "mobile2/n": Data("n".utf8), "mobile3/gone": Data("g".utf8)])
            let copy = try await fixture.run("copy", "oss://demo/mobile", "oss://demo/mobile3", "--delete")
            #expect(copy.status == 0, "\(copy)")
            let keys = ["mobile/m", "mobile2/n", "mobile3/m", "photos/a"] + sibling.keys
            #expect(Set(fixture.server.keys(in: "demo")) == Set(keys))
            for (key, content) in sibling { #expect(fixture.server.data(of: key, in: "demo") == content) }
        }
    }
}
