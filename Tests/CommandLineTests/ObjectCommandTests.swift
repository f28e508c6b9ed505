import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror ls, cat, stat and rm")
struct ObjectCommandTests {
    @Test("ls prints the keys below a prefix in byte order, one per line")
    func list() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a/é": Data(), "a/z": Data("1".utf8), "a/Z": Data(), "b": Data()])
            let outcome = try await fixture.run("ls", "oss://demo/a/")
            #expect(outcome.status == 0 && outcome.diagnostics.isEmpty)
            #expect(outcome.text == "a/Z\na/z\na/é\n")
            #expect(try await fixture.run("ls", "oss://demo", "--max", "2").lines == ["a/Z", "a/z"])
            #expect(try await fixture.run("ls", "oss://demo", "--max", "0").output.isEmpty)
            #expect(try await fixture.run("ls", "oss://demo/nothing").output.isEmpty)
        }
    }

    @Test("An unencrypted endpoint on another machine is used with a warning")
    func plainHTTP() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["hello": Data()])
            // An address that is not a loopback address but still leads to this machine.
            let outcome = try await fixture.run(
                "ls", "oss://demo", "--endpoint", "http://0.0.0.0:\(fixture.server.port)")
            #expect(outcome.text == "hello\n")
            #expect(outcome.diagnostics.hasPrefix("ossmirror: warning: the connection to http://0.0.0.0"))
            #expect(outcome.diagnostics.split(separator: "\n").count == 1)
        }
    }

    @Test("Control characters of keys and of the service's messages are escaped in diagnostics")
    func controlCharacters() async throws {
        #expect(Printable.line("a\u{1B}[2Jb\r\n\tc\u{7F}\u{9B}") == #"a\u{1b}[2Jb\r\n\tc\u{7f}\u{9b}"#)
        #expect(Printable.line("é ☕️ \u{A0}") == "é ☕️ \u{A0}")
        try await OSSMirrorFixture.with { fixture in
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied", message: "no\u{9B}2J\u{85}entry"),
                when: .operation("HeadObject"))
            let outcome = try await fixture.run("stat", "oss://demo/a\u{1B}]0;title\u{7}")
            #expect(outcome.status == 1 && fixture.server.unusedFaults.isEmpty)
            #expect(outcome.diagnostics.contains(#"oss://demo/a\u{1b}]0;title\u{7}: no"#))
            let control = outcome.diagnostics.dropLast().unicodeScalars.filter {
                $0.properties.generalCategory == .control
            }
            #expect(control.isEmpty)
        }
    }

    @Test("ls -l prints size, time and ETag")
    func longList() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["hello": Data("hello".utf8)])
            let line = try await fixture.run("ls", "-l", "oss://demo").text
            let pattern = /\ +5  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  5D41402ABC4B2A76B9719D911017C592  hello\n/
            #expect(line.wholeMatch(of: pattern) != nil, "\(line)")
        }
    }

    @Test("ls reads all pages of a listing, also with --json")
    func pages() async throws {
        try await OSSMirrorFixture.with { fixture in
            let keys = (0..<2500).map { "k/\($0 + 10000)" }
            try fixture.put(Dictionary(uniqueKeysWithValues: keys.map { ($0, Data()) }))
            #expect(try await fixture.run("ls", "oss://demo").lines == keys)
            let report = try await fixture.run("ls", "--json", "oss://demo/k/").json()
            #expect(report["count"] as? Int == 2500)
            #expect((report["objects"] as? [[String: Any]])?.compactMap { $0["key"] as? String } == keys)
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
            let half = try await fixture.run("ls", "--json", "oss://demo")
            #expect(half.status == 1 && fixture.server.unusedFaults.isEmpty)
            for (outcome, count) in [(noKey, 0), (noBucket, 0), (half, 1000)] {
                let report = try outcome.json()
                #expect(report["succeeded"] as? Bool == false && report["count"] as? Int == count)
                #expect((report["error"] as? [String: Any])?["code"] is String)
            }
        }
    }

    @Test("ls ends silently if its reader closes the pipe")
    func brokenPipe() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Dictionary(uniqueKeysWithValues: (0..<5000).map { ("key-\($0 + 10000)", Data()) }))
            var shell = Program(at: URL(fileURLWithPath: "/bin/sh"), environment: fixture.environment)
            shell.directory = fixture.folder.url
            let ossmirror = try Program("ossmirror").url.path
            let outcome = try await shell.run([
                "-c", "{ '\(ossmirror)' ls -l oss://demo; echo \"status $?\" >&2; } | head -n 1",
            ])
            #expect(outcome.lines.count == 1)
            #expect(outcome.diagnostics == "status 0\n")
        }
    }

    @Test(
        "cat writes only the bytes of the object, for keys of every kind",
        arguments: [
            "plain", "a b+c%20", "a//b", "a/../b", "日本/☕️", "e\u{301}", "-dash", "with\nbreak",
        ])
    func cat(_ key: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let content = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try fixture.put([key: content])
            let outcome = try await fixture.run("cat", "oss://demo/\(key)")
            #expect(outcome.status == 0, "\(outcome.diagnostics)")
            #expect(outcome.output == content && outcome.diagnostics.isEmpty)
        }
    }

    @Test("stat prints the metadata of an object as lines and as JSON")
    func stat() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.server.put(
                "hello", Data("hello".utf8), in: "demo",
                headers: ["Content-Type": "text/plain", "x-oss-meta-color": "blue"])
            let lines = try await fixture.run("stat", "oss://demo/hello").lines
            for line in ["key: hello", "size: 5", "type: Normal", "content type: text/plain", "metadata color: blue"] {
                #expect(lines.contains(line))
            }
            let report = try await fixture.run("stat", "--json", "oss://demo/hello").json()
            #expect(report["size"] as? Int == 5 && report["succeeded"] as? Bool == true)
            #expect(report["metadata"] as? [String: String] == ["color": "blue"])
        }
    }

    @Test("Both signature versions are accepted, and a wrong secret is rejected", arguments: ["v1", "v4"])
    func signatures(_ version: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data()])
            #expect(try await fixture.run("ls", "oss://demo", "--signature", version).text == "a\n")
            let outcome = try await fixture.run(
                "ls", "oss://demo", "--signature", version, setting: ["OSS_ACCESS_KEY_SECRET": "wrong-secret"])
            #expect(outcome.status == 1 && outcome.diagnostics.contains("SignatureDoesNotMatch"))
            #expect(!outcome.diagnostics.contains("wrong-secret"))
        }
    }

    @Test("A session token that the service repeats in an error is not shown", arguments: [[], ["--json"]])
    func sessionToken(_ options: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            let body = """
                <Error><Code>SecurityTokenExpired</Code><Message>The token tell-nobody has expired.</Message>\
                <SecurityToken>tell-nobody</SecurityToken></Error>
                """
            let reply = "HTTP/1.1 403 Forbidden\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            fixture.server.add(.raw(Array(reply.utf8)), when: .operation("ListObjects"), times: .max)
            let outcome = try await fixture.run(
                ["ls", "oss://demo"] + options, setting: ["OSS_SESSION_TOKEN": "tell-nobody"])
            #expect(outcome.status == 1 && outcome.diagnostics.contains("SecurityTokenExpired"), "\(outcome)")
            #expect(!outcome.description.contains("tell-nobody"), "\(outcome)")
        }
    }

    @Test("A credentials file replaces the environment")
    func credentialsFile() async throws {
        try await OSSMirrorFixture.with { fixture in
            let none: [String: String?] = ["OSS_ACCESS_KEY_ID": nil, "OSS_ACCESS_KEY_SECRET": nil]
            try fixture.folder.write([
                "keys": Data("[Credentials]\naccessKeyID=test-id\naccessKeySecret = test-secret\n".utf8),
                "bad": Data("[Credentials]\naccessKeyID=test-id\n".utf8),
            ])
            let good = try await fixture.run("ls", "oss://demo", "--credentials-file", "keys", setting: none)
            #expect(good.status == 0 && good.diagnostics.isEmpty, "\(good)")
            let environment = none.merging(["OSS_CREDENTIALS_FILE": "keys"]) { $1 }
            #expect(try await fixture.run("ls", "oss://demo", setting: environment).status == 0)

            let bad = try await fixture.run("ls", "oss://demo", "--credentials-file", "bad", setting: none)
            #expect(bad.status == 1 && bad.diagnostics.contains("bad"), "\(bad)")
            let gone = try await fixture.run("ls", "oss://demo", "--credentials-file", "gone", setting: none)
            #expect(gone.status == 1 && gone.diagnostics.contains("gone"), "\(gone)")
        }
    }
}
