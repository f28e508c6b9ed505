import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Credentials in configuration files")
struct CredentialsSourceTests {
    private static let keys = CredentialsSource.fixed(Credentials(accessKeyID: "id", accessKeySecret: "s3cr3t"))
    private static let temporaryKeys = CredentialsSource.fixed(
        Credentials(accessKeyID: "id", accessKeySecret: "s3cr3t", securityToken: "t0k3n"))
    private static let keyFields = #""access_key_id": "id", "access_key_secret": "s3cr3t""#

    private static func role(_ change: (inout RAMRole) -> Void = { _ in }) -> RAMRole {
        var role: RAMRole = "acs:ram::1:role/r"
        change(&role)
        return role
    }

    private static func profile(
        _ fields: String, name: String? = nil, environment: [String: String] = [:]
    ) throws -> CredentialsSource {
        let text = #"{"current": "dev", "profiles": [{"name": "dev", \#(fields)}], "meta_path": ""}"#
        return try CLIConfiguration(Data(text.utf8), path: "config.json")
            .source(profile: name, path: "config.json", environment: EnvironmentVariables(environment))
    }

    @Test(
        "Each mode of the aliyun command-line tool is a source of credentials",
        arguments: [
            (#""mode": "AK", "sts_token": "", "unknown": [1], \#(keyFields)"#, keys),
            (#""mode": "", "sts_token": "t0k3n", \#(keyFields)"#, temporaryKeys),
            (#""mode": "StsToken", "sts_token": "t0k3n", \#(keyFields)"#, temporaryKeys),
            (#""mode": "EcsRamRole", "ram_role_name": "backup""#, .ecsRAMRole("backup", allowsV1: false)),
            (#""mode": "EcsRamRole", "ram_role_name": """#, .ecsRAMRole(nil, allowsV1: false)),
            (
                #""mode": "External", "process_command": "helper 'a b'""#,
                .program(CredentialsProgram(["helper", "a b"]))
            ),
            (#""mode": "CredentialsURI", "credentials_uri": "http://localhost/c""#, .uri("http://localhost/c")),
            (
                #""mode": "RamRoleArn", "ram_role_arn": "acs:ram::1:role/r", "expired_seconds": 0, \#(keyFields)"#,
                .assumeRole(role(), with: keys)
            ),
            (
                #"""
                "mode": "RamRoleArn", "ram_role_arn": "acs:ram::1:role/r", "ram_session_name": "session",
                "expired_seconds": 900, "policy": "{}", "external_id": "e", "sts_region": "cn-hangzhou",
                "enable_vpc": true, \#(keyFields)
                """#,
                .assumeRole(
                    role {
                        $0.sessionName = "session"
                        $0.duration = .seconds(900)
                        $0.policy = "{}"
                        $0.externalID = "e"
                        $0.endpoint = "https://sts-vpc.cn-hangzhou.aliyuncs.com"
                    }, with: keys)
            ),
            (
                #"""
                "mode": "OIDC", "ram_role_arn": "acs:ram::1:role/r", "oidc_provider_arn": "p", "oidc_token_file": "f",
                "sts_region": "cn-beijing"
                """#,
                .oidc(role { $0.endpoint = "https://sts.cn-beijing.aliyuncs.com" }, provider: "p", tokenFile: "f")
            ),
            (
                #"""
                "mode": "ChainableRamRoleArn", "ram_role_arn": "acs:ram::1:role/r", "source_profile": "second"},
                {"name": "second", "mode": "ChainableRamRoleArn", "ram_role_arn": "acs:ram::1:role/r",
                "source_profile": "third"}, {"name": "third", "mode": "EcsRamRole"
                """#,
                .assumeRole(role(), with: .assumeRole(role(), with: .ecsRAMRole(nil, allowsV1: false)))
            ),
        ] as [(String, CredentialsSource)])
    func profiles(_ fields: String, _ source: CredentialsSource) throws {
        #expect(try Self.profile(fields) == source)
    }

    @Test(
        "An unusable profile is an error with its name, the path and the cause, without a secret",
        arguments: [
            (#""mode": "AK", "access_key_id": "id""#, "access_key_secret"),
            (#""mode": "AK", "access_key_secret": "s3cr3t""#, "access_key_id"),
            (#""mode": "AK", "access_key_id": "id", "access_key_secret": "s3cr3t\n""#, "line break"),
            (#""mode": "StsToken", \#(keyFields)"#, "sts_token"),
            (#""mode": "RamRoleArn", \#(keyFields)"#, "ram_role_arn"),
            (#""mode": "ChainableRamRoleArn", "ram_role_arn": "r", "source_profile": "dev""#, "source of its own"),
            (#""mode": "OIDC", "ram_role_arn": "r""#, "oidc_provider_arn"), (#""mode": "External""#, "process_command"),
            (#""mode": "CredentialsURI""#, "credentials_uri"), (#""mode": "CloudSSO", \#(keyFields)"#, "'CloudSSO'"),
        ])
    func unusableProfiles(_ fields: String, _ word: String) throws {
        let error = try #require(throws: OSSError.self) { try Self.profile(fields) }
        #expect(error.message.contains("'dev'") && error.message.contains("config.json"), "\(error)")
        #expect(error.message.contains(word), "\(error)")
        #expect(error.code == .credentialsUnavailable && !error.description.contains("s3cr3t"))
    }

    @Test("A missing profile, and a source profile that is missing, are named")
    func missingProfiles() throws {
        let missing = #expect(throws: OSSError.self) { try Self.profile(#""mode": "AK""#, name: "prod") }
        #expect(missing?.message.contains("'prod'") == true)
        let fields = #""mode": "ChainableRamRoleArn", "ram_role_arn": "r", "source_profile": "gone""#
        let source = #expect(throws: OSSError.self) { try Self.profile(fields) }
        #expect(source?.message.contains("'gone'") == true)
    }

    @Test(
        "A file that is not valid JSON is an error without its content",
        arguments: ["{s3cr3t", "{}", #"{"profiles": 1}"#])
    func invalidJSON(_ text: String) {
        let error = #expect(throws: OSSError.self) { try CLIConfiguration(Data(text.utf8), path: "config.json") }
        #expect(error?.message.contains("config.json") == true && error.map { "\($0)".contains("s3cr3t") } == false)
    }

    @Test(
        "Each mode and type of an INI file is a source of credentials",
        arguments: [
            ("[Credentials]\nmode=AK\naccessKeyID=id\naccessKeySecret=s3cr3t", keys),
            ("[Credentials]\nmode = EcsRamRole\necsRoleName = backup", .ecsRAMRole("backup", allowsV1: false)),
            ("[Credentials]\nmode=EcsRamRole", .ecsRAMRole(nil, allowsV1: false)),
            (
                "[Credentials]\nlanguage=EN\n[AkService]\n"
                    + "ecsAk=http://100.100.100.200/latest/meta-data/Ram/security-credentials/backup",
                .ecsRAMRole("backup", allowsV1: false)
            ),
            (
                "[Credentials]\nmode=RamRoleArn\naccessKeyID=id\naccessKeySecret=s3cr3t\nramRoleArn=acs:ram::1:role/r\n"
                    + "roleSessionName=session\ntokenTimeOut=900\nstsRegion=cn-hangzhou",
                .assumeRole(
                    role {
                        $0.sessionName = "session"
                        $0.duration = .seconds(900)
                        $0.endpoint = "https://sts.cn-hangzhou.aliyuncs.com"
                    }, with: keys)
            ),
            ("[default]\ntype = access_key\naccess_key_id = id\naccess_key_secret = s3cr3t", keys),
            (
                "[default]\ntype = sts\naccess_key_id = id\naccess_key_secret = s3cr3t\nsecurity_token = t0k3n",
                temporaryKeys
            ),
            ("[default]\ntype = ecs_ram_role\nrole_name = backup", .ecsRAMRole("backup", allowsV1: false)),
            (
                "[default]\ntype=ram_role_arn\naccess_key_id=id\naccess_key_secret=s3cr3t\n"
                    + "role_arn=acs:ram::1:role/r\npolicy={}",
                .assumeRole(role { $0.policy = "{}" }, with: keys)
            ),
            (
                "[default]\ntype=oidc_role_arn\nrole_arn=acs:ram::1:role/r\n"
                    + "oidc_provider_arn=p\noidc_token_file_path=f",
                .oidc(role(), provider: "p", tokenFile: "f")
            ),
        ] as [(String, CredentialsSource)])
    func sections(_ text: String, _ source: CredentialsSource) throws {
        let environment = EnvironmentVariables([:])
        #expect(try CredentialsFile(text).source(profile: nil, path: "file", environment: environment) == source)
    }

    @Test("The environment completes a role, and disables or extends the use of the metadata service")
    func environment() throws {
        let role = try Self.profile(
            #""mode": "RamRoleArn", "ram_role_arn": "acs:ram::1:role/r", \#(Self.keyFields)"#,
            environment: [
                "ALIBABA_CLOUD_ROLE_SESSION_NAME": "job", "ALIBABA_CLOUD_STS_REGION": "cn-beijing",
                "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED": "TRUE",
            ])
        let expected = Self.role {
            $0.sessionName = "job"
            $0.endpoint = "https://sts-vpc.cn-beijing.aliyuncs.com"
        }
        #expect(role == .assumeRole(expected, with: Self.keys))
        let mode = #""mode": "EcsRamRole""#
        #expect(
            try Self.profile(mode, environment: ["ALIBABA_CLOUD_IMDSV1_DISABLED": "false"])
                == .ecsRAMRole(nil, allowsV1: true))
        #expect(
            try Self.profile(mode, environment: ["ALIBABA_CLOUD_ECS_METADATA": "env"])
                == .ecsRAMRole("env", allowsV1: false))
        #expect(throws: OSSError.self) {
            try Self.profile(mode, environment: ["ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"])
        }
    }

    @Test("A configured role is assumed with the credentials of another profile, over the network")
    func chain() async throws {
        let server = try CredentialsServer { request in
            switch request.target {
            case "/latest/api/token": .ok("token")
            case let target where target.hasPrefix("/latest"): .ok(CredentialsServer.document("instance"))
            default: .ok(CredentialsServer.stsDocument())
            }
        }
        let folder = try ScratchDirectory()
        try folder.write(
            "config.json",
            """
            {"current": "a", "profiles": [
            {"name": "a", "mode": "ChainableRamRoleArn", "ram_role_arn": "acs:ram::1:role/r", "source_profile": "b"},
            {"name": "b", "mode": "EcsRamRole", "ram_role_name": "backup"}]}
            """)
        let provider = CredentialsFileProvider(path: folder["config.json"], transport: server.transport)
        let credentials = try #require(try await provider.credentials())
        #expect(credentials.accessKeySecret == "s3cr3t")
        #expect(server.requests.map { $0.parameters["SecurityToken"] } == [nil, nil, "t0k3n"])
        await provider.invalidate(credentials)
        _ = try await provider.credentials()
        // The instance's credentials are still valid.
        #expect(server.requests.count == 4)
        for text in printed(provider) { #expect(!text.contains("s3cr3t") && !text.contains("instance")) }
    }
}
