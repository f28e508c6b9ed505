import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror setting")
struct SettingCommandTests {
    private static let rules = """
        <?xml version="1.0" encoding="UTF-8"?>
        <LifecycleConfiguration>
          <Rule><ID>logs</ID><Prefix>logs/</Prefix><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>
        </LifecycleConfiguration>

        """

    @Test("A setting is stored from a file, printed, and removed")
    func lifecycle() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write("rules.xml", Self.rules)
            let none = try await fixture.run("setting", "get", "lifecycle", "oss://demo")
            #expect(none.status == 1 && none.output.isEmpty, "\(none)")
            #expect(none.diagnostics.contains("the bucket has no lifecycle"), "\(none)")
            let set = try await fixture.run("setting", "set", "lifecycle", "oss://demo", "rules.xml")
            #expect(set.status == 0 && set.text == "set lifecycle of oss://demo\n", "\(set)")
            let bucket = try fixture.server.bucket("demo")
            #expect(try await bucket.setting(.lifecycle)?.rules.map(\.id) == ["logs"])
            let get = try await fixture.run("setting", "get", "lifecycle", "oss://demo")
            #expect(get.status == 0 && get.text.contains("<ID>logs</ID>"), "\(get)")
            let report = try await fixture.run("setting", "get", "lifecycle", "oss://demo", "--json").json()
            #expect((report["document"] as? String)?.contains("<ID>logs</ID>") == true)
            #expect(try await fixture.run("setting", "rm", "lifecycle", "oss://demo", "--quiet").output.isEmpty)
            #expect(try await bucket.setting(.lifecycle) == nil)
        }
    }

    @Test("A document is read from standard input, and sent unchanged, with elements that the library does not know")
    func unchanged() async throws {
        try await OSSMirrorFixture.with { fixture in
            let document =
                #"<WebsiteConfiguration a="1"> <Novelty b="2">x</Novelty><IndexDocument><Suffix>i</Suffix>"#
                + "</IndexDocument></WebsiteConfiguration>"
            // The mock server rejects elements that it does not know.
            let sent = try ScriptedServer { connection in
                while connection.readRequest() != nil {
                    connection.reply(headers: ["x-oss-request-id: 5C3D9175B6FC201293AD4890"])
                }
            }
            var shell = Program(at: URL(fileURLWithPath: "/bin/sh"), environment: fixture.environment)
            shell.environment["OSS_ENDPOINT"] = sent.url()
            shell.environment["DOCUMENT"] = document
            let ossmirror = try Program("ossmirror").url.path
            let run = try await shell.run([
                "-c", "printf %s \"$DOCUMENT\" | '\(ossmirror)' setting set website oss://demo -",
            ])
            #expect(run.status == 0, "\(run)")
            #expect(sent.requests.count == 1)
            #expect(sent.requests.first?.body == Data(document.utf8))
        }
    }

    @Test("The policy is JSON, and is checked before it is sent")
    func policy() async throws {
        try await OSSMirrorFixture.with { fixture in
            let policy =
                #"{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:GetObject"],"Principal":["1234567890123456"],"#
                + #""Resource":["acs:oss:*:*:demo/*"]}]}"#
            try fixture.folder.write("policy.json", policy)
            try fixture.folder.write("broken.json", policy.dropLast().description)
            let broken = try await fixture.run("setting", "set", "policy", "oss://demo", "broken.json")
            #expect(broken.status == 2 && broken.diagnostics.contains("JSON object"), "\(broken)")
            #expect(fixture.asked == 0)
            #expect(try await fixture.run("setting", "set", "policy", "oss://demo", "policy.json").status == 0)
            #expect(try await fixture.run("setting", "get", "policy", "oss://demo").text == policy + "\n")
        }
    }

    @Test(
        "An invalid document is rejected with the path of the element, before it is sent",
        arguments: [
            ("lifecycle", "<LifecycleConfiguration><Rule><ID>a</ID></Rule></LifecycleConfiguration>", "Rule/Status"),
            ("cors", "<LifecycleConfiguration/>", "CORSConfiguration"),
            ("versioning", "Enabled", "VersioningConfiguration"),
        ])
    func invalid(_ name: String, _ document: String, _ path: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write("document", document)
            let run = try await fixture.run("setting", "set", name, "oss://demo", "document", "--json")
            #expect(run.status == 2 && run.diagnostics.contains(path), "\(run)")
            #expect(try run.json()["succeeded"] as? Bool == false)
            #expect(fixture.asked == 0)
        }
    }

    @Test(
        "A setting that does not exist, or cannot be changed in this way, is rejected",
        arguments: [
            (["get", "lifecycel", "oss://demo"], "did you mean 'lifecycle'?"),
            (["rm", "versioning", "oss://demo"], "cannot be removed; replace it instead"),
            (["set", "worm", "oss://demo", "file"], "cannot be replaced"),
            (["set", "cors", "oss://demo"], "missing document"),
            (["get", "inventory", "oss://demo"], "requires --id"),
            (["set", "cors", "oss://demo", "no-such-file"], "cannot read 'no-such-file'"),
        ])
    func refusals(_ words: [String], _ message: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let run = try await fixture.run(["setting"] + words)
            #expect(run.status != 0 && run.diagnostics.contains(message), "\(run)")
            #expect(fixture.asked == 0)
        }
    }

    @Test("Every setting can be read from a new bucket or is missing", arguments: SettingAccess.names)
    func names(_ name: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let id = ["inventory", "style"].contains(name) ? ["--id", "a"] : []
            let run = try await fixture.run(["setting", "get", name, "oss://demo"] + id)
            #expect(run.status == 0 || run.diagnostics.contains("the bucket has no \(name)"), "\(run)")
        }
    }
}
