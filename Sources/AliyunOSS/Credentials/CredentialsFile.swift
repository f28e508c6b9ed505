/// The sections of an INI file that holds credentials, in the format of ossutil, the Java SDK or Aliyun's credentials
/// clients.
struct CredentialsFile {
    private var sections: [String: [String: String]] = [:]

    /// Parses the text of a credentials file. Lines in an unknown format are skipped, as they are by the tools that
    /// write these files.
    init(_ text: String) {
        var name = ""
        // "\r\n" is a single Character, different from "\n".
        for line in text.split(whereSeparator: \.isNewline) {
            let line = Self.trimmed(line)
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                name = Self.trimmed(line.dropFirst().dropLast()).lowercased()
                if sections[name] == nil { sections[name] = [:] }
                continue
            }
            // A secret may contain '='.
            guard let equals = line.firstIndex(of: "=") else { continue }
            let written = Self.trimmed(line[..<equals])
            let field = Self.bucketSections.contains(name) ? String(written) : Self.canonical(written)
            sections[name, default: [:]][field] = String(Self.trimmed(line[line.index(after: equals)...]))
        }
    }

    /// Returns the fields of a section, keyed by canonical name, or `nil` if there is no such section. The names
    /// include `accesskeyid`, `accesskeysecret`, `ststoken` and `mode`.
    private func section(_ name: String) -> [String: String]? { sections[name.lowercased()] }

    /// Returns the names that the section of a profile can have. `nil` stands for the default profile.
    private static func sectionNames(_ profile: String?) -> [String] {
        profile.map { [$0, "profile \($0)"] } ?? ["Credentials", "default"]
    }

    /// Sections of ossutil in lowercase, in the order of their precedence. They contain the endpoints of buckets, by the
    /// exact names of the buckets.
    private static let bucketSections = [domainSection, "bucket-endpoint"]
    private static let domainSection = "bucket-cname"

    func hasProfile(_ name: String) -> Bool { Self.sectionNames(name).contains { section($0) != nil } }

    /// Returns the endpoint and the region of a profile, or `nil` if the file contains neither.
    ///
    /// - Parameters:
    ///   - name: Name of the profile; `nil` for the default one, whose buckets can have endpoints of their own.
    ///   - bucket: Name of a bucket; `nil` for the service.
    func location(profile name: String?, bucket: String?, path: String) -> ServiceLocation? {
        let section = Self.sectionNames(name).lazy.compactMap { self.section($0) }.first
        var location = ServiceLocation(
            endpoint: section?["endpoint"]?.nonEmpty, region: section?["region"]?.nonEmpty, path: path)
        if name == nil, let bucket {
            for section in Self.bucketSections {
                guard let endpoint = sections[section]?[bucket]?.nonEmpty else { continue }
                location.endpoint = endpoint
                location.isCustomDomain = section == Self.domainSection
                // The bucket can be in another region than the others.
                location.region = (try? Endpoint(endpoint))?.impliedRegion ?? location.region
                break
            }
        }
        return location.endpoint == nil && location.region == nil ? nil : location
    }

    /// Returns the source of credentials that a section describes.
    ///
    /// - Parameter name: Name of the section or profile; `nil` for `Credentials`, or `default`.
    /// - Throws: ``OSSError`` without a secret.
    func source(
        profile name: String?, path: String, environment: EnvironmentVariables
    ) throws(OSSError) -> CredentialsSource {
        func unusable(_ reason: String) -> OSSError {
            OSSError(.credentialsUnavailable, "the credentials file \(path) \(reason)")
        }
        let names = Self.sectionNames(name)
        guard let section = names.lazy.compactMap({ self.section($0) }).first else {
            throw unusable("has no section [\(names[0])]")
        }
        func required(_ field: String, _ name: String) throws(OSSError) -> String {
            guard let value = section[field]?.nonEmpty else { throw unusable("has no \(name)") }
            return value
        }
        func keys() throws(OSSError) -> CredentialsSource {
            let credentials = Credentials(
                accessKeyID: section["accesskeyid"] ?? "", accessKeySecret: section["accesskeysecret"] ?? "",
                securityToken: section["ststoken"])
            try credentials.validate(from: path)
            return .fixed(credentials)
        }
        func role() throws(OSSError) -> RAMRole {
            RAMRole(
                try required("rolearn", "role ARN"), sessionName: section["rolesessionname"],
                seconds: section["tokentimeout"].flatMap { Int($0) }, policy: section["policy"],
                externalID: section["externalid"], stsRegion: section["stsregion"], environment: environment)
        }
        func ecsRAMRole(_ name: String?) throws(OSSError) -> CredentialsSource {
            guard let source = CredentialsSource.ecsRAMRole(name, environment) else {
                throw unusable("needs the ECS metadata service, which ALIBABA_CLOUD_ECS_METADATA_DISABLED disables")
            }
            return source
        }
        let mode = section["mode"] ?? section["type"] ?? ""
        switch mode.lowercased().filter({ $0 != "_" }) {
        case "":
            // Before ossutil had modes, the URL of the metadata service with the name of the role took precedence.
            guard let url = self.section("AkService")?["ecsak"]?.nonEmpty else { return try keys() }
            return try ecsRAMRole(url.split(separator: "/").last.map(String.init))
        case "ak", "accesskey", "ststoken", "sts": return try keys()
        case "ramrolearn": return .assumeRole(try role(), with: try keys())
        case "ecsramrole": return try ecsRAMRole(section["rolename"])
        case "oidcrolearn", "oidc":
            return .oidc(
                try role(), provider: try required("oidcproviderarn", "ARN of an OIDC provider"),
                tokenFile: try required("oidctokenfilepath", "path of an OIDC token"))
        default:
            throw unusable(
                "has the mode '\(mode.excerpt)', which is not supported; use AK, StsToken, RamRoleArn, "
                    + "EcsRamRole or OIDC"
            )
        }
    }

    /// Returns the canonical name of a field. Tools write `accessKeyID`, `access_key_id`, `access-key-id` or
    /// `oss_access_key_id`.
    private static func canonical(_ field: Substring) -> String {
        let plain = field.lowercased().filter { $0 != "_" && $0 != "-" }
        return switch plain {
        case "ossaccesskeyid": "accesskeyid"
        case "ossaccesskeysecret", "osssecretaccesskey", "secretaccesskey": "accesskeysecret"
        case "osssessiontoken", "sessiontoken", "securitytoken": "ststoken"
        case "ramrolearn": "rolearn"
        case "ecsrolename", "ramrolename": "rolename"
        case "oidctokenfile": "oidctokenfilepath"
        default: plain
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
