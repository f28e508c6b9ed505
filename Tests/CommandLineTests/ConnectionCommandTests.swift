import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror connections and credentials")
struct ConnectionCommandTests {
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

    @Test("ls ends silently if its reader closes the pipe")
    func brokenPipe() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Dictionary(uniqueKeysWithValues: (0..<5000).map { ("key-\($0 + 10000)", Data()) }))
            var shell = Program(at: URL(fileURLWithPath: "/bin/sh"), environment: fixture.environment)
            shell.directory = fixture.folder.url
            let ossmirror = try Program("ossmirror").url.path
            let outcome = try await shell.run([
                "-c", "{ '\(ossmirror)' ls -r oss://demo; echo \"status $?\" >&2; } | head -n 1",
            ])
            #expect(outcome.lines.count == 1)
            #expect(outcome.diagnostics == "status 0\n")
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
