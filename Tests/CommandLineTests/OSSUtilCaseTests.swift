import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests of cases that fail with ossutil 1.7.19, each with the outcome that a user expects.
@Suite("ossutil failure cases: errors, names, filters and comparisons")
struct OSSUtilCaseTests {
    // MARK: Failures

    @Test(
        "T1: a file that the server rejects sets the status to 1, and the report contains everything except the secret")
    func failureIsReported() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/good": Data("g".utf8), "site/bad": Data("b".utf8)])
            fixture.server.add(
                .respond(status: 500, code: "InternalError"), when: .operation("PutObject", key: "www/bad"),
                times: .max)
            let up = try await fixture.run("up", "site", "oss://demo/www", "--json", "--state-dir", "state")
            #expect(up.status == 1, "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["www/good"])

            let report = try up.json()
            #expect(report["succeeded"] as? Bool == false && report["isComplete"] as? Bool == false)
            let failures = try #require(report["failures"] as? [[String: Any]])
            #expect(failures.count == 1)
            let failure = try #require(failures.first)
            let tries = fixture.server.requests.filter { $0.key == "www/bad" }
            #expect(failure["key"] as? String == "www/bad" && failure["path"] as? String == "bad")
            #expect(failure["serviceCode"] as? String == "InternalError" && failure["status"] as? Int == 500)
            #expect(failure["attempts"] as? Int == tries.count && tries.count > 1)
            #expect(failure["requestID"] as? String == tries.last?.requestID)

            #expect(up.diagnostics.contains("bad"))
            let state = fixture.folder.exists("state") ? try fixture.folder.contents(in: "state") : [:]
            for text in [up.output, Data(up.diagnostics.utf8)] + state.values {
                #expect(text.range(of: Data(OSSMirrorFixture.key.secret.utf8)) == nil)
            }
        }
    }

    @Test("T1c: if one of thirty files is denied, only that file fails")
    func oneDenied() async throws {
        try await OSSMirrorFixture.with { fixture in
            for number in 10..<40 { try fixture.folder.write(["site/\(number)": Data("\(number)".utf8)]) }
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("PutObject", key: "12"), times: .max)
            let up = try await fixture.run("up", "site", "oss://demo", "--json", "-j1")
            #expect(up.status == 1)
            #expect(fixture.server.keys(in: "demo") == (10..<40).filter { $0 != 12 }.map(String.init))
            let report = try up.json()
            #expect((report["transferred"] as? [String: Any])?["files"] as? Int == 29)
            let failures = try #require(report["failures"] as? [[String: Any]])
            #expect(failures.compactMap { $0["serviceCode"] as? String } == ["AccessDenied"])
            #expect(failures.compactMap { $0["attempts"] as? Int } == [1])
        }
    }

    // MARK: Names

    @Test("T2: keys that lead out of the destination write nothing there, and the others are downloaded")
    func escapingKeys() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bad = [
                "p/../../escape.txt", "p/../escape.txt", "p/a/../../../escape.txt", "p//escape.txt", "p/./escape.txt",
                "p/..",
            ]
            for key in bad { try fixture.put([key: Data("bad".utf8)]) }
            try fixture.put(["p/good": Data("good".utf8), "p/..good": Data("dots".utf8)])
            let down = try await fixture.run("down", "oss://demo/p", "one/two/target", "--json")
            #expect(down.status == 1)
            let files = try fixture.folder.contents(in: "one")
            #expect(files == ["two/target/good": Data("good".utf8), "two/target/..good": Data("dots".utf8)])
            #expect(!fixture.folder.exists("escape.txt"))
            let failures = try #require(try down.json()["failures"] as? [[String: Any]])
            #expect(Set(failures.compactMap { $0["key"] as? String }) == Set(bad))
            #expect(failures.allSatisfy { $0["code"] as? String == "unsafeKey" })
        }
    }

    @Test("T3: a filter for the top folder includes nothing below it on any page, and each page is requested once")
    func topFolderOnly() async throws {
        try await OSSMirrorFixture.with { fixture in
            var expected: [String: Data] = [:]
            for number in 100..<250 {
                expected["\(number).txt"] = Data("\(number)".utf8)
                for file in 0..<13 { try fixture.put(["p/\(number)/\(file).txt": Data()]) }
            }
            for (name, content) in expected { try fixture.put(["p/\(name)": content]) }
            let down = try await fixture.run("down", "oss://demo/p", "copy", "--exclude", "*/**", "--json")
            #expect(down.status == 0, "\(down)")
            #expect(try fixture.folder.contents(in: "copy") == expected)
            #expect(fixture.operations() == ["ListObjects": 3, "GetObject": 150])
            let pages = fixture.server.requests.filter { $0.operation == "ListObjects" }
            #expect(Set(pages.map(\.target)).count == pages.count)
        }
    }

    @Test(
        "T12: a file with a backslash in its name is a different object from a file in a folder, and both survive a round trip"
    )
    func backslash() async throws {
        try await OSSMirrorFixture.with { fixture in
            let tree = ["a\\b.txt": Data("file".utf8), "a/b.txt": Data("in a folder".utf8)]
            for (name, content) in tree { try fixture.folder.write(["site/\(name)": content]) }
            let up = try await fixture.run("up", "site", "oss://demo")
            #expect(up.status == 0, "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["a/b.txt", "a\\b.txt"])
            let down = try await fixture.run("down", "oss://demo", "copy")
            #expect(down.status == 0, "\(down)")
            #expect(try fixture.folder.contents(in: "copy") == tree)
        }
    }

    @Test("T13: a FIFO is skipped and reported, and the run does not wait for it")
    func fifo() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/z": Data("z".utf8)])
            #expect(mkfifo(fixture.folder["site/m"], 0o600) == 0)
            let up = try await fixture.run("up", "site", "oss://demo", "--json")
            #expect(up.status == 0, "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["a", "z"])
            let report = try up.json()
            #expect((report["skipped"] as? [String: Any])?["files"] as? Int == 1)
            let reasons = try #require(report["reasons"] as? [String: [String: Any]])
            #expect(reasons["specialFile"]?["files"] as? Int == 1)
        }
    }

    @Test(
        "T6: a link to a folder is uploaded as its content, or skipped with --symlinks skip, and never as an empty object"
    )
    func linkToFolder() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["elsewhere/x": Data("x".utf8), "site/a": Data("a".utf8)])
            try FileManager.default.createSymbolicLink(
                atPath: fixture.folder["site/link"], withDestinationPath: "../elsewhere")
            #expect(try await fixture.run("up", "site", "oss://demo/followed").status == 0)
            #expect(try await fixture.run("up", "site", "oss://demo/skipped", "--symlinks", "skip").status == 0)
            #expect(fixture.server.keys(in: "demo") == ["followed/a", "followed/link/x", "skipped/a"])
            #expect(fixture.server.data(of: "followed/link/x", in: "demo") == Data("x".utf8))
        }
    }

    // MARK: Filters and the transfer's own files

    @Test("T16: --include '*.jpg' uploads pictures from all folders and creates no folder objects")
    func picturesOnly() async throws {
        try await OSSMirrorFixture.with { fixture in
            for name in ["a.jpg", "a.txt", "d/b.jpg", "d/e/c.jpg", "no-picture/b.txt", "x.jpg.txt"] {
                try fixture.folder.write(["site/\(name)": Data(name.utf8)])
            }
            try FileManager.default.createDirectory(
                atPath: fixture.folder["site/empty"], withIntermediateDirectories: true)
            let up = try await fixture.run("up", "site", "oss://demo", "--include", "*.jpg")
            #expect(up.status == 0, "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["a.jpg", "d/b.jpg", "d/e/c.jpg"])
        }
    }

    @Test(
        "T15, T15b: a state directory in the source is excluded, however it is specified, and nothing else is",
        arguments: [(true, true), (true, false), (false, true), (false, false)])
    func stateInSource(isSourceAbsolute: Bool, isStateAbsolute: Bool) async throws {
        try await OSSMirrorFixture.with { fixture in
            let large = Data(count: 350_000)
            try fixture.folder.write([
                "t/a": Data("a".utf8), "t/cp/left": Data("own".utf8), "t/cpx/a.txt": Data("b".utf8),
                "t/d/cp/c.txt": Data("c".utf8), "t/acp/d.txt": Data("d".utf8), "t/large": large,
            ])
            let source = isSourceAbsolute ? fixture.folder["t"] : "t"
            let state = isStateAbsolute ? fixture.folder["t/cp"] : "t/cp"
            let arguments = [
                "up", source, "oss://demo", "--state-dir", state, "--part-size", "100K", "--multipart-threshold",
                "100K",
            ]
            // Leaves a file in the state directory.
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPart", partNumber: 2))
            #expect(try await fixture.run(arguments).status == 1)
            #expect(try fixture.folder.contents(in: "t/cp").count > 1)
            let up = try await fixture.run(arguments)
            #expect(up.status == 0, "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["a", "acp/d.txt", "cpx/a.txt", "d/cp/c.txt", "large"])
            #expect(fixture.folder.exists("t/cp/left"))
        }
    }

    // MARK: What is transferred again

    @Test("T7: a changed file with an old time is uploaded, whatever the time of its object")
    func changedWithOldTime() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["longer": Data("old".utf8), "same-size": Data("old".utf8)])
            let tree = ["longer": Data("newer".utf8), "same-size": Data("new".utf8)]
            for (name, content) in tree {
                try fixture.folder.write(["site/\(name)": content])
                try fixture.makeOld("site/\(name)")
            }
            #expect(try await fixture.run("up", "site", "oss://demo").status == 0)
            for (name, content) in tree { #expect(fixture.server.data(of: name, in: "demo") == content) }
        }
    }

    @Test("T18: a damaged file is repaired, although it is newer than its object")
    func damagedAndNewer() async throws {
        try await OSSMirrorFixture.with { fixture in
            let tree = ["shortened": Data("content".utf8), "damaged": Data("content".utf8)]
            try fixture.put(tree)
            #expect(try await fixture.run("down", "oss://demo", "copy").status == 0)
            try fixture.folder.write(["copy/shortened": Data("con".utf8), "copy/damaged": Data("c0ntent".utf8)])
            #expect(try await fixture.run("down", "oss://demo", "copy").status == 0)
            #expect(try fixture.folder.contents(in: "copy") == tree)
        }
    }

    @Test("T8: a second run uploads nothing and requests only the listing", arguments: [[], ["-u"]])
    func secondRun(options: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/d/b": Data("b".utf8), "site/empty": Data()])
            let arguments = ["up", "site", "oss://demo", "--json", "--state-dir", "state"] + options
            #expect(try await fixture.run(arguments).status == 0)
            let before = fixture.asked
            let again = try await fixture.run(arguments)
            #expect(again.status == 0)
            #expect(fixture.operations(after: before) == ["ListObjects": 1])
            #expect((try again.json()["transferred"] as? [String: Any])?["files"] as? Int == 0)
        }
    }

    @Test("T19: downloaded files are neither uploaded nor downloaded again", arguments: [[], ["-u"]])
    func downThenUp(options: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/d/b": Data("b".utf8)])
            try fixture.makeOld("site/a")
            #expect(try await fixture.run("up", "site", "oss://demo/p").status == 0)
            // An object that another program stored has no modification time in its metadata.
            try fixture.put(["p/foreign": Data("f".utf8)])
            #expect(try await fixture.run("down", "oss://demo/p", "copy", "--state-dir", "state").status == 0)
            let before = fixture.asked
            for words in [["up", "copy", "oss://demo/p"], ["down", "oss://demo/p", "copy"]] {
                let run = try await fixture.run(words + options + ["--state-dir", "state"])
                #expect(run.status == 0, "\(run)")
            }
            #expect(fixture.operations(after: before) == ["ListObjects": 2])
        }
    }

    @Test("T20: two hundred unchanged files in ten folders cost one request")
    func unchanged() async throws {
        try await OSSMirrorFixture.with { fixture in
            for number in 0..<200 {
                try fixture.folder.write(["site/\(number % 10)/\(number)": Data("\(number)".utf8)])
            }
            #expect(try await fixture.run("up", "site", "oss://demo", "--state-dir", "state").status == 0)
            #expect(fixture.operations() == ["ListObjects": 1, "PutObject": 200])
            // With the record of the previous run, and on a machine without one.
            for state in ["state", "another-state"] {
                let before = fixture.asked
                #expect(try await fixture.run("up", "site", "oss://demo", "--state-dir", state).status == 0)
                #expect(fixture.operations(after: before) == ["ListObjects": 1])
            }
        }
    }
}

extension OSSMirrorFixture {
    /// Sets the modification time of a file to several years ago.
    fileprivate func makeOld(_ name: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_500_000_000)], ofItemAtPath: folder[name])
    }
}
