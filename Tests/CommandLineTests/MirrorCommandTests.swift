import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

@Suite("ossmirror up, down and check", .timeLimit(.minutes(5)))
struct MirrorCommandTests {
    private static let tree: [String: Data] = [
        "index.html": Data("<p>hello</p>".utf8), "no-extension": Data([0, 1, 2, 255]), ".hidden": Data("h".utf8),
        "empty": Data(), "deep/er/and/deeper": Data("d".utf8), "日本/e\u{301} ☕️": Data("u".utf8),
        "a b+c%20&d=e": Data("s".utf8), "big": Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }),
    ]

    @Test("A folder survives a round trip, and check reports no differences")
    func upAndDown() async throws {
        try await OSSMirrorFixture.with { fixture in
            let tree = Self.tree
            let bytes = tree.values.reduce(0) { $0 + $1.count }
            for (name, content) in tree { try fixture.folder.write(["site/\(name)": content]) }

            let up = try await fixture.run("up", "site", "oss://demo/www", "--json", "-j", "4")
            #expect(up.status == 0 && up.diagnostics.isEmpty, "\(up)")
            try expect(up.json(), command: "up", files: tree.count, bytes: bytes)
            #expect(Set(fixture.server.keys(in: "demo")) == Set(tree.keys.map { "www/\($0)" }))

            let down = try await fixture.run("down", "oss://demo/www/", "copy", "--json")
            #expect(down.status == 0 && down.diagnostics.isEmpty, "\(down)")
            try expect(down.json(), command: "down", files: tree.count, bytes: bytes)
            #expect(try fixture.folder.contents(in: "copy") == fixture.folder.contents(in: "site"))

            let check = try await fixture.run("check", "copy", "oss://demo/www")
            #expect(check.status == 0 && check.text.hasPrefix("equal: \(tree.count) files"), "\(check)")
        }
    }

    private func expect(_ report: [String: Any], command: String, files: Int, bytes: Int) throws {
        #expect(report["command"] as? String == command)
        #expect(report["succeeded"] as? Bool == true)
        let transferred = try #require(report["transferred"] as? [String: Any])
        #expect(transferred["files"] as? Int == files && transferred["bytes"] as? Int == bytes)
        #expect((report["failed"] as? [String: Any])?["files"] as? Int == 0)
        #expect((report["failures"] as? [Any])?.isEmpty == true)
    }

    @Test("Without --json, one line is printed on standard output, and none with --quiet")
    func output() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8)])
            let up = try await fixture.run("up", "site", "oss://demo")
            #expect(up.text.wholeMatch(of: /uploaded 1 file, 1 B, in \d+\.\d s\n/) != nil, "\(up)")
            #expect(up.diagnostics.isEmpty)
            let quiet = try await fixture.run("down", "oss://demo", "copy", "--quiet")
            #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.diagnostics.isEmpty)
        }
    }

    @Test(
        "down --delete deletes nothing if an object that replaces a file or folder cannot be downloaded",
        arguments: [("n", "q/n/in"), ("n/x", "q/n")])
    func blockedName(object: String, blocker: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["q/\(object)": Data("archived".utf8), "q/other": Data("o".utf8)])
            let local = [blocker: Data("in".utf8), "q/aaa": Data("a".utf8), "q/zzz": Data("z".utf8)]
            try fixture.folder.write(local)
            fixture.server.add(
                .respond(status: 403, code: "InvalidObjectState"), when: .operation("GetObject", key: "q/\(object)"),
                times: .max)
            let down = try await fixture.run("down", "oss://demo/q", "q", "--delete", "--json")
            #expect(down.status == 1, "\(down)")
            #expect((try down.json()["deleted"] as? [String: Any])?["files"] as? Int == 0)
            var expected = Dictionary(uniqueKeysWithValues: local.map { ($0.key.dropFirst(2).description, $0.value) })
            expected["other"] = Data("o".utf8)
            #expect(try fixture.folder.contents(in: "q") == expected)

            fixture.server.faults.removeAll()
            let next = try await fixture.run("down", "oss://demo/q", "q", "--delete")
            #expect(next.status == 0, "\(next)")
            #expect(
                try fixture.folder.contents(in: "q") == [object: Data("archived".utf8), "other": Data("o".utf8)])
        }
    }

    @Test("check lists every difference and changes nothing")
    func differences() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write([
                "site/same": Data("same".utf8), "site/content": Data("abc".utf8), "site/size": Data("abcd".utf8),
                "site/local": Data(),
            ])
            let objects = [
                "same": Data("same".utf8), "content": Data("abd".utf8), "size": Data("abc".utf8), "remote": Data(),
            ]
            try fixture.put(objects)
            let check = try await fixture.run("check", "site", "oss://demo", "--quiet")
            #expect(check.status == 1 && check.diagnostics.isEmpty)
            #expect(
                check.lines == [
                    "only local: local", "only remote: remote", "different content: content", "different size: size",
                ])
            let report = try await fixture.run("check", "site", "oss://demo", "--json").json()
            #expect(report["succeeded"] as? Bool == false && report["onlyLocal"] as? [String] == ["local"])
            #expect(Set(fixture.server.keys(in: "demo")) == Set(objects.keys))
        }
    }

    @Test("A failed file is named on standard error, the others are transferred, and the status is 1")
    func keepGoing() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b": Data("b".utf8), "site/c": Data("c".utf8)])
            fixture.server.add(
                MockFault(
                    .respond(status: 403, code: "AccessDenied"), when: .init(operation: "PutObject", key: "b"),
                    times: .max))
            let up = try await fixture.run("up", "site", "oss://demo", "--json")
            #expect(up.status == 1)
            #expect(up.diagnostics.hasPrefix("ossmirror: b: ") && up.diagnostics.contains("AccessDenied"), "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["a", "c"])
            let report = try up.json()
            #expect(report["succeeded"] as? Bool == false)
            #expect((report["failures"] as? [[String: Any]])?.compactMap { $0["path"] as? String } == ["b"])
        }
    }

    @Test("An unreadable file is a failure of that file only")
    func unreadable() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/secret": Data("b".utf8)])
            guard let program = try fixture.unprivileged() else { return }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0], ofItemAtPath: fixture.folder["site/secret"])
            let up = try await program.run(["up", "site", "oss://demo"])
            #expect(up.status == 1, "\(up)")
            // The test has a separate home directory, and a warning reports that it contains no state.
            let lines = up.diagnostics.split(separator: "\n").filter {
                !$0.contains("warning: cannot use the state directory")
            }
            #expect(
                lines.first?.hasPrefix("ossmirror: secret: ") == true && up.diagnostics.contains("Permission denied"))
            #expect(lines.count == 1, "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["a"])
        }
    }

    @Test(
        "SIGINT and SIGTERM end a transfer with status 130 and leave no temporary file", arguments: [SIGINT, SIGTERM])
    func interruption(_ number: Int32) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["first": Data("1".utf8), "second": Data(count: 100_000)])
            fixture.server.add(
                MockFault(
                    .stallBody(after: 1000, for: .seconds(60)), when: .init(operation: "GetObject", key: "second"),
                    // On a busy machine, the idle limit may be reached before the signal.
                    times: .max))
            let server = fixture.server
            let down = try await fixture.run("down", "oss://demo", "copy", "--json") { process in
                await server.waitForRequests(1) { $0.key == "second" && $0.operation == "GetObject" }
                await server.waitForRequests(1) { $0.key == "first" && $0.status == 200 }
                process.send(number)
            }
            #expect(down.status == 130, "\(down)")
            #expect(
                down.diagnostics.wholeMatch(
                    of: /ossmirror: interrupted; downloaded [01] files?, .* run the same command again to resume\n/)
                    != nil, "\(down)")
            #expect((try down.json()["error"] as? [String: Any])?["code"] as? String == "cancelled")
            #expect(fixture.server.unusedFaults.isEmpty)
            let left = Set(try fixture.folder.contents(in: "copy").keys)
            #expect(left.isSubset(of: ["first"]), "\(left)")
        }
    }

    @Test("A bucket without objects is reported and is not a failure")
    func nothing() async throws {
        try await OSSMirrorFixture.with { fixture in
            let down = try await fixture.run("down", "oss://demo", "copy")
            #expect(down.status == 0 && down.diagnostics == "ossmirror: no objects under oss://demo/\n")
            #expect(try await fixture.run("down", "oss://demo", "copy", "--quiet").diagnostics.isEmpty)
        }
    }

    @Test("A prefix names its folder and not other folders whose names start with it")
    func prefix() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a/x": Data(), "a-old/x": Data(), "ab": Data()])
            #expect(try await fixture.run("down", "oss://demo/a", "copy").status == 0)
            #expect(try Set(fixture.folder.contents(in: "copy").keys) == ["x"])
        }
    }
}
