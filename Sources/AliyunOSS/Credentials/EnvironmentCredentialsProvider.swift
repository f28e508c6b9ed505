import Foundation

/// A provider that reads credentials from the variables `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and, if set,
/// `OSS_SESSION_TOKEN`.
///
/// If neither of the first two is set, the variables of Aliyun's other tools are read: `ALIBABA_CLOUD_ACCESS_KEY_ID`,
/// `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, if set, `ALIBABA_CLOUD_SECURITY_TOKEN`. The environment is read once, when
/// the provider is created. An empty variable counts as not set.
public struct EnvironmentCredentialsProvider: CredentialsProvider {
    /// The names of the variables for one key pair.
    private struct Names {
        let id, secret, token: String

        func areSet(in environment: EnvironmentVariables) -> Bool {
            environment[id] != nil || environment[secret] != nil
        }

        static let oss = Names(
            id: "OSS_ACCESS_KEY_ID", secret: "OSS_ACCESS_KEY_SECRET", token: "OSS_SESSION_TOKEN")
        static let aliyun = Names(
            id: "ALIBABA_CLOUD_ACCESS_KEY_ID", secret: "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            token: "ALIBABA_CLOUD_SECURITY_TOKEN")
    }

    private let result: Result<Credentials, OSSError>

    /// Creates a provider, reading the environment immediately.
    ///
    /// - Parameter environment: Variables to read. Default: those of the process.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        // Only the result is stored: a dump of a copy of the environment would show the secret.
        result = Result { () throws(OSSError) in try Self.read(EnvironmentVariables(environment)) }
    }

    /// Returns the credentials from the environment.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` that names the variables to set.
    public func credentials() async throws -> Credentials? { try result.get() }

    /// The error if no variable is set.
    static let notSet = OSSError(
        .credentialsUnavailable,
        "no credentials: set \(Names.oss.id) and \(Names.oss.secret) in the environment "
            + "(and \(Names.oss.token) if they are temporary)")

    /// Returns the name of the variable from which the access key ID is read.
    static func variable(in environment: EnvironmentVariables) -> String { names(in: environment).id }

    private static func names(in environment: EnvironmentVariables) -> Names {
        !Names.oss.areSet(in: environment) && Names.aliyun.areSet(in: environment) ? Names.aliyun : Names.oss
    }

    /// Returns whether at least one of the required variables is set.
    static func isSet(in environment: EnvironmentVariables) -> Bool {
        Names.oss.areSet(in: environment) || Names.aliyun.areSet(in: environment)
    }

    private static func read(_ environment: EnvironmentVariables) throws(OSSError) -> Credentials {
        // Names are not mixed: an ID and a secret of different sets would belong to different keys.
        let names = names(in: environment)
        let missing = [names.id, names.secret].filter { environment[$0] == nil }
        guard missing.count < 2 else { throw notSet }
        guard let id = environment[names.id], let secret = environment[names.secret] else {
            throw OSSError(
                .credentialsUnavailable,
                "incomplete credentials: set \(missing.joined()) in the environment as well")
        }
        let credentials = Credentials(
            accessKeyID: id, accessKeySecret: secret, securityToken: environment[names.token])
        try credentials.validate(id: names.id, secret: names.secret, token: names.token, from: "the environment")
        return credentials
    }
}

extension CredentialsProvider where Self == EnvironmentCredentialsProvider {
    /// A provider that immediately reads credentials from `OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET` and
    /// `OSS_SESSION_TOKEN`, or from the variables of Aliyun's other tools.
    public static var environment: EnvironmentCredentialsProvider { EnvironmentCredentialsProvider() }
}
