import Foundation

/// Credentials from `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and, if there is one, `OSS_SESSION_TOKEN`.
///
/// The environment is read once, when the provider is made. A variable that is set to nothing counts as not set.
public struct EnvironmentCredentialsProvider: CredentialsProvider {
    private enum Variable {
        static let id = "OSS_ACCESS_KEY_ID"
        static let secret = "OSS_ACCESS_KEY_SECRET"
        static let token = "OSS_SESSION_TOKEN"
    }

    private let result: Result<Credentials, OSSError>

    /// Reads the environment.
    ///
    /// - Parameter environment: The variables to read. Default: those of the process.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        // Only the outcome is kept: a copy of the environment would show the secret to whoever dumps this value.
        result = Result { () throws(OSSError) in try Self.read(environment) }
    }

    /// The credentials that were in the environment.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` that names the variables to set.
    public func credentials() async throws -> Credentials? { try result.get() }

    /// Whether one of the variables that are needed is there.
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
    /// Credentials from `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and `OSS_SESSION_TOKEN`, read now.
    public static var environment: EnvironmentCredentialsProvider { EnvironmentCredentialsProvider() }
}

/// Credentials from the environment, or from a file when none of the variables is set: what a command-line tool wants.
///
/// Variables that are set in part, or wrongly, are an error. Falling back to a file then could use another account than
/// the one that was meant.
public struct DefaultCredentialsProvider: CredentialsProvider {
    private let chosen: any CredentialsProvider

    /// Chooses, now.
    ///
    /// - Parameters:
    ///   - environment: The variables to read. Default: those of the process.
    ///   - file: The file to fall back to. Default: `~/.ossutilconfig` or `~/.oss/credentials`.
    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        file: CredentialsFileProvider = CredentialsFileProvider()
    ) {
        // Without either, the environment says what to set.
        if !EnvironmentCredentialsProvider.isSet(in: environment), file.exists {
            chosen = file
        } else {
            chosen = EnvironmentCredentialsProvider(environment: environment)
        }
    }

    /// The credentials that were found.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` that says what to set.
    public func credentials() async throws -> Credentials? { try await chosen.credentials() }

    /// Reads the file again, if it is a file.
    public func invalidate(_ credentials: Credentials) async { await chosen.invalidate(credentials) }
}

extension CredentialsProvider where Self == DefaultCredentialsProvider {
    /// Credentials from the environment, or from `~/.ossutilconfig` or `~/.oss/credentials`.
    public static var `default`: DefaultCredentialsProvider { DefaultCredentialsProvider() }
}
