import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror cp, mv and put of single objects")
struct ObjectTransferCommandTests {
    private static let content = Data("content".utf8)

    @Test(
        "cp resolves the destination from the kinds of the addresses",
        arguments: [
            (["file", "oss://demo/key"], "uploaded file to oss://demo/key, 7 B", "key"),
            (["file", "oss://demo/a/"], "uploaded file to oss://demo/a/file, 7 B", "a/file"),
            (["./file", "oss://demo"], "uploaded ./file to oss://demo/file, 7 B", "file"),
            (["oss://demo/o/object", "oss://demo/copy"], "copied oss://demo/o/object to oss://demo/copy, 7 B", "copy"),
            (
                ["oss://demo/o/object", "oss://demo/c/"], "copied oss://demo/o/object to oss://demo/c/object, 7 B",
                "c/object"
            ),
        ])
    func remoteDestination(_ arguments: [String], _ line: String, _ key: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["file": Self.content])
            try fixture.put(["o/object": Self.content])
            let outcome = try await fixture.run(["cp"] + arguments)
            #expect(outcome.status == 0 && outcome.text == line + "\n" && outcome.diagnostics.isEmpty, "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == [key, "o/object"].sorted())
            #expect(fixture.server.data(of: key, in: "demo") == Self.content)
            #expect(try fixture.folder.contents() == ["file": Self.content])
        }
    }

    @Test(
        "cp downloads to a file, into an existing folder and into a new folder",
        arguments: [("new", "new"), (".", "object"), ("folder", "folder/object"), ("a/b/", "a/b/object")])
    func localDestination(_ destination: String, _ path: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["o/object": Self.content])
            try FileManager.default.createDirectory(
                at: fixture.folder.url.appendingPathComponent("folder"), withIntermediateDirectories: false)
            let outcome = try await fixture.run("cp", "oss://demo/o/object", destination, "--json")
            let report = try outcome.json()
            #expect(outcome.status == 0 && report["command"] as? String == "cp", "\(outcome)")
            let transfer = try #require((report["transfers"] as? [[String: Any]])?.first)
            #expect(transfer["source"] as? String == "oss://demo/o/object" && transfer["size"] as? Int == 7)
            #expect(transfer["integrity"] as? String == "checksum" && transfer["crc64"] is String)
            #expect(try fixture.folder.read(path) == Self.content)
        }
    }

    @Test("cp transfers several sources, reports each failure and exits with status 1 after the others")
    func several() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["a": Self.content, "b": Self.content])
            let outcome = try await fixture.run("cp", "a", "missing", "b", "oss://demo/x/", "--json")
            #expect(outcome.status == 1 && outcome.diagnostics.contains("missing"), "\(outcome)")
            let report = try outcome.json()
            #expect(report["succeeded"] as? Bool == false)
            #expect((report["transfers"] as? [[String: Any]])?.compactMap { $0["source"] as? String } == ["a", "b"])
            #expect((report["failures"] as? [[String: Any]])?.compactMap { $0["source"] as? String } == ["missing"])
            #expect(fixture.server.keys(in: "demo") == ["x/a", "x/b"])

            let down = try await fixture.run("cp", "oss://demo/x/a", "oss://demo/x/b", "new")
            #expect(down.status == 0, "\(down)")
            #expect(try fixture.folder.read("new/b") == Self.content)
        }
    }

    @Test(
        "cp explains arguments that cannot be transferred, and sends no request",
        arguments: [
            (["a", "b"], "did you mean"), (["folder", "oss://demo/x"], "add --recursive"),
            (["oss://demo/x/", "y"], "add --recursive"), (["oss://demo", "y"], "add --recursive"),
            (["-", "oss://demo/"], "add a key"),
            (["oss://demo/a", "oss://demo/a"], "both the source and the destination"),
            (["a", "folder/a", "oss://demo/x/"], "the same destination"),
            (["a", "c", "oss://demo/key"], "add '/' to the destination"),
            (["oss://demo/a", "oss://demo/b", "a"], "several sources require a folder"),
            (["a", "oss://demo/x", "--exclude", "b"], "--exclude requires --recursive"),
            (["oss://demo/a", "b", "--acl", "private"], "--acl does not apply to a download"),
            (["a", "oss://demo/b", "--version-id", "v"], "--version-id does not apply to an upload"),
        ])
    func refusals(_ arguments: [String], _ words: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["a": Self.content, "c": Self.content, "folder/a": Self.content])
            let arguments = arguments == ["a", "b"] ? ["a", "bucket"] : arguments
            let outcome = try await fixture.run(["cp"] + arguments)
            #expect(outcome.status == 2 && outcome.diagnostics.contains(words), "\(outcome)")
            #expect(outcome.diagnostics.split(separator: "\n").count == 1)
            #expect(fixture.asked == 0)
        }
    }

    @Test(
        "cp of a missing object explains how to copy a folder or the objects that match a pattern",
        arguments: [
            ("site", "; to copy the objects under 'site/', add --recursive"),
            ("site/*.html", "; patterns select objects with -r, as in '-r oss://demo/site/ --include /*.html'"),
        ])
    func missingObject(_ key: String, _ advice: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["site/index.html": Data("1".utf8)])
            let outcome = try await fixture.run("cp", "oss://demo/\(key)", "copy")
            #expect(outcome.status == 1 && outcome.diagnostics.contains(advice), "\(outcome)")
            #expect(!fixture.folder.exists("copy"))
        }
    }

    @Test("cp -n prints the transfers and performs none")
    func dryRun() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["a": Self.content])
            let outcome = try await fixture.run("cp", "-n", "a", "oss://demo/x/")
            #expect(outcome.status == 0 && outcome.text == "would have uploaded a to oss://demo/x/a\n", "\(outcome)")
            #expect(fixture.asked == 0)
        }
    }

    @Test("cp and put store the time and permissions of a file, and a download restores them")
    func fileAttributes() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["a": Self.content])
            let time = Date(timeIntervalSince1970: 1_600_000_000)
            try FileManager.default.setAttributes(
                [.modificationDate: time, .posixPermissions: 0o600], ofItemAtPath: fixture.folder["a"])
            #expect(try await fixture.run("cp", "a", "oss://demo/cp").status == 0)
            #expect(try await fixture.run("put", "a", "oss://demo/put").status == 0)
            #expect(try await fixture.run("cp", "oss://demo/cp", "oss://demo/put", "./").status == 0)
            for name in ["cp", "put"] {
                let file = try FileManager.default.attributesOfItem(atPath: fixture.folder[name])
                #expect(file[.modificationDate] as? Date == time && file[.posixPermissions] as? Int == 0o600, "\(name)")
            }
        }
    }

    @Test("cp stores the attributes of the options, and the content type of the file extension")
    func attributes() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["a.html": Self.content])
            let outcome = try await fixture.run(
                "cp", "a.html", "oss://demo/a", "--metadata", "color=blue", "--tagging", "team=web&x=%2B", "--sse",
                "AES256", "--storage-class", "IA", "--cache-control", "no-store", "--content-disposition", "inline",
                "--content-encoding", "br", "--expires-header", "2026-12-31")
            #expect(outcome.status == 0, "\(outcome)")
            let object = try await fixture.server.bucket("demo").headObject("a")
            #expect(object.contentDisposition == "inline" && object.contentEncoding == "br")
            #expect(object.expires == "Thu, 31 Dec 2026 00:00:00 GMT")
            let stat = try await fixture.run("stat", "--json", "oss://demo/a").json()
            #expect(stat["contentType"] as? String == "text/html" && stat["encryption"] as? String == "AES256")
            #expect(stat["storageClass"] as? String == "IA" && stat["cacheControl"] as? String == "no-store")
            #expect((stat["metadata"] as? [String: String])?["color"] == "blue")
            let request = try #require(fixture.server.requests.last { $0.operation == "PutObject" })
            #expect(request.headers["x-oss-tagging"]?.contains("team=web") == true, "\(request.headers)")
        }
    }

    @Test(
        "put stores standard input of any length, and cp writes objects to standard output", arguments: [0, 7, 9 << 20])
    func streams(_ length: Int) async throws {
        try await OSSMirrorFixture.with { fixture in
            let content = Data((0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })
            try fixture.folder.write(["in": content])
            var shell = Program(at: URL(fileURLWithPath: "/bin/sh"), environment: fixture.environment)
            shell.directory = fixture.folder.url
            let ossmirror = try Program("ossmirror").url.path
            for put in ["put - oss://demo/a", "cp - oss://demo/b"] {
                let outcome = try await shell.run(["-c", "cat in | '\(ossmirror)' \(put)"])
                #expect(outcome.status == 0, "\(outcome)")
            }
            #expect(fixture.server.data(of: "a", in: "demo") == content)
            #expect(fixture.server.data(of: "b", in: "demo") == content)
            let out = try await fixture.run("cp", "oss://demo/a", "-")
            #expect(out.status == 0 && out.output == content && out.diagnostics.isEmpty)
        }
    }

    @Test("cp --version-id reads an earlier version")
    func versions() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bucket = try fixture.client()
            try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
            let first = try #require(try await bucket.putObject("a", "first").versionID)
            try await bucket.putObject("a", "second")
            #expect(try await fixture.run("cp", "oss://demo/a", "-", "--version-id", first).text == "first")
            #expect(try await fixture.run("cp", "oss://demo/a", "oss://demo/b", "--version-id", first).status == 0)
            #expect(fixture.server.data(of: "b", in: "demo") == Data("first".utf8))
        }
    }

    // MARK: mv

    @Test("mv removes the source after an upload, a download and a copy")
    func move() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["a": Self.content])
            let up = try await fixture.run("mv", "a", "oss://demo/x/")
            #expect(up.status == 0 && up.text == "moved a to oss://demo/x/a, 7 B\n", "\(up)")
            #expect(!fixture.folder.exists("a") && fixture.server.keys(in: "demo") == ["x/a"])

            let rename = try await fixture.run("mv", "oss://demo/x/a", "oss://demo/y", "--json").json()
            #expect((rename["transfers"] as? [[String: Any]])?.first?["sourceRemoved"] as? Bool == true)
            #expect(fixture.server.keys(in: "demo") == ["y"])

            #expect(try await fixture.run("mv", "oss://demo/y", "b").status == 0)
            #expect(try fixture.folder.contents() == ["b": Self.content])
            #expect(fixture.server.keys(in: "demo").isEmpty)
        }
    }

    @Test("mv keeps the source if the transfer fails")
    func moveFailure() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["a": Self.content])
            try fixture.put(["o": Self.content])
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("PutObject"))
            #expect(try await fixture.run("mv", "a", "oss://demo/x").status == 1)
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("CopyObject"))
            #expect(try await fixture.run("mv", "oss://demo/o", "oss://demo/x").status == 1)
            #expect(try await fixture.run("mv", "oss://demo/o", "missing/x").status == 1)
            #expect(fixture.server.unusedFaults.isEmpty)
            #expect(fixture.folder.exists("a") && fixture.server.keys(in: "demo") == ["o"])
        }
    }

    @Test("mv keeps an object that was replaced during the transfer", arguments: ["copy", "oss://demo/copy"])
    func moveReplaced(_ destination: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["o": Self.content])
            let operation = destination == "copy" ? "GetObject" : "CopyObject"
            fixture.server.add(
                .afterwards(.putObject(key: "o", bytes: Array("newer!!".utf8))), when: .operation(operation))
            let outcome = try await fixture.run("mv", "oss://demo/o", destination)
            #expect(outcome.status == 1 && outcome.diagnostics.contains("replaced during the transfer"), "\(outcome)")
            #expect(fixture.server.data(of: "o", in: "demo") == Data("newer!!".utf8))
        }
    }
}
