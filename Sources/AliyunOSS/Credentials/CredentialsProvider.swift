/// Where the credentials of a bucket come from. It is asked before every attempt of every request, so it answers from
/// memory whenever it can.
///
/// The library's own providers are found after a dot:
///
/// ```swift
/// try Bucket("photos", region: "cn-hangzhou", credentials: .environment)
/// try Bucket("photos", region: "cn-hangzhou", credentials: .refreshing { try await assumeRole() })
/// ```
public protocol CredentialsProvider: Sendable {
    /// The credentials to sign with now; `nil` sends the request unsigned (anonymous access).
    ///
    /// - Throws: whatever keeps the provider from having any; the request fails with
    ///   ``OSSError/Code/credentialsUnavailable``.
    func credentials() async throws -> Credentials?

    /// The service refused these credentials as expired or invalid: do not give them out again if others can be had.
    ///
    /// The default does nothing.
    func invalidate(_ credentials: Credentials) async
}

extension CredentialsProvider {
    /// Does nothing: for providers that have no others to give.
    public func invalidate(_ credentials: Credentials) async {}
}

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
