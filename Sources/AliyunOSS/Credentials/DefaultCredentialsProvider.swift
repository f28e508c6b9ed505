import Foundation
import Synchronization

/// A provider that uses the first source of credentials that is configured, in the order of Aliyun's own clients.
///
/// 1. the variables of ``EnvironmentCredentialsProvider``
/// 2. the OIDC token of a pod in Container Service for Kubernetes (RRSA), if `ALIBABA_CLOUD_ROLE_ARN`,
///    `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` and `ALIBABA_CLOUD_OIDC_TOKEN_FILE` are set
/// 3. the first file of ``CredentialsFileProvider/defaultPaths`` that exists. `ALIBABA_CLOUD_CONFIG_FILE` and
///    `ALIBABA_CLOUD_CREDENTIALS_FILE` replace the last two paths, `ALIBABA_CLOUD_PROFILE` names the profile in them,
///    and `ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true` excludes the file of the aliyun command-line tool
/// 4. the RAM role of the ECS instance, unless `ALIBABA_CLOUD_ECS_METADATA_DISABLED` is `true`.
///    `ALIBABA_CLOUD_ECS_METADATA` names the role, and `ALIBABA_CLOUD_IMDSV1_DISABLED=false` permits requests without a
///    token
/// 5. the URI in `ALIBABA_CLOUD_CREDENTIALS_URI`
///
/// The first three sources are selected when the provider is created. A selected source that fails is an error: a
/// fallback could use a different account. Only an ECS role that was never available, and that no variable names, is
/// followed by the URI.
public struct DefaultCredentialsProvider: CredentialsProvider {
    /// The source to use, as far as it is known without a request.
    enum Choice: Equatable {
        case environment
        case file
        case source(CredentialsSource)
        /// The first of several sources that returns credentials. Empty if there is none.
        case firstAvailable([CredentialsSource])
    }

    private let chosen: any CredentialsProvider
    private let file: CredentialsFileProvider
    /// The source that is used, in words, such as `the file /home/ann/.ossutilconfig`. It contains no secret.
    public let description: String

    /// Creates a provider. No request is sent.
    ///
    /// - Parameters:
    ///   - environment: Variables to read. Default: those of the process.
    ///   - profile: Profile to read from the first of the files that contains it. The other sources are then not used.
    ///     Default: none.
    ///   - file: Provider for the third source. Default: the files above.
    ///   - transport: Transport for requests to STS, the metadata service and the URI. Default: a transport that all
    ///     providers share.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment, profile: String? = nil,
        file: CredentialsFileProvider? = nil, transport: (any HTTPTransport)? = nil
    ) {
        let variables = EnvironmentVariables(environment)
        self.file =
            file
            ?? Self.file(
                profile, variables, ProcessInfo.homeDirectory(environment: environment), environment, transport)
        guard profile == nil else {
            (chosen, description) = (self.file, self.file.description)
            return
        }
        switch Self.choice(variables, fileExists: self.file.exists) {
        case .environment:
            chosen = EnvironmentCredentialsProvider(environment: environment)
            description = EnvironmentCredentialsProvider.variable(in: variables) + " in the environment"
        case .file: (chosen, description) = (self.file, self.file.description)
        case .source(let source): (chosen, description) = (source.provider(transport: transport), source.description)
        case .firstAvailable(let sources):
            let available = AvailableCredentials(sources, transport: transport)
            chosen = RefreshingCredentialsProvider { try await available.fetch() }
            description = sources.map(\.description).joined(separator: " or ")
        }
    }

    /// Returns a provider for the files in the home directory, of which those without the profile are skipped.
    private static func file(
        _ profile: String?, _ variables: EnvironmentVariables, _ home: String, _ environment: [String: String],
        _ transport: (any HTTPTransport)?
    ) -> CredentialsFileProvider {
        var candidates = CredentialsFileProvider.candidates(variables, home: home)
        if let profile { for index in candidates.indices { candidates[index].profile = profile } }
        return CredentialsFileProvider(
            candidates: candidates, skipsOtherFiles: profile != nil, environment: environment, transport: transport)
    }

    /// Returns the endpoint and the region in the file of the third source, even if the credentials come from another
    /// one; `nil` if there is no file or it contains neither.
    ///
    /// - Parameter bucket: Name of a bucket that can have an endpoint of its own; see
    ///   ``CredentialsFileProvider/location(of:)``. Default: `nil`, for the service.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when the file cannot be read.
    public func location(of bucket: String? = nil) throws(OSSError) -> ServiceLocation? {
        try file.location(of: bucket)
    }

    /// Returns the source to use.
    static func choice(_ environment: EnvironmentVariables, fileExists: Bool) -> Choice {
        if EnvironmentCredentialsProvider.isSet(in: environment) { return .environment }
        if let source = CredentialsSource.oidc(environment) { return .source(source) }
        if fileExists { return .file }
        let role = CredentialsSource.ecsRAMRole(nil, environment)
        if let role, environment["ALIBABA_CLOUD_ECS_METADATA"] != nil { return .source(role) }
        let uri = environment["ALIBABA_CLOUD_CREDENTIALS_URI"].map { CredentialsSource.uri($0) }
        return .firstAvailable([role, uri].compactMap { $0 })
    }

    /// Returns the credentials from the selected source.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` that names the source, or the
    ///   variables to set if there is none.
    public func credentials() async throws -> Credentials? { try await chosen.credentials() }

    /// Makes the next request obtain other credentials, unless the source is the environment.
    public func invalidate(_ credentials: Credentials) async { await chosen.invalidate(credentials) }
}

extension DefaultCredentialsProvider: CustomStringConvertible, CustomReflectable {
    /// An empty mirror, because the source may contain secrets.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension CredentialsProvider where Self == DefaultCredentialsProvider {
    /// A provider that uses the first source of credentials that is configured: the environment, a file, or a RAM role.
    public static var `default`: DefaultCredentialsProvider { DefaultCredentialsProvider() }
}

/// The first of several sources that returns credentials. It is used from then on.
private final class AvailableCredentials: Sendable {
    private let sources: [CredentialsSource]
    private let transport: (any HTTPTransport)?
    private let chosen = Mutex<CredentialsSource?>(nil)

    init(_ sources: [CredentialsSource], transport: (any HTTPTransport)?) {
        self.sources = sources
        self.transport = transport
    }

    func fetch() async throws -> Credentials {
        if let source = chosen.withLock({ $0 }) { return try await fetch(from: source, isKnown: true) }
        var problems: [String] = []
        for source in sources {
            do {
                let credentials = try await fetch(from: source, isKnown: false)
                chosen.withLock { $0 = source }
                return credentials
            } catch let error as OSSError {
                problems.append(error.message)
            }
        }
        throw problems.reduce(EnvironmentCredentialsProvider.notSet) { $0.explained($1) }
    }

    private func fetch(from source: CredentialsSource, isKnown: Bool) async throws -> Credentials {
        if case .ecsRAMRole(let role, let allowsV1) = source {
            // On other machines, every attempt takes until the time limit.
            return try await MetadataService(
                role: role, allowsV1: allowsV1, transport: transport ?? CredentialsTransport.direct,
                maximumAttempts: isKnown ? 3 : 1
            ).fetch()
        }
        guard let credentials = try await source.provider(transport: transport).credentials() else {
            throw EnvironmentCredentialsProvider.notSet
        }
        return credentials
    }
}
