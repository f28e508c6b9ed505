import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror ls and du")
struct ListCommandTests {
    @Test("ls shows folders once, in byte order between the keys")
    func collapsed() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a/x": Data(), "a/y": Data(), "a-": Data(), "a0": Data("1".utf8), "é/x": Data()])
            let outcome = try await fixture.run("ls", "oss://demo")
            #expect(outcome.status == 0 && outcome.diagnostics.isEmpty)
            #expect(outcome.lines == ["a-", "a/", "a0", "é/"], "\(outcome)")
            #expect(try await fixture.run("ls", "oss://demo/a").lines == ["a-", "a/", "a0"])
            #expect(try await fixture.run("ls", "oss://demo/a/").lines == ["a/x", "a/y"])
            #expect(try await fixture.run("ls", "oss://demo", "--max", "2").lines == ["a-", "a/"])
            #expect(try await fixture.run("ls", "oss://demo", "--max", "0").output.isEmpty)
            #expect(try await fixture.run("ls", "oss://demo/nothing").output.isEmpty)
            #expect(fixture.operations().keys.sorted() == ["ListObjects"])
        }
    }

    @Test("ls -r prints all keys that start with the prefix")
    func recursive() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a/é": Data(), "a/z": Data("1".utf8), "a/Z": Data(), "b": Data()])
            #expect(try await fixture.run("ls", "-r", "oss://demo").lines == ["a/Z", "a/z", "a/é", "b"])
            #expect(try await fixture.run("ls", "-r", "oss://demo/a/z").lines == ["a/z"])
        }
    }

    @Test("ls -l prints size, time and storage class, and totals")
    func long() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["f/x": Data("12".utf8), "hello": Data("hello".utf8), "big": Data(count: 2048)])
            let lines = try await fixture.run("ls", "-l", "oss://demo").lines
            let object = /\ +5  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  Standard  hello/
            #expect(lines.count == 4 && lines[2].wholeMatch(of: object) != nil, "\(lines)")
            #expect(lines[1].wholeMatch(of: /\ +folder    f\//) != nil, "\(lines)")
            #expect(lines[3] == "total: 2 objects, 2.0 KiB; 1 folder")
            // The keys are aligned.
            #expect(lines[0].count - "big".count == lines[1].count - "f/".count)
            let human = try await fixture.run("ls", "-H", "--etag", "oss://demo/h").lines
            #expect(human.first?.hasPrefix("       5 B  ") == true, "\(human)")
            #expect(human.first?.hasSuffix("  5D41402ABC4B2A76B9719D911017C592  hello") == true, "\(human)")
        }
    }

    @Test("ls reads all pages of a listing, also with --json")
    func pages() async throws {
        try await OSSMirrorFixture.with { fixture in
            let keys = (0..<2500).map { "k/\($0 + 10000)" }
            try fixture.put(Dictionary(uniqueKeysWithValues: keys.map { ($0, Data("x".utf8)) }))
            try fixture.put(["k/folder/a": Data()])
            #expect(try await fixture.run("ls", "oss://demo/k/").lines == keys + ["k/folder/"])
            let report = try await fixture.run("ls", "--json", "oss://demo/k/").json()
            #expect(report["count"] as? Int == 2500 && report["bytes"] as? Int == 2500)
            #expect((report["objects"] as? [[String: Any]])?.compactMap { $0["key"] as? String } == keys)
            #expect(report["prefixes"] as? [String] == ["k/folder/"])
        }
    }

    @Test(
        "With --json, the output is one complete object, even without credentials or a bucket, or after a failed page")
    func errors() async throws {
        try await OSSMirrorFixture.with { fixture in
            let none = ["OSS_ACCESS_KEY_ID": nil, "HOME": fixture.folder.url.path] as [String: String?]
            let (noKey, noBucket) = (
                try await fixture.run("ls", "--json", "oss://demo", setting: none),
                try await fixture.run("ls", "--json", "oss://Not_A_Bucket")
            )
            #expect(noKey.status == 1 && noBucket.status == 2)
            try fixture.put(Dictionary(uniqueKeysWithValues: (0..<1500).map { ("k/\($0)", Data()) }))
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("ListObjects", skip: 1))
            let half = try await fixture.run("ls", "--json", "-r", "oss://demo")
            #expect(half.status == 1 && fixture.server.unusedFaults.isEmpty)
            for (outcome, count) in [(noKey, 0), (noBucket, 0), (half, 1000)] {
                let report = try outcome.json()
                #expect(report["succeeded"] as? Bool == false && report["count"] as? Int == count)
                #expect((report["error"] as? [String: Any])?["code"] is String)
            }
        }
    }

    @Test("ls without an address lists the buckets, and mb and rb create and delete them")
    func buckets() async throws {
        try await OSSMirrorFixture.with { fixture in
            #expect(try await fixture.run("ls").lines == ["demo"])
            let made = try await fixture.run("mb", "oss://another", "--storage-class", "IA")
            #expect(made.status == 0 && made.text == "created oss://another\n", "\(made)")
            #expect(try await fixture.run("ls", "oss://").lines == ["another", "demo"])
            let long = try await fixture.run("ls", "-l").lines
            #expect(long.first?.hasSuffix("  IA        cn-hangzhou     another") == true, "\(long)")
            #expect(long.last == "total: 2 buckets")
            let report = try await fixture.run("ls", "--json").json()
            let names = (report["buckets"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
            #expect(names == ["another", "demo"])

            #expect(try await fixture.run("rb", "oss://another", "--json").json()["bucket"] as? String == "another")
            try fixture.put(["a": Data()])
            let refused = try await fixture.run("rb", "oss://demo")
            #expect(refused.status == 1 && refused.diagnostics.contains("rm -r --force oss://demo"), "\(refused)")
            #expect(try await fixture.run("ls").lines == ["demo"])
        }
    }

    @Test("ls --versions lists versions and delete markers, newest first, and cat and stat read a version")
    func versions() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bucket = try fixture.client()
            try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
            let first = try #require(try await bucket.putObject("a", "first").versionID)
            try await bucket.deleteObject("a")
            let second = try #require(try await bucket.putObject("b/c", "second").versionID)
            let lines = try await fixture.run("ls", "--versions", "oss://demo").lines
            #expect(lines.count == 3 && lines[0].hasSuffix("  deleted  a") && lines[2] == "b/", "\(lines)")
            #expect(lines[1] == "\(first)  earlier  a")
            let report = try await fixture.run("ls", "--versions", "-r", "--json", "oss://demo").json()
            let versions = try #require(report["versions"] as? [[String: Any]])
            #expect(versions.compactMap { $0["isDeleteMarker"] as? Bool } == [true, false, false])
            #expect(versions.last?["versionID"] as? String == second)
            #expect(try await fixture.run("cat", "oss://demo/a", "--version-id", first).text == "first")
            let stat = try await fixture.run("stat", "oss://demo/a", "--version-id", first)
            #expect(stat.lines.contains("version: \(first)"), "\(stat)")
        }
    }

    // MARK: du

    @Test("du prints the size and number of objects of each folder, and the total")
    func usage() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put([
                "p/a": Data(count: 1), "p/x/a": Data(count: 10), "p/x/y/b": Data(count: 100),
                "p/z/c": Data(count: 1000),
                "q": Data(count: 5),
            ])
            func rows(_ arguments: String...) async throws -> [String] {
                try await fixture.run(["du"] + arguments).lines.map {
                    $0.split(separator: " ").joined(separator: " ")
                }
            }
            #expect(try await rows("oss://demo") == ["1111 4 oss://demo/p/", "1116 5 oss://demo/"])
            #expect(
                try await rows("oss://demo/p/", "-d", "2") == [
                    "100 1 oss://demo/p/x/y/", "110 2 oss://demo/p/x/", "1000 1 oss://demo/p/z/",
                    "1111 4 oss://demo/p/",
                ])
            #expect(try await rows("oss://demo/p/", "-d0", "-H") == ["1.1 KiB 4 oss://demo/p/"])
            let report = try await fixture.run("du", "--json", "oss://demo").json()
            #expect(report["bytes"] as? Int == 1116 && report["objects"] as? Int == 5)
            #expect((report["prefixes"] as? [[String: Any]])?.first?["prefix"] as? String == "p/")
        }
    }

    @Test("Folder sizes are added up at every level")
    func folderUsage() {
        var usage = FolderUsage(below: "r", depth: 2)
        var complete: [FolderUsage.Folder] = []
        let objects = [("r/a/b/c", 1), ("r/a/b/d", 2), ("r/a/e", 4), ("r/f", 8), ("r2", 16)] as [(String, Int64)]
        for (key, size) in objects { complete += usage.add(key, size) }
        complete += usage.finish()
        #expect(complete.map { "\($0.prefix) \($0.objects) \($0.bytes)" } == ["r/a/ 3 7", "r/ 4 15"])
        #expect(usage.total.objects == 5 && usage.total.bytes == 31)
    }
}
