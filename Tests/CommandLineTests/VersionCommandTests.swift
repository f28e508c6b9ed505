import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("ossmirror versions, undelete and restore")
struct VersionCommandTests {
    /// Enables versioning and stores `a/1` twice, `a/2` once, and deletes both, `a/1` twice.
    private func prepare(_ fixture: OSSMirrorFixture) async throws -> Bucket {
        let bucket = try fixture.server.bucket("demo")
        try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
        try await bucket.putObject("a/1", "old")
        try await bucket.putObject("a/1", "newer")
        try await bucket.putObject("a/2", "two")
        try await bucket.putObject("a/3", "three")
        for key in ["a/1", "a/1", "a/2"] as [ObjectKey] { try await bucket.deleteObject(key) }
        return bucket
    }

    @Test("versions lists versions and delete markers, as lines and as JSON")
    func versions() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bucket = try await prepare(fixture)
            var expected: [String] = []
            for try await version in bucket.listObjectVersions(prefix: "a/") { expected.append(version.versionID) }
            let lines = try await fixture.run("versions", "oss://demo/a/").lines
            #expect(lines.count == 7 && expected.count == 7, "\(lines)")
            for (line, id) in zip(lines, expected) { #expect(line.contains("  \(id)  ")) }
            #expect(lines[0].hasPrefix("       deleted  ") && lines[0].hasSuffix("  * a/1"))
            #expect(lines[2].hasPrefix("             5  ") && lines[2].hasSuffix("    a/1"))
            let deleted = try await fixture.run("versions", "oss://demo", "--deleted", "--json").json()
            let entries = try #require(deleted["versions"] as? [[String: Any]])
            #expect(entries.compactMap { $0["key"] as? String } == ["a/1", "a/2"])
            #expect(deleted["count"] as? Int == 2 && deleted["succeeded"] as? Bool == true)
            #expect(try await fixture.run("versions", "oss://demo", "--max", "2").lines == Array(lines.prefix(2)))
            let failed = try await fixture.run("versions", "--json", "oss://nowhere")
            #expect(failed.status == 1, "\(failed)")
            #expect(try failed.json()["error"] is [String: Any])
        }
    }

    @Test("undelete removes the delete markers above the newest version of a key, and nothing else")
    func undelete() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bucket = try await prepare(fixture)
            let run = try await fixture.run("undelete", "oss://demo/a/1")
            #expect(run.status == 0 && run.text == "undeleted 1, failed 0\n", "\(run)")
            #expect(fixture.server.data(of: "a/1", in: "demo") == Data("newer".utf8))
            #expect(try await !bucket.objectExists("a/2"))
            let again = try await fixture.run("undelete", "oss://demo/a/1", "--json")
            #expect(again.status == 1, "\(again)")
            #expect(try again.json()["failed"] as? Int == 1)
            #expect(again.diagnostics.contains("the object is not deleted"))
        }
    }

    @Test("undelete -r restores the deleted objects under a prefix, and -n only prints them")
    func undeleteRecursive() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bucket = try await prepare(fixture)
            // A delete marker without an older version hides nothing.
            try await bucket.deleteObject("a/never")
            let dry = try await fixture.run("undelete", "-r", "-n", "oss://demo/a")
            #expect(dry.lines == ["undelete a/1", "undelete a/2", "would have undeleted 2, failed 0"], "\(dry)")
            #expect(fixture.operations()["DeleteMultipleObjects"] == nil)
            let run = try await fixture.run("undelete", "-r", "oss://demo/a", "--json")
            #expect(try run.json()["counts"] as? [String: Int] == ["undeleted": 2], "\(run)")
            #expect(fixture.server.keys(in: "demo") == ["a/1", "a/2", "a/3"])
            #expect(fixture.server.data(of: "a/1", in: "demo") == Data("newer".utf8))
        }
    }

    @Test("restore starts to restore archived objects, and skips objects under a prefix that need no restore")
    func restore() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["p/standard": Data("1".utf8)])
            for key in ["p/archived", "p/cold"] {
                try fixture.server.put(
                    key, Data("2".utf8), in: "demo",
                    headers: ["x-oss-storage-class": key == "p/cold" ? "ColdArchive" : "Archive"])
            }
            let run = try await fixture.run("restore", "-r", "oss://demo/p", "--days", "3")
            #expect(run.status == 0 && run.text == "restored 1, restoring 2, failed 0\n", "\(run)")
            let again = try await fixture.run("restore", "oss://demo/p/archived")
            #expect(again.text == "restoring 1, failed 0\n", "\(again)")
            let faster = try await fixture.run("restore", "oss://demo/p/cold", "--tier", "Expedited")
            #expect(faster.status == 0, "\(faster)")
            let plain = try await fixture.run("restore", "oss://demo/p/standard", "--json")
            #expect(plain.status == 1 && plain.diagnostics.contains("archive class"), "\(plain)")
        }
    }

    @Test("restore --wait ends when the objects can be read, and fails if they cannot within the limit")
    func restoreWaiting() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.server.put("a", Data("2".utf8), in: "demo", headers: ["x-oss-storage-class": "Archive"])
            let server = fixture.server
            let late = try await fixture.run("restore", "oss://demo/a", "--wait", "1s", "--json")
            #expect(late.status == 1 && late.diagnostics.contains("still being restored"), "\(late)")
            #expect(try late.json()["failed"] as? Int == 1)
            let asked = fixture.asked
            let run = try await fixture.run("restore", "oss://demo/a", "--wait", "5m") { _ in
                await server.waitForRequests(asked + 2)
                server.clockOffset = .seconds(120)
            }
            #expect(run.status == 0 && run.text == "restored 1, failed 0\n", "\(run)")
            #expect(try await fixture.run("cat", "oss://demo/a").text == "2")
        }
    }
}
