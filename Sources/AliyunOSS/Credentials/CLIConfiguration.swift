import Foundation

/// The configuration file of the aliyun command-line tool, `~/.aliyun/config.json`.
struct CLIConfiguration: Decodable {
    /// A profile. The names in the file are in snake case.
    private struct Profile: Decodable {
        var name: String?
        var mode: String?
        var accessKeyId: String?
        var accessKeySecret: String?
        var stsToken: String?
        var ramRoleArn: String?
        var ramRoleName: String?
        var ramSessionName: String?
        var roleSessionName: String?
        var expiredSeconds: Int?
        var policy: String?
        var externalId: String?
        var stsRegion: String?
        var enableVpc: Bool?
        var sourceProfile: String?
        var processCommand: String?
        var credentialsUri: String?
        var oidcProviderArn: String?
        var oidcTokenFile: String?
        var regionId: String?
    }

    private var current: String?
    private var profiles: [Profile]

    /// Parses the content of a file.
    ///
    /// - Throws: ``OSSError`` that contains nothing of the content.
    init(_ data: Data, path: String) throws(OSSError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(CLIConfiguration.self, from: data)
        } catch {
            throw OSSError(
                .credentialsUnavailable,
                "the configuration file \(path) is not valid JSON with profiles; run 'aliyun configure'")
        }
    }

    /// Returns the source of credentials that a profile describes.
    ///
    /// - Parameter name: Name of the profile; `nil` for the current one.
    func source(
        profile name: String?, path: String, environment: EnvironmentVariables
    ) throws(OSSError) -> CredentialsSource {
        try source(profile: name ?? currentName, path, environment, visited: [])
    }

    private var currentName: String { current?.nonEmpty ?? "default" }

    func hasProfile(_ name: String) -> Bool { profiles.contains { $0.name == name } }

    /// Returns the region of a profile, or `nil` if it has none.
    ///
    /// - Parameter name: Name of the profile; `nil` for the current one.
    func region(profile name: String?) -> String? {
        profiles.first { $0.name == name ?? currentName }?.regionId?.nonEmpty
    }

    private func source(
        profile name: String, _ path: String, _ environment: EnvironmentVariables, visited: [String]
    ) throws(OSSError) -> CredentialsSource {
        func unusable(_ reason: String) -> OSSError {
            OSSError(.credentialsUnavailable, "the profile '\(name.excerpt)' in \(path) \(reason)")
        }
        guard !visited.contains(name) else { throw unusable("is the source of its own credentials") }
        guard let profile = profiles.first(where: { $0.name == name }) else { throw unusable("does not exist") }
        func required(_ key: KeyPath<Profile, String?>, _ field: String) throws(OSSError) -> String {
            guard let value = profile[keyPath: key]?.nonEmpty else { throw unusable("has no \(field)") }
            return value
        }
        func keys(token: String?) throws(OSSError) -> CredentialsSource {
            let credentials = Credentials(
                accessKeyID: try required(\.accessKeyId, "access_key_id"),
                accessKeySecret: try required(\.accessKeySecret, "access_key_secret"), securityToken: token)
            try credentials.validate(from: "the profile '\(name.excerpt)' in \(path)")
            return .fixed(credentials)
        }
        func role() throws(OSSError) -> RAMRole {
            RAMRole(
                try required(\.ramRoleArn, "ram_role_arn"),
                sessionName: profile.ramSessionName?.nonEmpty ?? profile.roleSessionName,
                seconds: profile.expiredSeconds, policy: profile.policy, externalID: profile.externalId,
                stsRegion: profile.stsRegion, usesVPC: profile.enableVpc, environment: environment)
        }
        switch profile.mode?.lowercased() ?? "" {
        case "ak": return try keys(token: nil)
        case "ststoken": return try keys(token: try required(\.stsToken, "sts_token"))
        case "": return try keys(token: profile.stsToken)
        case "ramrolearn": return .assumeRole(try role(), with: try keys(token: profile.stsToken))
        case "chainableramrolearn":
            let next = try required(\.sourceProfile, "source_profile")
            let source = try source(profile: next, path, environment, visited: visited + [name])
            return .assumeRole(try role(), with: source)
        case "ecsramrole":
            guard let source = CredentialsSource.ecsRAMRole(profile.ramRoleName, environment) else {
                throw unusable("needs the ECS metadata service, which ALIBABA_CLOUD_ECS_METADATA_DISABLED disables")
            }
            return source
        case "oidc":
            return .oidc(
                try role(), provider: try required(\.oidcProviderArn, "oidc_provider_arn"),
                tokenFile: try required(\.oidcTokenFile, "oidc_token_file"))
        case "external":
            return .program(try CredentialsProgram(command: try required(\.processCommand, "process_command")))
        case "credentialsuri": return .uri(try required(\.credentialsUri, "credentials_uri"))
        default:
            throw unusable(
                "has the mode '\((profile.mode ?? "").excerpt)', which is not supported; use AK, StsToken, RamRoleArn, "
                    + "ChainableRamRoleArn, EcsRamRole, OIDC, External or CredentialsURI")
        }
    }
}
