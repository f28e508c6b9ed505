import Foundation
import OSSPrimitives

/// A condition that a form must meet for its file to be stored.
public struct PostCondition: Sendable, Hashable {
    enum Rule: Hashable {
        case equals(String)
        case startsWith(String)
        case isOneOf([String])
        case isNotOneOf([String])
        case length(ClosedRange<Int64>)
    }

    let field: String
    let rule: Rule

    /// Returns the condition that a field has a value. The form contains the field with this value.
    ///
    /// The service replaces `${filename}` in the field `key` by the name of the file after it checks the policy.
    public static func equals(_ field: String, _ value: String) -> PostCondition {
        PostCondition(field: field, rule: .equals(value))
    }

    /// Returns the condition that the value of a field starts with a prefix. An empty prefix permits any value.
    public static func startsWith(_ field: String, _ prefix: String) -> PostCondition {
        PostCondition(field: field, rule: .startsWith(prefix))
    }

    /// Returns the condition that a field has one of several values, such as the content types `image/png` and
    /// `image/jpeg`.
    public static func isOneOf(_ field: String, _ values: [String]) -> PostCondition {
        PostCondition(field: field, rule: .isOneOf(values))
    }

    /// Returns the condition that a field has none of several values.
    public static func isNotOneOf(_ field: String, _ values: [String]) -> PostCondition {
        PostCondition(field: field, rule: .isNotOneOf(values))
    }

    /// Returns the condition that the file has a size in bytes within a range, for example `1...10 << 20`.
    public static func contentLength(_ range: ClosedRange<Int64>) -> PostCondition {
        PostCondition(field: "content-length-range", rule: .length(range))
    }
}

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
    ///   including if the provider is anonymous or a ``BucketConfiguration/signer`` is set.
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
        guard let credentials = try await client.fetchCredentials(operation, attempts: 0, before: nil) else {
            throw client.describe(.noCredentialsToSignWith, operation, attempts: 0)
        }
        guard let url = URL(string: client.endpoint.url(bucket: name, key: nil)) else {
            throw client.describe(OSSError(.invalidArgument, "the bucket has no valid URL"), operation, attempts: 0)
        }
        let identity = client.signer.formFields(credentials: credentials, at: date)
        var policy = PostPolicy(
            expiration: Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down) + TimeInterval(seconds)),
            conditions: [.equals("bucket", name)] + conditions)
        try policy.validate()
        var fields = policy.fixedFields
        if client.signer.version == .v4 {
            policy.conditions += identity.map { .equals($0.name, $0.value) }
        }
        let text = try policy.document().base64EncodedString()
        fields += identity + [("policy", text)]
        fields.append(client.signer.formSignature(ofPolicy: text, credentials: credentials, at: date))
        return PostForm(
            url: url, fields: fields, expiration: min(policy.expiration, credentials.expiration ?? .distantFuture))
    }
}
