/// No credentials: requests go out unsigned, which a public bucket accepts.
public struct AnonymousCredentialsProvider: CredentialsProvider {
    /// Makes the provider.
    public init() {}

    /// Always `nil`.
    public func credentials() async throws -> Credentials? { nil }
}

extension CredentialsProvider where Self == AnonymousCredentialsProvider {
    /// No credentials: requests go out unsigned, which a public bucket accepts.
    public static var anonymous: AnonymousCredentialsProvider { AnonymousCredentialsProvider() }
}
