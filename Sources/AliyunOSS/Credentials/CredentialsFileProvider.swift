import Foundation
import Synchronization

/// A provider that reads credentials, or the way to obtain them, from a configuration file of Aliyun's tools.
///
/// * `~/.ossutilconfig` of ossutil: the modes AK, StsToken, RamRoleArn and EcsRamRole
/// * `~/.oss/credentials` of the Java SDK of OSS
/// * `~/.aliyun/config.json` of the aliyun command-line tool: the modes AK, StsToken, RamRoleArn, ChainableRamRoleArn,
///   EcsRamRole, OIDC, External and CredentialsURI
/// * `~/.alibabacloud/credentials` of Aliyun's credentials clients: the types access_key, sts, ram_role_arn,
///   ecs_ram_role and oidc_role_arn
///
/// ```ini
/// [Credentials]
/// accessKeyID = LTAI…
/// accessKeySecret = …
/// stsToken = …
/// ```
///
/// The content determines the format. The file is read when credentials are first needed, and again after the service
/// rejects credentials that the file contains.
public final class CredentialsFileProvider: CredentialsProvider {
    /// Paths of the default files in the home directory, in order of preference. The home directory is `$HOME` if that
    /// is an absolute path; otherwise, it is the directory of the account.
    public static var defaultPaths: [String] {
        candidates(EnvironmentVariables([:]), home: ProcessInfo.homeDirectory()).map(\.path)
    }

    /// A file that may exist, and the profile in it.
    struct Candidate: Sendable, Equatable {
        var path: String
        var profile: String?
        /// Whether the file must exist, because a variable or the caller names it.
        var isNamed = false
    }

    private static let maximumSize = 1 << 20

    private let candidates: [Candidate]
    /// Whether files that do not contain the profile are skipped.
    private let skipsOtherFiles: Bool
    private let environment: EnvironmentVariables
    private let transport: (any HTTPTransport)?
    private let cached = Mutex<(any CredentialsProvider)?>(nil)

    /// Creates a provider without reading the file.
    ///
    /// - Parameters:
    ///   - path: Path of the file. Default: the first of ``defaultPaths`` that exists.
    ///   - profile: Section or profile to read. Default: `Credentials`, or `default`; in the file of the aliyun
    ///     command-line tool, the current profile.
    ///   - transport: Transport for the requests that some modes need. Default: a transport that all providers share.
    public convenience init(
        path: String? = nil, profile: String? = nil, transport: (any HTTPTransport)? = nil
    ) {
        self.init(
            candidates: (path.map { [$0] } ?? Self.defaultPaths).map { Candidate(path: $0, profile: profile) },
            environment: ProcessInfo.processInfo.environment, transport: transport)
    }

    init(
        candidates: [Candidate], skipsOtherFiles: Bool = false, environment: [String: String],
        transport: (any HTTPTransport)?
    ) {
        self.candidates = candidates
        self.skipsOtherFiles = skipsOtherFiles
        self.environment = EnvironmentVariables(environment)
        self.transport = transport
    }

    /// Returns the files to look for, in order of preference.
    static func candidates(_ environment: EnvironmentVariables, home: String) -> [Candidate] {
        var candidates = [".ossutilconfig", ".oss/credentials"].map { Candidate(path: "\(home)/\($0)") }
        func add(_ variable: String, _ file: String) {
            let named = environment[variable]
            candidates.append(
                Candidate(
                    path: named ?? "\(home)/\(file)", profile: environment["ALIBABA_CLOUD_PROFILE"],
                    isNamed: named != nil))
        }
        if !environment.isTrue("ALIBABA_CLOUD_CLI_PROFILE_DISABLED") {
            add("ALIBABA_CLOUD_CONFIG_FILE", ".aliyun/config.json")
        }
        add("ALIBABA_CLOUD_CREDENTIALS_FILE", ".alibabacloud/credentials")
        return candidates
    }

    /// Returns the credentials that the file contains or describes.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when the file does not exist or
    ///   has no usable credentials, or when its source of credentials fails.
    public func credentials() async throws -> Credentials? { try await provider().credentials() }

    /// Discards the credentials. If they are in the file, the next request reads it again.
    public func invalidate(_ credentials: Credentials) async {
        guard let provider = cached.withLock({ $0 }) else { return }
        guard provider is StaticCredentialsProvider else { return await provider.invalidate(credentials) }
        guard (try? await provider.credentials()) == credentials else { return }
        cached.withLock { $0 = nil }
    }

    private func provider() throws -> any CredentialsProvider {
        if let known = cached.withLock({ $0 }) { return known }
        let source: CredentialsSource
        do {
            source = try read()
        } catch {
            // A pipe without a writer is waited for until the task is cancelled.
            try Task.checkCancellation()
            throw error
        }
        return cached.withLock { cached in
            // A concurrent call may have created a provider, which has a fetch in flight.
            if let known = cached { return known }
            let provider = source.provider(transport: transport)
            cached = provider
            return provider
        }
    }

    /// Whether at least one of the files exists, or must exist.
    var exists: Bool { existing != nil }

    private var existing: Candidate? {
        candidates.first { candidate in
            guard candidate.isNamed || FileManager.default.fileExists(atPath: candidate.path) else { return false }
            guard skipsOtherFiles, let profile = candidate.profile else { return true }
            return (try? document(candidate).hasProfile(profile)) == true
        }
    }

    private func read() throws(OSSError) -> CredentialsSource {
        guard let candidate = existing else { throw missing }
        return try document(candidate).source(candidate, environment)
    }

    /// The error if there is no file, or none with the profile.
    private var missing: OSSError {
        let paths = candidates.map(\.path).joined(separator: " or ")
        let profile = skipsOtherFiles ? candidates.first?.profile : nil
        return OSSError(
            .credentialsUnavailable,
            profile.map { "no credentials: there is no profile '\($0.excerpt)' in \(paths)" }
                ?? "no credentials: there is no file \(paths)")
    }

    private func document(_ candidate: Candidate) throws(OSSError) -> ConfigurationDocument {
        let path = candidate.path
        let bytes: Data
        do {
            bytes = Data(try OpenFile.reading(path).contents(atMost: Self.maximumSize + 1))
        } catch {
            throw OSSError(.credentialsUnavailable, "the credentials file \(path) cannot be read", underlying: error)
        }
        guard bytes.count <= Self.maximumSize, let text = String(data: bytes, encoding: .utf8) else {
            throw OSSError(
                .credentialsUnavailable,
                "the credentials file \(path) is larger than 1 MiB or is not valid UTF-8; check that it is the right file"
            )
        }
        guard text.first(where: { !$0.isWhitespace }) == "{" else { return .sections(CredentialsFile(text)) }
        return .profiles(try CLIConfiguration(bytes, path: path))
    }

    /// Returns the endpoint and the region that the file contains, or `nil` if there is no file or it contains neither.
    ///
    /// - Parameter bucket: Name of a bucket, for which the sections `Bucket-Cname` and `Bucket-Endpoint` of ossutil can
    ///   contain another endpoint. They belong to the default profile. Default: `nil`, for the service.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when the file cannot be read, or no file
    ///   contains the profile that ``DefaultCredentialsProvider`` was created with.
    public func location(of bucket: String? = nil) throws(OSSError) -> ServiceLocation? {
        guard let candidate = existing else {
            if skipsOtherFiles { throw missing }
            return nil
        }
        switch try document(candidate) {
        case .sections(let file):
            return file.location(profile: candidate.profile, bucket: bucket, path: candidate.path)
        case .profiles(let file):
            return file.region(profile: candidate.profile).map { ServiceLocation(region: $0, path: candidate.path) }
        }
    }
}

/// An endpoint and a region in a configuration file of Aliyun's tools.
public struct ServiceLocation: Sendable, Hashable {
    /// Endpoint, such as `oss-cn-hangzhou.aliyuncs.com`; `nil` if the file contains none.
    public var endpoint: String?
    /// ID of the region, such as `cn-hangzhou`; `nil` if the file contains none.
    public var region: String?
    /// Path of the file.
    public var path: String
    /// Whether the endpoint is a custom domain that is bound to the bucket, which requires ``AddressingStyle/cname``.
    public var isCustomDomain = false
}

/// The content of a configuration file.
private enum ConfigurationDocument {
    case sections(CredentialsFile)
    case profiles(CLIConfiguration)

    func hasProfile(_ name: String) -> Bool {
        switch self {
        case .sections(let file): file.hasProfile(name)
        case .profiles(let file): file.hasProfile(name)
        }
    }

    func source(
        _ candidate: CredentialsFileProvider.Candidate, _ environment: EnvironmentVariables
    ) throws(OSSError) -> CredentialsSource {
        switch self {
        case .sections(let file):
            try file.source(profile: candidate.profile, path: candidate.path, environment: environment)
        case .profiles(let file):
            try file.source(profile: candidate.profile, path: candidate.path, environment: environment)
        }
    }
}

extension CredentialsFileProvider: CustomStringConvertible {
    /// The path of the file and, if it is not the default one, the profile.
    public var description: String {
        let candidate = existing ?? candidates.first
        let profile = candidate?.profile.map { "the profile '\($0)' in " } ?? ""
        return profile + "the file \(candidate?.path ?? "")"
    }
}

extension CredentialsFileProvider: CustomReflectable {
    /// A mirror with the paths but no credentials.
    public var customMirror: Mirror { Mirror(self, children: ["paths": candidates.map(\.path)]) }
}

extension CredentialsProvider where Self == CredentialsFileProvider {
    /// Returns a provider that reads credentials from a file. Default: the first of
    /// ``CredentialsFileProvider/defaultPaths`` that exists.
    public static func file(_ path: String? = nil, profile: String? = nil) -> CredentialsFileProvider {
        CredentialsFileProvider(path: path, profile: profile)
    }
}
