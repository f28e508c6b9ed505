import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Examples that transfer and delete many objects", .timeLimit(.minutes(5)))
struct FolderExampleTests {
    @Test("backup sends new and changed files, finds the others in its snapshot, and reports in text and JSON")
    func backup() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("one".utf8), "site/b/c": Data("two".utf8)])
            let first = try await fixture.runExample(
                "backup", "site", "demo", "daily/", "--snapshot", "snapshot", "--check", "--json")
            #expect(first.status == 0 && first.diagnostics.isEmpty, "\(first)")
            let report = try first.json()
            #expect(report["isComplete"] as? Bool == true)
            let upload = try #require(report["upload"] as? [String: Any])
            #expect((upload["transferred"] as? [String: Any])?["files"] as? Int == 2)
            #expect((report["check"] as? [String: Any])?["isEqual"] as? Bool == true)
            #expect(fixture.server.keys(in: "demo") == ["daily/a", "daily/b/c"])

            let sent = fixture.asked
            let second = try await fixture.runExample("backup", "site", "demo", "daily/", "--snapshot", "snapshot")
            #expect(second.status == 0 && second.lines.contains("unchanged: 2 files, 6 bytes"), "\(second)")
            #expect(fixture.operations(after: sent) == [:])

            try fixture.folder.write("site/a", "three")
            let third = try await fixture.runExample("backup", "site", "demo", "daily/", "--snapshot", "snapshot")
            #expect(third.status == 0 && third.lines.contains("sent: 1 files, 5 bytes"), "\(third)")
            #expect(fixture.server.data(of: "daily/a", in: "demo") == Data("three".utf8))
        }
    }

    @Test("backup deletes objects without files only if no file failed")
    func deletion() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("one".utf8), "site/b": Data("two".utf8)])
            try fixture.put(["daily/old": Data("old".utf8)])
            let kept = try await fixture.runExample("backup", "site", "demo", "daily/", "--check")
            #expect(kept.status == 0 && kept.lines.last == "The backup is complete.", "\(kept)")
            #expect(fixture.server.keys(in: "demo") == ["daily/a", "daily/b", "daily/old"])

            try fixture.folder.write("site/b", "three")
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("PutObject"))
            let failed = try await fixture.runExample("backup", "site", "demo", "daily/", "--delete", "--check")
            #expect(failed.status == 1, "\(failed)")
            #expect(failed.text.contains("  failed b: PutObject oss://demo/daily/b"), "\(failed)")
            #expect(failed.lines.suffix(2) == ["not deleted: 1 objects", "The backup is NOT complete."])
            #expect(fixture.server.keys(in: "demo") == ["daily/a", "daily/b", "daily/old"])

            let deleted = try await fixture.runExample("backup", "site", "demo", "daily/", "--delete", "--check")
            #expect(deleted.status == 0 && deleted.lines.contains("deleted: 1 files, 3 bytes"), "\(deleted)")
            #expect(fixture.server.keys(in: "demo") == ["daily/a", "daily/b"])
            #expect(fixture.server.unusedFaults.isEmpty)
        }
    }

    @Test("backup --check finds an object that another program has changed after the upload")
    func difference() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write("site/a", "one")
            fixture.server.add(
                .afterwards(.putObject(key: nil, bytes: Array("two".utf8))), when: .operation("PutObject"))
            let outcome = try await fixture.runExample("backup", "site", "demo", "daily/", "--check")
            #expect(outcome.status == 1 && outcome.lines.contains("  different: a (content)"), "\(outcome)")
            #expect(fixture.server.unusedFaults.isEmpty)
        }
    }

    @Test("prune prints the objects that are old enough, and deletes them only with --delete")
    func prune() async throws {
        try await OSSMirrorFixture.with { fixture in
            fixture.server.clockOffset = .days(-31)
            // More than one request can delete.
            for number in 1...1001 { try fixture.put(["logs/\(number)": Data("old".utf8)]) }
            try fixture.put(["other/1": Data("old".utf8)])
            fixture.server.clockOffset = .days(-29)
            try fixture.put(["logs/new": Data("new".utf8)])
            fixture.server.clockOffset = .zero

            let printed = try await fixture.runExample("prune", "demo", "logs/", "--older-than", "30d")
            #expect(printed.status == 0 && printed.lines.count == 1001, "\(printed.diagnostics)")
            #expect(printed.lines.first?.hasPrefix("would delete logs/1, 3 bytes, written 20") == true)
            #expect(printed.diagnostics == "1001 objects, 3003 bytes; add --delete to delete them\n")
            #expect(fixture.server.keys(in: "demo").count == 1003)

            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("DeleteMultipleObjects", skip: 1))
            let refused = try await fixture.runExample("prune", "demo", "logs/", "--older-than", "30d", "--delete")
            #expect(refused.status == 1 && refused.lines.count == 1000, "\(refused.diagnostics)")
            #expect(refused.diagnostics.contains("AccessDenied"))
            #expect(refused.diagnostics.hasSuffix("1001 objects, 3003 bytes, 1 not deleted\n"))

            let deleted = try await fixture.runExample("prune", "demo", "logs/", "--older-than", "720h", "--delete")
            #expect(deleted.status == 0 && deleted.lines.count == 1, "\(deleted)")
            #expect(fixture.server.keys(in: "demo") == ["logs/new", "other/1"])
            #expect(fixture.server.unusedFaults.isEmpty)
        }
    }

    @Test("static-site uploads assets before pages, compressed and with cache headers, and sets up the website")
    func staticSite() async throws {
        try await OSSMirrorFixture.with { fixture in
            let page = Data(String(repeating: "<p>text</p>\n", count: 100).utf8)
            try fixture.folder.write([
                "site/404.html": page, "site/a/index.html": page, "site/index.html": page, "site/z.css": page,
                "site/js/app.3f9a1c2b.js": page, "site/photo-20260131.png": Data.pattern(1000),
            ])
            try fixture.put(["old.css": Data()])
            let outcome = try await fixture.runExample("static-site", "site", "demo")
            #expect(outcome.status == 0 && outcome.diagnostics.isEmpty, "\(outcome)")
            #expect(outcome.lines == ["assets: 3 uploaded, 0 deleted", "pages: 3 uploaded, 0 deleted"])

            let uploads = fixture.server.requests.filter { $0.operation == "PutObject" }
            #expect(uploads.prefix(3).allSatisfy { $0.key?.hasSuffix(".html") == false })
            #expect(uploads.suffix(3).allSatisfy { $0.key?.hasSuffix(".html") == true })
            let headers = Dictionary(uniqueKeysWithValues: uploads.map { ($0.key ?? "", $0.headers) })
            for (key, caching, encoding) in [
                ("index.html", "no-cache", "gzip"), ("z.css", "public, max-age=300", "gzip"),
                ("js/app.3f9a1c2b.js", "public, max-age=31536000, immutable", "gzip"),
                ("photo-20260131.png", "public, max-age=300", nil),
            ] {
                #expect(headers[key]?["Cache-Control"] == caching, "\(key)")
                #expect(headers[key]?["Content-Encoding"] == encoding, "\(key)")
            }
            #expect(headers["index.html"]?["Content-Type"] == "text/html")
            let website = try await fixture.client().setting(.website)
            #expect(website?.index?.suffix == "index.html" && website?.error?.key == "404.html")
            #expect(fixture.server.keys(in: "demo").contains("old.css"))

            let sent = fixture.asked
            let again = try await fixture.runExample("static-site", "site", "demo", "--delete")
            #expect(again.status == 0, "\(again)")
            #expect(again.lines == ["assets: 0 uploaded, 0 deleted", "pages: 0 uploaded, 1 deleted"])
            #expect(fixture.operations(after: sent)["PutObject"] == nil)
            #expect(!fixture.server.keys(in: "demo").contains("old.css"))
        }
    }

    @Test("static-site leaves the pages as they are if an asset fails")
    func incompleteSite() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/index.html": Data("new".utf8), "site/z.css": Data("new".utf8)])
            try fixture.put(["index.html": Data("old".utf8), "old.css": Data("old".utf8)])
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("PutObject"))
            let outcome = try await fixture.runExample("static-site", "site", "demo", "--delete")
            #expect(outcome.status == 1 && outcome.text.contains("failed z.css: "), "\(outcome)")
            #expect(outcome.diagnostics.contains("the assets were not uploaded completely"), "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == ["index.html", "old.css"])
            #expect(fixture.server.data(of: "index.html", in: "demo") == Data("old".utf8))
            #expect(fixture.operations()["PutBucketWebsite"] == nil)
        }
    }
}
