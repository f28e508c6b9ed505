/// Credentials that are known and never change.
public struct StaticCredentialsProvider: CredentialsProvider {
    private let fixed: Credentials

    /// Makes a provider of these credentials.
    public init(_ credentials: Credentials) {
        fixed = credentials
    }

    /// The credentials it was made with.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when a part is empty or cannot be sent.
    public func credentials() async throws -> Credentials? {
        try fixed.validate()
        return fixed
    }
}

extension CredentialsProvider where Self == StaticCredentialsProvider {
    /// Credentials that are known and never change.
    ///
    /// Do not write a secret into source code: this is for one that was read from a safe place.
    public static func `static`(
        accessKeyID: String, accessKeySecret: String, securityToken: String? = nil
    ) -> StaticCredentialsProvider {
        StaticCredentialsProvider(
            Credentials(accessKeyID: accessKeyID, accessKeySecret: accessKeySecret, securityToken: securityToken))
    }
}
