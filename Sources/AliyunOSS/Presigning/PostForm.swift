import Foundation

/// A form with which a browser can upload a file to a bucket until it expires, without credentials.
///
/// Send the fields in their order as `multipart/form-data`, followed by the field `file`, which must be the last one.
/// The fields are a secret: descriptions of this value omit their values.
public struct PostForm: Sendable {
    /// URL to which the form is sent with POST.
    public var url: URL
    /// Fields of the form, in order. A field without a fixed value, such as `key` after
    /// ``PostCondition/startsWith(_:_:)``, is not included.
    public var fields: [(name: String, value: String)]
    /// Time at which the form expires. The service's clock decides.
    public var expiration: Date
}

extension PostForm: CustomStringConvertible, CustomReflectable {
    /// The URL and the names of the fields.
    public var description: String { "POST \(url) (\(fields.map(\.name).joined(separator: ", ")))" }

    /// A mirror with the same information as ``description``.
    public var customMirror: Mirror { Mirror(self, children: ["form": description]) }
}

extension Bucket {
    /// Returns a form with which a browser can upload a file, without credentials, until it expires. (PostObject)
    ///
    /// ```swift
    /// let form = try await bucket.postForm(
    ///     [.startsWith("key", "avatars/42/"), .isOneOf("content-type", ["image/png"]), .contentLength(1...1 << 20)],
    ///     expiresIn: .minutes(30))
    /// ```
    ///
    /// - Parameters:
    ///   - conditions: Conditions that the form must meet. The condition for the bucket is added. Without a condition
    ///     for `key`, the form can replace any object.
    ///   - validity: Period for which the form is valid, at least one second and, with V4, at most seven days; rounded
    ///     up to seconds. A form that was signed with temporary credentials expires with them.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``, or ``OSSError/Code/credentialsUnavailable``,
    ///   including if the provider is anonymous, or a ``BucketConfiguration/signer`` signs no forms
    ///   (``RequestSigner/signature(for:at:)``).
    public nonisolated func postForm(
        _ conditions: [PostCondition], expiresIn validity: Duration
    ) async throws -> PostForm {
        try await postForm(conditions, at: client.now, seconds: client.signer.checkedSeconds(of: validity))
    }

    /// Returns a form with which a browser can upload a file, without credentials, until a date. (PostObject)
    ///
    /// - Parameters:
    ///   - conditions: Conditions that the form must meet, as in ``postForm(_:expiresIn:)``.
    ///   - expiration: Time at which the form expires, rounded down to seconds; with V4, at most seven days from now.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``, or ``OSSError/Code/credentialsUnavailable``.
    public nonisolated func postForm(
        _ conditions: [PostCondition], expiresAt expiration: Date
    ) async throws -> PostForm {
        let now = client.now
        let seconds = try client.signer.seconds(until: expiration, from: now)
        return try await postForm(conditions, at: now, seconds: seconds)
    }

    private nonisolated func postForm(
        _ conditions: [PostCondition], at date: Date, seconds: Int64
    ) async throws -> PostForm {
        let operation = Operation("PostObject", .post)
        guard let url = URL(string: client.endpoint.url(bucket: name, key: nil)) else {
            throw client.describe(OSSError(.invalidArgument, "the bucket has no valid URL"), operation, attempts: 0)
        }
        let policy = PostPolicy(
            expiration: Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down) + TimeInterval(seconds)),
            conditions: [.equals("bucket", name)] + conditions)
        do {
            try policy.validate()
            let (signature, end) = try await client.signature(of: policy, for: operation, at: date)
            let signed = signature.fields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
            return PostForm(url: url, fields: policy.fixedFields + signed, expiration: min(policy.expiration, end))
        } catch let error as OSSError {
            throw client.describe(error, operation, attempts: 0)
        }
    }
}

extension Client {
    /// Returns the signature of a policy, and the time at which the credentials expire that signed it.
    fileprivate func signature(
        of policy: PostPolicy, for operation: Operation, at date: Date
    ) async throws -> (RequestSignature, end: Date) {
        if let remote = configuration.signer {
            let deadline = configuration.deadline.map { ContinuousClock.now + $0 }
            return (try await remote.signature(of: policy, at: date, before: deadline), .distantFuture)
        }
        guard let credentials = try await fetchCredentials(operation, attempts: 0, before: nil) else {
            throw OSSError.noCredentialsToSignWith
        }
        let signature = try signer.signature(of: policy, credentials: credentials, at: date)
        return (signature, credentials.expiration ?? .distantFuture)
    }
}
