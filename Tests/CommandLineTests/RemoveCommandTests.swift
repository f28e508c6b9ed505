import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror rm")
struct RemoveCommandTests {
    @Test("rm removes only the named objects")
    func named() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data(), "a/b": Data(), "ab": Data(), "c": Data()])
            let outcome = try await fixture.run("rm", "oss://demo/a", "oss://demo/c")
            #expect(outcome.status == 0 && outcome.text == "removed 2, failed 0\n")
            #expect(fixture.server.keys(in: "demo") == ["a/b", "ab"])
        }
    }

    @Test("rm reports for each named object whether it existed, and exits with status 1 if one did not")
    func missing() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data(), "f1": Data(), "f2": Data()])
            let outcome = try await fixture.run("rm", "oss://demo/a", "oss://demo/never-was")
            #expect(outcome.status == 1 && outcome.text == "removed 1, failed 0; not found 1\n", "\(outcome)")
            #expect(outcome.diagnostics.hasPrefix("ossmirror: cannot remove 'never-was': no such object"), "\(outcome)")

            let report = try await fixture.run("rm", "--json", "oss://demo/never-was").json()
            #expect(report["missing"] as? [String] == ["never-was"] && report["removed"] as? Int == 0)
            #expect(report["succeeded"] as? Bool == false)
            #expect(fixture.server.keys(in: "demo") == ["f1", "f2"])
        }
    }

    @Test("rm treats a key with wildcards as a pattern, unless an object has this key")
    func glob() async throws {
        try await OSSMirrorFixture.with { fixture in
            let keys = ["d/f1.a", "d/f2.a", "d/f2.b", "d/f3/x.a", "d/fx", "f1.a"]
            try fixture.put(Dictionary(uniqueKeysWithValues: keys.map { ($0, Data()) }))
            let dryRun = try await fixture.run("rm", "-n", "oss://demo/d/f*")
            #expect(dryRun.status == 0, "\(dryRun)")
            #expect(dryRun.lines.dropLast() == ["remove d/f1.a", "remove d/f2.a", "remove d/f2.b", "remove d/fx"])
            #expect(try await fixture.run("rm", "oss://demo/d/f[12].a").text == "removed 2, failed 0\n")
            #expect(fixture.server.keys(in: "demo") == ["d/f2.b", "d/f3/x.a", "d/fx", "f1.a"])

            let nothing = try await fixture.run("rm", "oss://demo/d/*.zip", "--json")
            #expect(nothing.status == 1 && nothing.diagnostics.contains("no object matches"), "\(nothing)")
            #expect(try nothing.json()["missing"] as? [String] == ["d/*.zip"])
            let refused = try await fixture.run("rm", "oss://demo/**/*.a", "--max-delete", "1")
            #expect(refused.status == 3, "\(refused)")

            try fixture.put(["d/f*": Data()])
            #expect(try await fixture.run("rm", "oss://demo/d/f*").status == 0)
            #expect(fixture.server.keys(in: "demo") == ["d/f2.b", "d/f3/x.a", "d/fx", "f1.a"])
            #expect(try await fixture.run("rm", "-r", "oss://demo/d/f[3]").text == "removed 1, failed 0\n")
            #expect(fixture.server.keys(in: "demo") == ["d/f2.b", "d/fx", "f1.a"])
        }
    }

    @Test(
        "A pattern that consists of wildcards matches any name",
        arguments: [
            ("*", true), ("**/?*", true), ("?**", true), ("[a-z]*", true), ("{*,x}", true), ("*{,x}", true),
            ("a*", false), ("d/*", false), ("{a,b}", false), ("{a*,b*}", false), ("*{.jpg,.png}", false),
        ])
    func wildcards(_ pattern: String, _ matchesAny: Bool) throws {
        #expect(try #require(KeyGlob(pattern)).matchesAnyName == matchesAny)
    }

    @Test("rm counts the objects that all patterns select before it removes the first one")
    func commonLimit() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Dictionary(uniqueKeysWithValues: (0..<30).map { ("o\($0 + 10)", Data()) }))
            let keys = fixture.server.keys(in: "demo")
            for options in [[], ["-r"]] {
                let refused = try await fixture.run(
                    ["rm", "oss://demo/o1*", "oss://demo/o2*", "--max-delete", "19"] + options)
                #expect(refused.status == 3 && refused.diagnostics.contains("20 objects"), "\(refused)")
            }
            #expect(fixture.server.keys(in: "demo") == keys)
            let removed = try await fixture.run("rm", "oss://demo/o1*", "oss://demo/o2*", "--max-delete", "20")
            #expect(removed.status == 0 && removed.text == "removed 20, failed 0\n", "\(removed)")
            let named = try await fixture.run("rm", "oss://demo/o30", "oss://demo/o31", "--max-delete", "1")
            #expect(named.status == 0 && named.text == "removed 2, failed 0\n", "\(named)")
        }
    }

    @Test("rm --files-from removes the keys that a file lists, below the address")
    func filesFrom() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a/x": Data(), "a/y z": Data(), "a/*": Data(), "a/w": Data(), "x": Data()])
            try fixture.folder.write(["list": Data("x\ny z\r\n\n*\n".utf8), "bad": Data([0xFF])])
            let dryRun = try await fixture.run("rm", "oss://demo/a", "--files-from", "list", "-n")
            #expect(dryRun.lines.last == "would have removed 3, failed 0", "\(dryRun)")
            let outcome = try await fixture.run("rm", "oss://demo/a", "--files-from", "list")
            #expect(outcome.status == 0 && outcome.text == "removed 3, failed 0\n", "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == ["a/w", "x"])
            #expect(try await fixture.run("rm", "oss://demo/a", "--files-from", "list").status == 1)
            for file in ["bad", "missing"] {
                #expect(try await fixture.run("rm", "oss://demo", "--files-from", file).status == 2)
            }
        }
    }

    @Test("rm removes an object that it cannot read")
    func unreadable() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data()])
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("HeadObject"))
            #expect(try await fixture.run("rm", "oss://demo/a").text == "removed 1, failed 0\n")
            #expect(fixture.server.keys(in: "demo").isEmpty && fixture.server.unusedFaults.isEmpty)
        }
    }

    @Test("rm -r removes a folder and not another folder whose name starts with it")
    func folder() async throws {
        try await OSSMirrorFixture.with { fixture in
            var objects = Dictionary(uniqueKeysWithValues: (0..<1100).map { ("a/\($0)", Data()) })
            objects["a-old/x"] = Data()
            objects["a"] = Data()
            objects["a/folder/"] = Data()
            try fixture.put(objects)
            let report = try await fixture.run("rm", "-r", "--json", "--max-delete", "1100", "oss://demo/a").json()
            #expect(report["removed"] as? Int == 1101 && report["failed"] as? Int == 0)
            #expect(fixture.server.keys(in: "demo") == ["a", "a-old/x"])
        }
    }

    @Test(
        "rm -r rejects more objects than the limit, removes none of them, and exits with status 3",
        arguments: [
            (100, [], true), (101, [], false), (101, ["--max-delete", "100"], false),
            (2, ["--max-delete", "1"], false),
            (101, ["--max-delete", "100%"], true), (2, ["--max-delete", "50%"], false), (101, ["--force"], true),
            (2, ["--force", "--max-delete", "1"], false),
        ] as [(Int, [String], Bool)])
    func limit(_ count: Int, _ options: [String], _ isRemoved: Bool) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Dictionary(uniqueKeysWithValues: (0..<count).map { ("a/\($0)", Data("x".utf8)) }))
            for isDryRun in [true, false] {
                let run = try await fixture.run(["rm", "-r", "oss://demo/a"] + options + (isDryRun ? ["-n"] : []))
                #expect(run.status == (isRemoved ? 0 : 3), "\(run)")
                #expect(run.diagnostics.contains("--max-delete") == !isRemoved, "\(run)")
                if isDryRun { #expect(run.lines.filter { $0.hasPrefix("remove a/") }.count == count, "\(run)") }
                #expect(fixture.server.keys(in: "demo").count == (isRemoved && !isDryRun ? 0 : count))
            }
        }
    }

    @Test("rm -n reports the objects to be removed and removes nothing")
    func dryRun() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a/x": Data(), "a/y": Data(), "b": Data()])
            let all = try await fixture.run("rm", "-r", "--dry-run", "oss://demo/a")
            #expect(all.status == 0 && all.lines == ["remove a/x", "remove a/y", "would have removed 2, failed 0"])
            let one = try await fixture.run("rm", "-n", "oss://demo/b")
            #expect(one.status == 0 && one.lines == ["remove b", "would have removed 1, failed 0"], "\(one)")
            #expect(try await fixture.run("rm", "-n", "-r", "oss://demo").lines.count == 4)
            let report = try await fixture.run("rm", "-n", "-r", "--json", "oss://demo/a").json()
            #expect(report["isDryRun"] as? Bool == true && report["removed"] as? Int == 2)
            #expect(fixture.server.keys(in: "demo") == ["a/x", "a/y", "b"])
            #expect(fixture.operations()["DeleteMultipleObjects"] == nil)
        }
    }

    @Test("rm -r treats wildcards as patterns")
    func filter() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["f1": Data(), "f21": Data(), "f22": Data(), "g/f2": Data()])
            let outcome = try await fixture.run("rm", "-r", "oss://demo", "--force", "--include", "/f2*")
            #expect(outcome.status == 0 && outcome.text == "removed 2, failed 0\n", "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == ["f1", "g/f2"])
            #expect(try await fixture.run("rm", "oss://demo/f1", "--include", "f1").status == 2)
        }
    }

    @Test("rm -r of a prefix without objects is a failure, and the other prefixes are removed")
    func missingPrefix() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a/x": Data(), "c": Data()])
            let outcome = try await fixture.run("rm", "-r", "oss://demo/a", "oss://demo/tpyo", "oss://demo/c")
            #expect(outcome.status == 1 && outcome.text == "removed 1, failed 0; not found 2\n", "\(outcome)")
            #expect(outcome.diagnostics.contains("'tpyo/'") && outcome.diagnostics.contains("'c/'"))
            #expect(fixture.server.keys(in: "demo") == ["c"])
        }
    }

    @Test("rm of an entire bucket is rejected with status 3 and performed with --force")
    func everything() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data(), "b": Data()])
            let refused = try await fixture.run("rm", "-r", "oss://demo/")
            #expect(refused.status == 3 && refused.diagnostics.contains("--force"))
            #expect(fixture.server.keys(in: "demo") == ["a", "b"])
            for pattern in ["*", "**", "*/*", "**?", "{**,x}"] {
                for options in [[], ["-r"]] {
                    let refused = try await fixture.run(["rm"] + options + ["oss://demo/" + pattern])
                    #expect(refused.status == 3 && refused.diagnostics.contains("--force"), "\(refused)")
                }
            }
            #expect(fixture.server.keys(in: "demo") == ["a", "b"])
            #expect(try await fixture.run("rm", "--force", "oss://demo/*").text == "removed 2, failed 0\n")
            try fixture.put(["a": Data(), "b": Data()])
            #expect(try await fixture.run("rm", "-r", "--force", "--quiet", "oss://demo/").output.isEmpty)
            #expect(fixture.server.keys(in: "demo").isEmpty)
        }
    }
}
