// Snippet uses: assumeRole: @Sendable () async throws -> Credentials
/// A source of credentials for a bucket.
///
/// A bucket asks its provider before every attempt of every request, so a provider should return credentials from memory
/// whenever it can. The library's own providers are available as static members:
///
/// ```swift
/// try Bucket("photos", region: "cn-hangzhou", credentials: .environment)
/// try Bucket("photos", region: "cn-hangzhou", credentials: .ecsRAMRole())
/// try Bucket("photos", region: "cn-hangzhou", credentials: .refreshing { try await assumeRole() })
/// ```
public protocol CredentialsProvider: Sendable {
    /// Returns the credentials to sign a request with, or `nil` to send it unsigned (anonymous access).
    ///
    /// - Throws: Any error; the request then fails with ``OSSError/Code/credentialsUnavailable``.
    func credentials() async throws -> Credentials?

    /// Reports that the service rejected credentials as expired or invalid. The provider should not return them again if it
    /// can obtain others.
    ///
    /// The default implementation does nothing.
    func invalidate(_ credentials: Credentials) async
}

/// A provider that returns as soon as its task is cancelled. Any other provider may never return, so a request must be
/// able to abandon it, which takes another task.
protocol CancellableCredentialsProvider: CredentialsProvider {}

extension StaticCredentialsProvider: CancellableCredentialsProvider {}
extension AnonymousCredentialsProvider: CancellableCredentialsProvider {}
extension EnvironmentCredentialsProvider: CancellableCredentialsProvider {}
extension DefaultCredentialsProvider: CancellableCredentialsProvider {}
extension CredentialsFileProvider: CancellableCredentialsProvider {}
extension RefreshingCredentialsProvider: CancellableCredentialsProvider {}

extension CredentialsProvider {
    /// Does nothing.
    public func invalidate(_ credentials: Credentials) async {}
}

/// A provider of fixed credentials.
public struct StaticCredentialsProvider: CredentialsProvider {
    private let fixed: Credentials

    /// Creates a provider that returns the given credentials.
    public init(_ credentials: Credentials) {
        fixed = credentials
    }

    /// Returns the fixed credentials.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when a part is empty or cannot be sent.
    public func credentials() async throws -> Credentials? {
        try fixed.validate()
        return fixed
    }
}

extension CredentialsProvider where Self == StaticCredentialsProvider {
    /// Returns a provider of fixed credentials. Do not write a secret into source code.
    public static func `static`(
        accessKeyID: String, accessKeySecret: String, securityToken: String? = nil
    ) -> StaticCredentialsProvider {
        StaticCredentialsProvider(
            Credentials(accessKeyID: accessKeyID, accessKeySecret: accessKeySecret, securityToken: securityToken))
    }
}

/// A provider without credentials. Requests are sent unsigned, which a public bucket accepts.
public struct AnonymousCredentialsProvider: CredentialsProvider {
    /// Creates a provider without credentials.
    public init() {}

    /// Returns `nil`, which stands for anonymous access.
    public func credentials() async -> Credentials? { nil }
}

extension CredentialsProvider where Self == AnonymousCredentialsProvider {
    /// A provider without credentials. Requests are sent unsigned, which a public bucket accepts.
    public static var anonymous: AnonymousCredentialsProvider { AnonymousCredentialsProvider() }
}

/// A provider that calls a closure before every attempt of every request.
///
/// For credentials that are fetched over the network, use ``RefreshingCredentialsProvider``, which calls its closure
/// only shortly before the credentials expire.
public struct ClosureCredentialsProvider: CredentialsProvider {
    private let closure: @Sendable () async throws -> Credentials?

    /// Creates a provider from a closure that returns credentials, or `nil` for anonymous access.
    public init(_ closure: @escaping @Sendable () async throws -> Credentials?) {
        self.closure = closure
    }

    /// Returns the credentials that the closure returns.
    ///
    /// - Throws: Any error of the closure, or ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when a part
    ///   of the credentials is empty or cannot be sent.
    public func credentials() async throws -> Credentials? {
        let credentials = try await closure()
        try credentials?.validate()
        return credentials
    }
}

extension CredentialsProvider where Self == ClosureCredentialsProvider {
    /// Returns a provider that calls a closure before every attempt of every request.
    public static func closure(
        _ closure: @escaping @Sendable () async throws -> Credentials?
    ) -> ClosureCredentialsProvider {
        ClosureCredentialsProvider(closure)
    }
}
