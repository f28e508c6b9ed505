import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests of the sources of credentials other than the variables of OSS.
@Suite("ossmirror: sources of credentials")
struct CredentialsLookupTests {
    @Test("Credentials come from the configuration of the aliyun command-line tool, which can name a program")
    func aliyunConfiguration() async throws {
        try await OSSMirrorFixture.with { fixture in
            let none: [String: String?] = [
                "OSS_ACCESS_KEY_ID": nil, "OSS_ACCESS_KEY_SECRET": nil, "HOME": fixture.folder["home"],
            ]
            try fixture.folder.write(
                "keys.json", #"{"mode": "AK", "access_key_id": "test-id", "access_key_secret": "test-secret"}"#)
            try fixture.folder.write(
                "home/.aliyun/config.json",
                """
                {"current": "helper", "profiles": [
                {"name": "helper", "mode": "External", "process_command": "cat '\(fixture.folder["keys.json"])'"},
                {"name": "half", "mode": "AK", "access_key_id": "test-id"}]}
                """)
            let good = try await fixture.run("ls", "oss://demo", setting: none)
            #expect(good.status == 0 && good.diagnostics.isEmpty, "\(good)")
            let bad = try await fixture.run(
                "ls", "oss://demo", setting: none.merging(["ALIBABA_CLOUD_PROFILE": "half"]) { $1 })
            #expect(bad.status == 1 && bad.diagnostics.contains("'half'"), "\(bad)")
        }
    }

    #if os(Linux)
        @Test(
            "Credentials from a local URI are not requested through the proxy of the environment",
            .enabled(if: (try? LibcurlTransport()) != nil))
        func proxy() async throws {
            let source = try ScriptedServer { connection in
                let document = """
                    {"AccessKeyId": "STS.1", "AccessKeySecret": "secret", "SecurityToken": "token",
                    "Expiration": "2099-01-01T00:00:00Z"}
                    """
                while connection.readRequest() != nil { connection.reply(body: Data(document.utf8)) }
            }
            let proxy = try ScriptedServer { connection in
                while connection.readRequest() != nil { connection.reply("502 Bad Gateway") }
            }
            let server = try MockOSSServer(
                .init(
                    buckets: ["demo"], accessKeys: [.init(id: "STS.1", secret: "secret", securityToken: "token")]))
            defer { server.shutDown() }
            try await OSSMirrorFixture.with { fixture in
                let variables: [String: String?] = [
                    "OSS_ACCESS_KEY_ID": nil, "OSS_ACCESS_KEY_SECRET": nil, "OSS_ENDPOINT": server.endpoint,
                    "ALIBABA_CLOUD_CREDENTIALS_URI": "http://localhost:\(source.port)/credentials",
                    "http_proxy": proxy.url(), "no_proxy": "127.0.0.1",
                ]
                let run = try await fixture.run("ls", "oss://demo", setting: variables)
                #expect(run.status == 0, "\(run)")
                #expect(source.requests.count == 1 && proxy.acceptedConnections == 0)
                #expect(server.requests.count == 1)
            }
        }
    #endif
}
