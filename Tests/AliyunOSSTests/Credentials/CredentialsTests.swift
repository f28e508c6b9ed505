import Foundation
import Testing

@testable import AliyunOSS

@Suite("Credentials")
struct CredentialsTests {
    @Test("Descriptions of credentials contain the access key ID but neither the secret nor the token")
    func redaction() {
        let credentials = Credentials(accessKeyID: "LTAI5t", accessKeySecret: "TOPSECRET", securityToken: "TOPTOKEN")
        for text in printed(credentials) {
            #expect(text.contains("LTAI5t"))
            #expect(!text.contains("TOPSECRET") && !text.contains("TOPTOKEN"))
        }
    }

    @Test("No provider shows its secret")
    func providersAreRedacted() async throws {
        let credentials = Credentials(accessKeyID: "LTAI5t", accessKeySecret: "TOPSECRET", securityToken: "TOPTOKEN")
        let refreshing = RefreshingCredentialsProvider { credentials }
        _ = try await refreshing.credentials()
        let environment = EnvironmentCredentialsProvider(environment: [
            "OSS_ACCESS_KEY_ID": "LTAI5t", "OSS_ACCESS_KEY_SECRET": "TOPSECRET", "OSS_SESSION_TOKEN": "TOPTOKEN",
        ])
        for text in printed(StaticCredentialsProvider(credentials)) + printed(refreshing) + printed(environment) {
            #expect(!text.contains("TOPSECRET") && !text.contains("TOPTOKEN"))
        }
    }

    @Test("An empty token is treated as no token")
    func emptyToken() {
        #expect(Credentials(accessKeyID: "a", accessKeySecret: "b", securityToken: "").securityToken == nil)
    }

    @Test(
        "A credential that cannot be sent is rejected by name and not shown",
        arguments: [
            (Credentials(accessKeyID: "", accessKeySecret: "s"), "access key ID"),
            (Credentials(accessKeyID: "a b", accessKeySecret: "s"), "access key ID"),
            (Credentials(accessKeyID: "a", accessKeySecret: ""), "access key secret"),
            (Credentials(accessKeyID: "a", accessKeySecret: "s3cr3t\n"), "access key secret"),
            (Credentials(accessKeyID: "a", accessKeySecret: "s3cr3t\u{E9}"), "access key secret"),
            (Credentials(accessKeyID: "a", accessKeySecret: "s", securityToken: "s3cr3t\r"), "security token"),
        ])
    func invalidParts(_ credentials: Credentials, _ name: String) async throws {
        for provider: any CredentialsProvider in [
            StaticCredentialsProvider(credentials), ClosureCredentialsProvider { credentials },
            RefreshingCredentialsProvider { credentials },
        ] {
            let error = try await #require(throws: OSSError.self) { _ = try await provider.credentials() }
            #expect(error.code == .credentialsUnavailable)
            #expect(error.message.contains(name))
            #expect(!error.description.contains("s3cr3t"))
        }
    }

    @Test("A bucket accepts every provider with dot syntax, including closures")
    func bucketLookup() throws {
        let credentials = Credentials(accessKeyID: "a", accessKeySecret: "b")
        _ = try Bucket("photos", region: "cn-hangzhou", credentials: .refreshing { credentials })
        _ = try Bucket("photos", region: "cn-hangzhou", credentials: .closure { nil })
        _ = try Bucket("photos", region: "cn-hangzhou", credentials: .default)
        let provider: any CredentialsProvider = StaticCredentialsProvider(credentials)
        _ = try Bucket("photos", region: "cn-hangzhou", credentials: provider)
    }

    @Test("Providers support dot syntax")
    func lookup() async throws {
        // `any`, not `some`: with `some`, the compiler treats a closure in dot syntax as not Sendable.
        func get(_ provider: any CredentialsProvider) async throws -> Credentials? { try await provider.credentials() }
        let credentials = Credentials(accessKeyID: "a", accessKeySecret: "b", securityToken: "c")
        #expect(try await get(.anonymous) == nil)
        #expect(try await get(.static(accessKeyID: "a", accessKeySecret: "b", securityToken: "c")) == credentials)
        // Outside of the macro, which does not support a sendable closure.
        let closed = try await get(.closure { credentials })
        let open = try await get(.closure { nil })
        let refreshed = try await get(.refreshing { credentials })
        #expect(closed == credentials && open == nil && refreshed == credentials)
    }
}

@Suite("Credentials from the environment")
struct EnvironmentCredentialsTests {
    private func read(_ environment: [String: String]) async throws -> Credentials? {
        try await EnvironmentCredentialsProvider(environment: environment).credentials()
    }

    @Test("The three environment variables are read")
    func complete() async throws {
        let environment = ["OSS_ACCESS_KEY_ID": "id", "OSS_ACCESS_KEY_SECRET": "secret", "OSS_SESSION_TOKEN": "token"]
        #expect(
            try await read(environment)
                == Credentials(accessKeyID: "id", accessKeySecret: "secret", securityToken: "token"))
    }

    @Test("An empty token variable is treated as no token")
    func emptyToken() async throws {
        let environment = ["OSS_ACCESS_KEY_ID": "id", "OSS_ACCESS_KEY_SECRET": "secret", "OSS_SESSION_TOKEN": ""]
        #expect(try await read(environment)?.securityToken == nil)
    }

    @Test(
        "If credentials are missing, the error names the variables to set",
        arguments: [
            ([:], ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"]),
            (["OSS_ACCESS_KEY_ID": "", "OSS_ACCESS_KEY_SECRET": ""], ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"]),
            (["OSS_ACCESS_KEY_ID": "s3cr3t"], ["OSS_ACCESS_KEY_SECRET"]),
            (["OSS_ACCESS_KEY_SECRET": "s3cr3t", "OSS_ACCESS_KEY_ID": ""], ["OSS_ACCESS_KEY_ID"]),
            (
                ["OSS_ACCESS_KEY_SECRET": "s3cr3t\n", "OSS_ACCESS_KEY_ID": "id"],
                ["OSS_ACCESS_KEY_SECRET", "line break"]
            ),
        ] as [([String: String], [String])])
    func missing(_ environment: [String: String], _ words: [String]) async throws {
        let error = try await #require(throws: OSSError.self) { _ = try await read(environment) }
        #expect(error.code == .credentialsUnavailable)
        for word in words { #expect(error.message.contains(word)) }
        #expect(!error.description.contains("s3cr3t"))
    }
}
