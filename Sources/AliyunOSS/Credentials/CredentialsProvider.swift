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
