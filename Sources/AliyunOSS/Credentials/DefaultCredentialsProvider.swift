import Foundation

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
