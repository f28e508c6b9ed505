import Foundation

/// The configuration file of the aliyun command-line tool, `~/.aliyun/config.json`.
struct CLIConfiguration: Decodable {
    /// A profile, with the names of the file.
    private struct Profile: Decodable {
        var name: String?
        var mode: String?
        var access_key_id: String?
        var access_key_secret: String?
        var sts_token: String?
        var ram_role_arn: String?
        var ram_role_name: String?
        var ram_session_name: String?
        var role_session_name: String?
        var expired_seconds: Int?
        var policy: String?
        var external_id: String?
        var sts_region: String?
        var enable_vpc: Bool?
        var source_profile: String?
        var process_command: String?
        var credentials_uri: String?
        var oidc_provider_arn: String?
        var oidc_token_file: String?
    }

    private var current: String?
    private var profiles: [Profile]

    /// Parses the content of a file.
    ///
    /// - Throws: ``OSSError`` that contains nothing of the content.
    init(_ data: Data, path: String) throws(OSSError) {
        do {
            self = try JSONDecoder().decode(CLIConfiguration.self, from: data)
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
        try source(profile: name ?? current?.nonEmpty ?? "default", path, environment, visited: [])
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
                accessKeyID: try required(\.access_key_id, "access_key_id"),
                accessKeySecret: try required(\.access_key_secret, "access_key_secret"), securityToken: token)
            try credentials.validate(from: "the profile '\(name.excerpt)' in \(path)")
            return .fixed(credentials)
        }
        func role() throws(OSSError) -> RAMRole {
            RAMRole(
                try required(\.ram_role_arn, "ram_role_arn"),
                sessionName: profile.ram_session_name?.nonEmpty ?? profile.role_session_name,
                seconds: profile.expired_seconds, policy: profile.policy, externalID: profile.external_id,
                stsRegion: profile.sts_region, usesVPC: profile.enable_vpc, environment: environment)
        }
        switch profile.mode?.lowercased() ?? "" {
        case "ak": return try keys(token: nil)
        case "ststoken": return try keys(token: try required(\.sts_token, "sts_token"))
        case "": return try keys(token: profile.sts_token)
        case "ramrolearn": return .assumeRole(try role(), with: try keys(token: profile.sts_token))
        case "chainableramrolearn":
            let next = try required(\.source_profile, "source_profile")
            let source = try source(profile: next, path, environment, visited: visited + [name])
            return .assumeRole(try role(), with: source)
        case "ecsramrole":
            guard let source = CredentialsSource.ecsRAMRole(profile.ram_role_name, environment) else {
                throw unusable("needs the ECS metadata service, which ALIBABA_CLOUD_ECS_METADATA_DISABLED disables")
            }
            return source
        case "oidc":
            return .oidc(
                try role(), provider: try required(\.oidc_provider_arn, "oidc_provider_arn"),
                tokenFile: try required(\.oidc_token_file, "oidc_token_file"))
        case "external":
            return .program(try CredentialsProgram(command: try required(\.process_command, "process_command")))
        case "credentialsuri": return .uri(try required(\.credentials_uri, "credentials_uri"))
        default:
            throw unusable(
                "has the mode '\((profile.mode ?? "").excerpt)', which is not supported; use AK, StsToken, RamRoleArn, "
                    + "ChainableRamRoleArn, EcsRamRole, OIDC, External or CredentialsURI")
        }
    }
}
