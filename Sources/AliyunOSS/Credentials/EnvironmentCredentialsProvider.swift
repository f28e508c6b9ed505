import Foundation

/// A provider that reads credentials from the variables `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and, if set,
/// `OSS_SESSION_TOKEN`.
///
/// The environment is read once, when the provider is created. An empty variable counts as not set.
public struct EnvironmentCredentialsProvider: CredentialsProvider {
    private enum Variable {
        static let id = "OSS_ACCESS_KEY_ID"
        static let secret = "OSS_ACCESS_KEY_SECRET"
        static let token = "OSS_SESSION_TOKEN"
    }

    private let result: Result<Credentials, OSSError>

    /// Creates a provider, reading the environment immediately.
    ///
    /// - Parameter environment: Variables to read. Default: those of the process.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        // Only the result is stored: a dump of a copy of the environment would show the secret.
        result = Result { () throws(OSSError) in try Self.read(environment) }
    }

    /// Returns the credentials from the environment.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` that names the variables to set.
    public func credentials() async throws -> Credentials? { try result.get() }

    /// Returns whether at least one of the required variables is set.
    static func isSet(in environment: [String: String]) -> Bool {
        [Variable.id, Variable.secret].contains { environment[$0]?.isEmpty == false }
    }

    private static func read(_ environment: [String: String]) throws(OSSError) -> Credentials {
        let missing = [Variable.id, Variable.secret].filter { environment[$0]?.isEmpty ?? true }
        guard missing.isEmpty, let id = environment[Variable.id], let secret = environment[Variable.secret] else {
            throw OSSError(
                .credentialsUnavailable,
                missing.count == 2
                    ? "no credentials: set \(Variable.id) and \(Variable.secret) in the environment "
                        + "(and \(Variable.token) if they are temporary)"
                    : "incomplete credentials: set \(missing.joined()) in the environment as well")
        }
        let credentials = Credentials(
            accessKeyID: id, accessKeySecret: secret, securityToken: environment[Variable.token])
        try credentials.validate(
            id: Variable.id, secret: Variable.secret, token: Variable.token, from: "the environment")
        return credentials
    }
}

extension CredentialsProvider where Self == EnvironmentCredentialsProvider {
    /// A provider that immediately reads credentials from `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and
    /// `OSS_SESSION_TOKEN`.
    public static var environment: EnvironmentCredentialsProvider { EnvironmentCredentialsProvider() }
}

/// A provider that reads credentials from the environment, or from a file if none of the variables is set. Command-line
/// tools usually look for credentials in this order.
///
/// Incomplete or invalid variables are an error: a fallback to a file could use a different account.
public struct DefaultCredentialsProvider: CredentialsProvider {
    private let chosen: any CredentialsProvider

    /// Creates a provider. The source is selected immediately.
    ///
    /// - Parameters:
    ///   - environment: Variables to read. Default: those of the process.
    ///   - file: Provider to fall back to. Default: `~/.ossutilconfig` or `~/.oss/credentials`.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        file: CredentialsFileProvider = CredentialsFileProvider()
    ) {
        // Without variables and without a file, the error of the environment provider names the variables to set.
        if !EnvironmentCredentialsProvider.isSet(in: environment), file.exists {
            chosen = file
        } else {
            chosen = EnvironmentCredentialsProvider(environment: environment)
        }
    }

    /// Returns the credentials from the selected source.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` that names the variables to set.
    public func credentials() async throws -> Credentials? { try await chosen.credentials() }

    /// Makes the next request read the file again, if the source is a file.
    public func invalidate(_ credentials: Credentials) async { await chosen.invalidate(credentials) }
}

extension CredentialsProvider where Self == DefaultCredentialsProvider {
    /// A provider that reads credentials from the environment, or from `~/.ossutilconfig` or `~/.oss/credentials`.
    public static var `default`: DefaultCredentialsProvider { DefaultCredentialsProvider() }
}
