/// Credentials from a closure that is called before every attempt and keeps its own cache, if it needs one.
///
/// For credentials that are fetched over the network use ``RefreshingCredentialsProvider``, which calls its closure only
/// when they are about to expire.
public struct ClosureCredentialsProvider: CredentialsProvider {
    private let closure: @Sendable () async throws -> Credentials?

    /// Makes a provider that asks `closure` each time; `nil` is anonymous access.
    public init(_ closure: @escaping @Sendable () async throws -> Credentials?) {
        self.closure = closure
    }

    /// What the closure returns.
    ///
    /// - Throws: what the closure throws, or ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when a part
    ///   of what it returned is empty or cannot be sent.
    public func credentials() async throws -> Credentials? {
        let credentials = try await closure()
        try credentials?.validate()
        return credentials
    }
}

extension CredentialsProvider where Self == ClosureCredentialsProvider {
    /// Credentials from a closure that is called before every attempt of every request.
    public static func closure(
        _ closure: @escaping @Sendable () async throws -> Credentials?
    ) -> ClosureCredentialsProvider {
        ClosureCredentialsProvider(closure)
    }
}
