import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Default credentials", .timeLimit(.minutes(3)))
struct DefaultCredentialsTests {
    private static let oss = ["OSS_ACCESS_KEY_ID": "id", "OSS_ACCESS_KEY_SECRET": "s3cr3t"]
    private static let aliyun = ["ALIBABA_CLOUD_ACCESS_KEY_ID": "aliyun", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s3cr3t"]
    private static let pod = [
        "ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/r", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "p",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "f",
    ]
    private static let uri = ["ALIBABA_CLOUD_CREDENTIALS_URI": "http://localhost/c"]
    private static let noInstance = ["ALIBABA_CLOUD_ECS_METADATA_DISABLED": "True"]
    private static let namedRole = ["ALIBABA_CLOUD_ECS_METADATA": "backup"]

    private static func all(_ variables: [String: String]...) -> [String: String] {
        variables.reduce(into: [:]) { $0.merge($1) { $1 } }
    }

    @Test(
        "The sources have the order of Aliyun's clients",
        arguments: [
            (all(oss, aliyun, pod, namedRole, uri), true, .environment), (all(aliyun, pod), true, .environment),
            (["OSS_ACCESS_KEY_ID": "id"], true, .environment),
            (["ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"], true, .environment),
            (all(pod, namedRole, uri), true, .source(.oidc("acs:ram::1:role/r", provider: "p", tokenFile: "f"))),
            (["ALIBABA_CLOUD_ROLE_ARN": "acs:ram::1:role/r"], true, .file),
            (all(pod, ["ALIBABA_CLOUD_OIDC_TOKEN_FILE": ""], uri), true, .file), (all(namedRole, uri), true, .file),
            (all(namedRole, uri), false, .source(.ecsRAMRole("backup", allowsV1: false))),
            (uri, false, .firstAvailable([.ecsRAMRole(nil, allowsV1: false), .uri("http://localhost/c")])),
            (all(uri, noInstance, namedRole), false, .firstAvailable([.uri("http://localhost/c")])),
            ([:], false, .firstAvailable([.ecsRAMRole(nil, allowsV1: false)])),
            (noInstance, false, .firstAvailable([])),
        ] as [([String: String], Bool, DefaultCredentialsProvider.Choice)])
    func order(_ environment: [String: String], _ fileExists: Bool, _ choice: DefaultCredentialsProvider.Choice) {
        #expect(
            DefaultCredentialsProvider.choice(EnvironmentVariables(environment), fileExists: fileExists) == choice)
    }

    @Test("The files have the order of the documentation, and variables replace those of Aliyun's other tools")
    func files() {
        func candidates(_ environment: [String: String]) -> [CredentialsFileProvider.Candidate] {
            CredentialsFileProvider.candidates(EnvironmentVariables(environment), home: "/h")
        }
        #expect(
            candidates([:]).map(\.path) == [
                "/h/.ossutilconfig", "/h/.oss/credentials", "/h/.aliyun/config.json", "/h/.alibabacloud/credentials",
            ])
        let named = candidates([
            "ALIBABA_CLOUD_CONFIG_FILE": "/c", "ALIBABA_CLOUD_CREDENTIALS_FILE": "/d", "ALIBABA_CLOUD_PROFILE": "dev",
        ])
        #expect(named.map(\.path).suffix(2) == ["/c", "/d"])
        #expect(named.map(\.isNamed) == [false, false, true, true])
        #expect(named.map(\.profile) == [nil, nil, "dev", "dev"])
        #expect(candidates(["ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"]).count == 3)
    }

    @Test("The profile that the environment names is read from the file that it names, which must exist")
    func namedFile() async throws {
        let folder = try ScratchDirectory()
        try folder.write(
            "config.json",
            """
            {"current": "a", "profiles": [
            {"name": "a", "mode": "AK", "access_key_id": "a", "access_key_secret": "s3cr3t"},
            {"name": "b", "mode": "AK", "access_key_id": "b", "access_key_secret": "s3cr3t"}]}
            """)
        let environment = ["HOME": folder.path, "ALIBABA_CLOUD_CONFIG_FILE": folder["config.json"]]
        #expect(try await DefaultCredentialsProvider(environment: environment).credentials()?.accessKeyID == "a")
        let named = DefaultCredentialsProvider(environment: Self.all(environment, ["ALIBABA_CLOUD_PROFILE": "b"]))
        #expect(try await named.credentials()?.accessKeyID == "b")
        for text in printed(named) { #expect(!text.contains("s3cr3t")) }
        let missing = Self.all(environment, ["ALIBABA_CLOUD_CONFIG_FILE": folder["missing"]])
        let error = try await failure(of: DefaultCredentialsProvider(environment: missing))
        #expect(error.message.contains(folder["missing"]))
    }

    @Test("The RAM role of the instance precedes the URI")
    func instance() async throws {
        let server = try CredentialsServer { request in
            switch request.target {
            case "/latest/api/token": .ok("token")
            case "/latest/meta-data/ram/security-credentials/": .ok("backup")
            default: .ok(CredentialsServer.document(request.target))
            }
        }
        let provider = try Self.provider(Self.uri, server)
        let credentials = try #require(try await provider.credentials())
        #expect(credentials.accessKeySecret.hasSuffix("/backup"))
        #expect(server.requests.count == 3)
    }

    @Test("Without an instance, the URI is used from then on")
    func uriOnly() async throws {
        let server = try CredentialsServer { request in
            request.target == "/c" ? .ok(CredentialsServer.document()) : .status("503 Service Unavailable")
        }
        let provider = try Self.provider(Self.uri, server)
        let credentials = try #require(try await provider.credentials())
        #expect(server.requests.map(\.target) == ["/latest/api/token", "/c"])
        await provider.invalidate(credentials)
        #expect(try await provider.credentials()?.accessKeySecret == "s3cr3t")
        #expect(server.requests.map(\.target) == ["/latest/api/token", "/c", "/c"])
    }

    @Test("Without any source, the error names the variables to set and each source that failed")
    func nothing() async throws {
        let server = try CredentialsServer { _ in .status("404 Not Found") }
        let error = try await failure(of: try Self.provider(Self.uri, server))
        for word in ["no credentials", "OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "100.100.100.200", "localhost"] {
            #expect(error.message.contains(word), "\(error)")
        }
        #expect(!error.message.contains("\n") && server.requests.count == 2)
        let none = try await failure(of: try Self.provider(Self.noInstance, server))
        #expect(none.message.contains("OSS_ACCESS_KEY_ID") && server.requests.count == 2)
    }

    @Test("The variables of Aliyun's other tools are used without those of OSS, and are not mixed with them")
    func environment() async throws {
        func read(_ environment: [String: String]) async throws -> Credentials? {
            try await EnvironmentCredentialsProvider(environment: environment).credentials()
        }
        let token = ["ALIBABA_CLOUD_SECURITY_TOKEN": "t0k3n"]
        let aliyun = try await read(
            Self.all(Self.aliyun, token, ["OSS_SESSION_TOKEN": "other", "OSS_ACCESS_KEY_ID": ""]))
        #expect(aliyun == Credentials(accessKeyID: "aliyun", accessKeySecret: "s3cr3t", securityToken: "t0k3n"))
        #expect(try await read(Self.all(Self.oss, Self.aliyun, token))?.securityToken == nil)
        let mixed = EnvironmentCredentialsProvider(
            environment: ["OSS_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s3cr3t"])
        #expect(try await failure(of: mixed).message.contains("OSS_ACCESS_KEY_SECRET"))
        let half = EnvironmentCredentialsProvider(environment: ["ALIBABA_CLOUD_ACCESS_KEY_ID": "s3cr3t"])
        #expect(try await failure(of: half).message.contains("ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
    }

    /// Returns a provider whose files do not exist and whose requests go to the server.
    private static func provider(
        _ environment: [String: String], _ server: CredentialsServer
    ) throws -> DefaultCredentialsProvider {
        DefaultCredentialsProvider(
            environment: environment, file: CredentialsFileProvider(path: "/nonexistent/credentials"),
            transport: server.transport)
    }
}
