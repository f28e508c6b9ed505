import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests of the locations of credentials and state, and of the messages if they cannot be used.
@Suite("ossmirror: home and state directories")
struct HomeDirectoryTests {
    @Test("Credentials and state are stored in HOME, whatever the home directory of the account")
    func home() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write([
                "home/.ossutilconfig": Data("[Credentials]\naccessKeyID=test-id\naccessKeySecret=test-secret\n".utf8),
                "site/a": Data("a".utf8),
            ])
            let up = try await fixture.run(
                "up", "site", "oss://demo",
                setting: [
                    "OSS_ACCESS_KEY_ID": nil, "OSS_ACCESS_KEY_SECRET": nil, "HOME": fixture.folder["home"],
                ])
            #expect(up.status == 0, "\(up)")
            let state = try fixture.folder.contents(in: "home").filter { $0.key != ".ossutilconfig" }
            #expect(state.keys.contains { $0.hasSuffix(".record") }, "\(state.keys)")
        }
    }

    @Test(
        "A specified state directory that cannot be used is rejected before any request",
        arguments: [
            ["up", "site", "oss://demo"], ["down", "oss://demo", "copy"], ["copy", "oss://demo/p", "oss://demo/q"],
        ])
    func named(_ words: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "file": Data()])
            try fixture.put(["p/a": Data("a".utf8)])
            for options in [[], ["--dry-run"], words[0] == "copy" ? [] : ["--snapshot", "snapshot"]] {
                let run = try await fixture.run(words + ["--state-dir", "file/state"] + options)
                #expect(run.status == 1, "\(run)")
                #expect(run.diagnostics.contains("file/state"), "\(run)")
                #expect(run.diagnostics.split(separator: "\n").count == 1, "\(run)")
            }
            #expect(fixture.asked == 0)
        }
    }

    @Test("Without a usable default state directory, the run succeeds with one warning")
    func standard() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8)])
            let up = try await fixture.run("up", "site", "oss://demo", "--json", setting: ["HOME": "/dev/null"])
            #expect(up.status == 0, "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["a"])
            let lines = up.diagnostics.split(separator: "\n")
            #expect(
                lines.count == 1 && lines[0].contains("warning: cannot use the state directory '/dev/null/"), "\(up)")
            #expect((try up.json()["warnings"] as? [String])?.count == 1)
        }
    }
}
