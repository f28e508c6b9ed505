import AliyunOSSTesting
import Foundation
import TestKit
import Testing

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

            let before = fixture.asked
            let wildcard = try await fixture.run("rm", "--json", "oss://demo/f*")
            #expect(wildcard.status == 1 && wildcard.diagnostics.contains("--include"), "\(wildcard)")
            #expect(wildcard.diagnostics.split(separator: "\n").count == 1)
            let report = try wildcard.json()
            #expect(report["missing"] as? [String] == ["f*"] && report["removed"] as? Int == 0)
            #expect(report["succeeded"] as? Bool == false)
            #expect(fixture.operations(after: before) == ["HeadObject": 1])
            #expect(fixture.server.keys(in: "demo") == ["f1", "f2"])

            try fixture.put(["f*": Data()])
            #expect(try await fixture.run("rm", "oss://demo/f*").status == 0)
            #expect(fixture.server.keys(in: "demo") == ["f1", "f2"])
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

    @Test("rm -r of an entire bucket is rejected with status 3 and performed with --force")
    func everything() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data(), "b": Data()])
            let refused = try await fixture.run("rm", "-r", "oss://demo/")
            #expect(refused.status == 3 && refused.diagnostics.contains("--force"))
            #expect(fixture.server.keys(in: "demo") == ["a", "b"])
            #expect(try await fixture.run("rm", "-r", "--force", "--quiet", "oss://demo/").output.isEmpty)
            #expect(fixture.server.keys(in: "demo").isEmpty)
        }
    }
}
