import Foundation
import Testing

@testable import AliyunOSS

@Suite("Credentials file")
struct CredentialsFileTests {
    private func withFile<T>(_ text: String, _ body: (String) async throws -> T) async throws -> T {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    @Test(
        "The formats of all tools are supported",
        arguments: [
            "[Credentials]\nlanguage=EN\naccessKeyID = id\naccessKeySecret=sec=ret\nstsToken=token\n",
            "# made by hand\r\n[Credentials]\r\n access_key_id =id \r\n access-key-secret= sec=ret\r\n sts_token=token\r\n",
            "[default]\noss_access_key_id = id\noss_secret_access_key = sec=ret\noss_session_token = token",
            "[other]\naccessKeyID=no\n\n[default]\nmode=StsToken\naccessKeyId=id\naccessKeySecret=sec=ret\nstsToken=token",
        ])
    func spellings(_ text: String) async throws {
        try await withFile(text) { path async throws in
            #expect(
                try await CredentialsFileProvider(path: path).credentials()
                    == Credentials(accessKeyID: "id", accessKeySecret: "sec=ret", securityToken: "token"))
        }
    }

    @Test("A profile is a separate section")
    func profile() async throws {
        let text = "[default]\naccessKeyID=a\naccessKeySecret=b\n[profile dev]\naccessKeyID=c\naccessKeySecret=d\n"
        try await withFile(text) { path async throws in
            #expect(try await CredentialsFileProvider(path: path).credentials()?.accessKeyID == "a")
            #expect(try await CredentialsFileProvider(path: path, profile: "dev").credentials()?.accessKeyID == "c")
        }
    }

    @Test(
        "The endpoint and the region of a profile are read from the formats that have them",
        arguments: [
            ("[Credentials]\nendpoint = oss-cn-beijing.aliyuncs.com\n", nil, "oss-cn-beijing.aliyuncs.com", nil),
            (
                "[default]\nregion=cn-hangzhou\n[profile dev]\nregion=cn-shanghai\nendpoint=e\n", "dev", "e",
                "cn-shanghai"
            ),
            (#"{"current":"a","profiles":[{"name":"a","region_id":"cn-hangzhou"}]}"#, nil, nil, "cn-hangzhou"),
            (#"{"current":"a","profiles":[{"name":"a"},{"name":"b","region_id":"r"}]}"#, "b", nil, "r"),
        ] as [(String, String?, String?, String?)])
    func location(_ text: String, _ profile: String?, _ endpoint: String?, _ region: String?) async throws {
        try await withFile(text) { path async throws in
            let location = try CredentialsFileProvider(path: path, profile: profile).location()
            #expect(location == ServiceLocation(endpoint: endpoint, region: region, path: path))
        }
    }

    @Test(
        "Buckets can have endpoints of their own in the default profile, and a custom domain precedes an endpoint",
        arguments: [
            (nil, "photos", "oss-cn-beijing.aliyuncs.com", "cn-beijing", false),
            (nil, "my-photos", "http://10.0.0.1:9000", "cn-hangzhou", false),
            (nil, "myphotos", "oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", false),
            (nil, "web", "https://www.example.com", "cn-hangzhou", true),
            (nil, nil, "oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", false), ("dev", "photos", "e", nil, false),
        ] as [(String?, String?, String, String?, Bool)])
    func bucketLocation(
        _ profile: String?, _ bucket: String?, _ endpoint: String, _ region: String?, _ isCustomDomain: Bool
    ) async throws {
        let text = """
            [Credentials]
            endpoint = oss-cn-hangzhou.aliyuncs.com
            region = cn-hangzhou
            [Bucket-Endpoint]
            photos = oss-cn-beijing.aliyuncs.com
            my-photos=http://10.0.0.1:9000
            web = oss-cn-shanghai.aliyuncs.com
            [Bucket-Cname]
            web = https://www.example.com
            [profile dev]
            endpoint = e

            """
        try await withFile(text) { path async throws in
            var expected = ServiceLocation(endpoint: endpoint, region: region, path: path)
            expected.isCustomDomain = isCustomDomain
            let provider = CredentialsFileProvider(path: path, profile: profile)
            #expect(try provider.location(of: bucket) == expected)
            #expect(
                try DefaultCredentialsProvider(environment: [:], file: provider).location(of: bucket) == expected)
        }
    }

    @Test("A file without an endpoint and a region has no location, and its description contains no secret")
    func noLocation() async throws {
        try await withFile("[Credentials]\nendpoint=\naccessKeyID=id\naccessKeySecret=s3cr3t\n") { path async throws in
            let provider = CredentialsFileProvider(path: path)
            #expect(try provider.location() == nil)
            #expect(provider.description == "the file \(path)")
            #expect(DefaultCredentialsProvider(environment: [:], file: provider).description == "the file \(path)")
        }
    }

    @Test(
        "An unusable file is an error with its path and without a secret",
        arguments: [
            ("", "no section"), ("[Credentials]\naccessKeyID=id\n", "secret"),
            ("[Credentials]\naccessKeySecret=s3cr3t\n", "access key ID"),
            ("[Credentials]\nmode=RsaKeyPair\naccessKeySecret=s3cr3t\n", "RsaKeyPair"),
            ("[Credentials]\nmode=RamRoleArn\naccessKeyID=id\naccessKeySecret=s3cr3t\n", "role ARN"),
            ("{\"profiles\": [{\"access_key_secret\": \"s3cr3t\"", "JSON"),
            ("[Credentials]\naccessKeyID=id\naccessKeySecret=s3cr3t s3cr3t\n", "space"),
        ])
    func unusable(_ text: String, _ word: String) async throws {
        try await withFile(text) { path async throws in
            let provider = CredentialsFileProvider(path: path)
            let error = try await #require(throws: OSSError.self) { _ = try await provider.credentials() }
            #expect(error.code == .credentialsUnavailable)
            #expect(error.message.contains(word) && error.message.contains(path))
            #expect(!error.description.contains("s3cr3t"))
        }
    }

    @Test("Rejected credentials are read again, and other credentials come from memory")
    func rereading() async throws {
        try await withFile("[default]\naccessKeyID=a\naccessKeySecret=b\n") { path async throws in
            let provider = CredentialsFileProvider(path: path)
            let held = try await provider.credentials()
            let first = try #require(held)
            try Data("[default]\naccessKeyID=c\naccessKeySecret=d\n".utf8).write(to: URL(fileURLWithPath: path))
            #expect(try await provider.credentials() == first)
            await provider.invalidate(first)
            #expect(try await provider.credentials()?.accessKeyID == "c")
            for text in printed(provider) { #expect(!text.contains("accessKeySecret")) }
        }
    }

    @Test("The environment takes precedence over the file, and an incomplete environment is an error")
    func defaultOrder() async throws {
        try await withFile("[default]\naccessKeyID=file\naccessKeySecret=b\n") { path async throws in
            func find(_ environment: [String: String]) async throws -> String? {
                let file = CredentialsFileProvider(path: path)
                let provider = DefaultCredentialsProvider(environment: environment, file: file)
                return try await provider.credentials()?.accessKeyID
            }
            #expect(try await find(["OSS_ACCESS_KEY_ID": "e", "OSS_ACCESS_KEY_SECRET": "s"]) == "e")
            #expect(try await find(["OSS_ACCESS_KEY_ID": ""]) == "file")
            await #expect(throws: OSSError.self) { _ = try await find(["OSS_ACCESS_KEY_ID": "e"]) }
        }
    }
}
