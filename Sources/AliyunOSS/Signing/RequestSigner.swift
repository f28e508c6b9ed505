import Foundation

/// A signer of requests, for clients that must not hold a secret.
///
/// A client with a signer (``BucketConfiguration/signer``) has no credentials. It sends a description of each request
/// to a server of your own, which decides whether the client may send the request, and returns its signature:
///
/// ```swift
/// struct RemoteSigner: RequestSigner {
///     let askServer: @Sendable (SignableRequest, Date, Int?) async throws -> RequestSignature   // all types are Codable
///
///     func signature(for request: SignableRequest, at date: Date, validFor seconds: Int?) async throws
///         -> RequestSignature
///     {
///         try await askServer(request, date, seconds)
///     }
/// }
/// ```
///
/// The server checks the method, the bucket and the key of the request, and signs it with a ``CredentialsSigner``.
public protocol RequestSigner: Sendable {
    /// Returns the signature of a request. It is called for each attempt.
    ///
    /// - Parameters:
    ///   - request: The request, without percent-encoding.
    ///   - date: Time of the signature, according to the service's clock.
    ///   - seconds: Validity of a presigned URL in seconds, or `nil` for a signature in the headers.
    /// - Throws: Any error; the request then fails with ``OSSError/Code/credentialsUnavailable``.
    func signature(
        for request: SignableRequest, at date: Date, validFor seconds: Int?
    ) async throws -> RequestSignature

    /// Returns the signature of the policy of a form (``Bucket/postForm(_:expiresIn:)``), in
    /// ``RequestSignature/fields``. Default: throws an error with code ``OSSError/Code/credentialsUnavailable``.
    ///
    /// - Parameters:
    ///   - policy: The policy, without conditions for the fields that identify the signer.
    ///   - date: Time of the signature, according to the service's clock.
    /// - Throws: Any error; the call then fails with ``OSSError/Code/credentialsUnavailable``.
    func signature(for policy: PostPolicy, at date: Date) async throws -> RequestSignature
}

extension RequestSigner {
    /// Throws an error, because the signer signs only requests.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable``.
    public func signature(for policy: PostPolicy, at date: Date) async throws -> RequestSignature {
        throw OSSError(
            .credentialsUnavailable,
            "the signer \(type(of: self)) signs no forms; implement signature(for:at:), or use a presigned URL")
    }
}

/// The signature of a request, as header fields or query parameters to add to the request, or that of a form, as fields
/// to add to the form.
public struct RequestSignature: Sendable, Codable {
    /// Header fields, which replace those of the same name.
    public var headers: [String: String]
    /// Query parameters, without percent-encoding.
    public var query: [String: String]
    /// Fields of a form.
    public var fields: [String: String]

    /// Creates a signature.
    public init(headers: [String: String] = [:], query: [String: String] = [:], fields: [String: String] = [:]) {
        self.headers = headers
        self.query = query
        self.fields = fields
    }
}

extension RequestSignature: CustomStringConvertible, CustomReflectable {
    /// The names of the header fields, query parameters and form fields. Values are omitted, because they authorize a request.
    public var description: String {
        (headers.keys.sorted() + query.keys.sorted() + fields.keys.sorted()).joined(separator: ", ")
    }

    /// A mirror with the same information as ``description``.
    public var customMirror: Mirror { Mirror(self, children: ["names": description]) }
}

/// A signer that uses credentials, for the server of a client without a secret.
public struct CredentialsSigner: RequestSigner {
    private let signer: Signer
    private let provider: any CredentialsProvider

    /// Creates a signer.
    ///
    /// - Parameters:
    ///   - region: ID of the region of the buckets. V1 does not use it.
    ///   - credentials: Source of credentials. Default: the environment.
    ///   - version: Signature version. Default: V4.
    ///   - additionalSignedHeaders: Names of additional headers to sign with V4. Default: none.
    public init(
        region: String, credentials: any CredentialsProvider = .environment, version: SignatureVersion = .v4,
        additionalSignedHeaders: [String] = []
    ) {
        signer = Signer(version: version, region: region, additionalHeaders: additionalSignedHeaders)
        provider = credentials
    }

    /// Returns the signature of a request.
    ///
    /// - Parameters:
    ///   - request: The request, without percent-encoding.
    ///   - date: Time of the signature, according to the service's clock.
    ///   - seconds: Validity of a presigned URL in seconds, or `nil` for a signature in the headers.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable``, or
    ///   ``OSSError/Code/invalidArgument`` if the validity is less than a second or, with V4, more than seven days.
    public func signature(
        for request: SignableRequest, at date: Date, validFor seconds: Int?
    ) async throws -> RequestSignature {
        guard let credentials = try await provider.credentials() else { throw OSSError.noCredentialsToSignWith }
        var signed = request
        guard let seconds else {
            signer.sign(&signed, credentials: credentials, at: date)
            let isNew = { (name: String, value: String) in request.headers[name] != value }
            return RequestSignature(
                headers: Dictionary(signed.headers.filter(isNew).map { ($0.name, $0.value) }) { _, last in last })
        }
        try signer.presign(&signed, credentials: credentials, at: date, validFor: .seconds(seconds))
        let added = signed.query.filter { QueryName.all.contains($0.name) }
        return RequestSignature(query: Dictionary(added.map { ($0.name, $0.value ?? "") }) { _, last in last })
    }
}

extension CredentialsSigner {
    /// Returns the signature of the policy of a form.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable``, or
    ///   ``OSSError/Code/invalidArgument`` if the policy expires in less than a second or, with V4, in more than seven
    ///   days.
    public func signature(for policy: PostPolicy, at date: Date) async throws -> RequestSignature {
        guard let credentials = try await provider.credentials() else { throw OSSError.noCredentialsToSignWith }
        _ = try signer.seconds(until: policy.expiration, from: date)
        try policy.validate()
        return try signer.signature(of: policy, credentials: credentials, at: date)
    }
}

extension OSSError {
    /// The error for a signature that was requested without credentials.
    static var noCredentialsToSignWith: OSSError {
        OSSError(
            .credentialsUnavailable,
            "signing requires credentials, and the provider returned none; use another credentials provider")
    }
}
