import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests of the endpoint, the region and the profile in the configuration files of Aliyun's tools.
@Suite("ossmirror: configuration files")
struct ProfileTests {
    /// The environment without a service and credentials, and with a home directory for configuration files.
    private func bare(_ fixture: OSSMirrorFixture) -> [String: String?] {
        [
            "OSS_ACCESS_KEY_ID": nil, "OSS_ACCESS_KEY_SECRET": nil, "OSS_REGION": nil, "OSS_ENDPOINT": nil,
            "HOME": fixture.folder["home"],
        ]
    }

    private func configuration(_ fixture: OSSMirrorFixture, endpoint: String, id: String = "test-id") -> String {
        "endpoint=\(endpoint)\nregion = cn-hangzhou\naccessKeyID=\(id)\naccessKeySecret=test-secret\n"
    }

    @Test("Without a region or an endpoint, the command fails with status 2")
    func missing() async throws {
        try await OSSMirrorFixture.with { fixture in
            let run = try await fixture.run("ls", "oss://demo", setting: bare(fixture))
            #expect(run.status == 2 && run.diagnostics.contains("missing region; use --region"), "\(run)")
        }
    }

    @Test("The endpoint in .ossutilconfig is used unless an option or a variable names one")
    func ossutil() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data()])
            try fixture.folder.write(
                "home/.ossutilconfig", "[Credentials]\n" + configuration(fixture, endpoint: fixture.server.endpoint))
            let run = try await fixture.run("ls", "oss://demo", setting: bare(fixture))
            #expect(run.status == 0 && run.text == "a\n", "\(run)")
            // Credentials in the environment do not exclude the endpoint in the file.
            let changes = bare(fixture).merging(
                ["OSS_ACCESS_KEY_ID": "test-id", "OSS_ACCESS_KEY_SECRET": "test-secret"]) { $1 }
            #expect(try await fixture.run("ls", "oss://demo", setting: changes).status == 0)
            let other = try await fixture.run(
                "ls", "oss://demo", "--endpoint", "http://127.0.0.1:9", setting: bare(fixture))
            #expect(other.status == 1, "\(other)")
        }
    }

    @Test("The endpoint and the custom domain of a bucket in .ossutilconfig apply to this bucket only")
    func bucketEndpoint() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data("1".utf8)])
            try fixture.folder.write(
                "home/.ossutilconfig",
                "[Credentials]\n\(configuration(fixture, endpoint: "http://127.0.0.1:9"))[Bucket-Endpoint]\n"
                    + "demo=\(fixture.server.endpoint)\n[Bucket-Cname]\nweb = https://www.example.com\n")
            let run = try await fixture.run("cat", "oss://demo/a", setting: bare(fixture))
            #expect(run.status == 0 && run.text == "1", "\(run)")
            let probe = try await fixture.run("probe", "oss://demo", setting: bare(fixture))
            #expect(probe.status == 0 && probe.text.contains("responds without encryption"), "\(probe)")
            let other = try await fixture.run("presign", "oss://other/a", setting: bare(fixture))
            #expect(other.text.hasPrefix("http://127.0.0.1:9/other/a?"), "\(other)")
            let domain = try await fixture.run("presign", "oss://web/a", setting: bare(fixture))
            #expect(domain.text.hasPrefix("https://www.example.com/a?"), "\(domain)")
        }
    }

    @Test("--profile selects credentials, endpoint and region, in the first file that contains the profile")
    func profile() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a": Data()])
            let wrong = configuration(fixture, endpoint: "http://127.0.0.1:9", id: "wrong")
            let good = configuration(fixture, endpoint: fixture.server.endpoint)
            try fixture.folder.write("home/.ossutilconfig", "[default]\n\(wrong)[profile work]\n\(good)")
            try fixture.folder.write(
                "home/.aliyun/config.json",
                """
                {"current": "other", "profiles": [{"name": "cli", "mode": "AK", "access_key_id": "test-id",
                "access_key_secret": "test-secret", "region_id": "cn-hangzhou"}]}
                """)
            let work = try await fixture.run("ls", "oss://demo", "--profile", "work", setting: bare(fixture))
            #expect(work.status == 0 && work.text == "a\n", "\(work)")
            // The explicit profile precedes the variables.
            let changes = bare(fixture).merging(
                ["OSS_ACCESS_KEY_ID": "wrong", "OSS_ACCESS_KEY_SECRET": "wrong"]) { $1 }
            #expect(try await fixture.run("ls", "oss://demo", "--profile", "work", setting: changes).status == 0)
            let url = try await fixture.run("presign", "oss://demo/a", "--profile", "cli", setting: bare(fixture))
            #expect(url.text.hasPrefix("https://demo.oss-cn-hangzhou.aliyuncs.com/a?"), "\(url)")
            let none = try await fixture.run("ls", "oss://demo", "--profile", "none", setting: bare(fixture))
            #expect(none.status == 1 && none.diagnostics.contains("no profile 'none'"), "\(none)")
        }
    }

    @Test("--credentials-file names the file of the profile")
    func file() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(
                "config", "[work]\n" + configuration(fixture, endpoint: fixture.server.endpoint))
            let run = try await fixture.run(
                "ls", "oss://demo", "--credentials-file", "config", "--profile", "work", setting: bare(fixture))
            #expect(run.status == 0, "\(run)")
        }
    }
}
