/// The result of the verification of a request's signature.
public struct SignatureVerdict: Sendable, Equatable, Encodable {
    /// An outcome of the verification.
    public enum Outcome: String, Sendable, Encodable {
        /// The request is not signed.
        case unsigned
        /// The signature was not verified, because the server has no access keys, or because a fault or another error
        /// came first.
        case unchecked
        /// The signature is valid.
        case valid
        /// The signature is invalid, expired, or made with an unknown access key.
        case invalid
    }

    /// Outcome of the verification.
    public var outcome: Outcome
    /// Version and place of the signature, such as `V4 header`, `V4 URL` or `V1 form`; `nil` if there is none.
    public var scheme: String?
    /// AccessKey ID of a valid signature; `nil` for other outcomes.
    public var accessKeyID: String?
    /// OSS error code for an invalid signature, such as `SignatureDoesNotMatch`; `nil` for other outcomes.
    public var errorCode: String?
    /// Error message for an invalid signature; `nil` for other outcomes.
    public var message: String?

    /// Creates the verdict on a signature that has not been verified.
    init(_ scheme: SignatureScheme?) {
        outcome = scheme == nil ? .unsigned : .unchecked
        self.scheme = scheme?.rawValue
    }
}

/// A version and a place of a signature.
enum SignatureScheme: String {
    case v4Header = "V4 header"
    case v4URL = "V4 URL"
    case v4Form = "V4 form"
    case v2Header = "V2 header"
    case v2URL = "V2 URL"
    case v1Header = "V1 header"
    case v1URL = "V1 URL"
    case v1Form = "V1 form"

    /// Determines the scheme of a request that is not a form, or returns `nil` if no scheme applies.
    init?(_ request: ServiceRequest) {
        if let authorization = request.header("Authorization") {
            if authorization.hasPrefix(V4.algorithm + " ") {
                self = .v4Header
            } else if authorization.hasPrefix(V2.name + " ") {
                self = .v2Header
            } else if authorization.hasPrefix("OSS ") {
                self = .v1Header
            } else {
                return nil
            }
        } else if request.query["x-oss-signature-version"] == V2.name {
            self = .v2URL
        } else if Self.isV4URL(request) {
            self = .v4URL
        } else if Self.isV1URL(request) {
            self = .v1URL
        } else {
            return nil
        }
    }

    /// Determines the scheme of a form, or returns `nil` if the form is not signed.
    init?(_ fields: FormFields) {
        if Self.v4Fields.contains(where: { fields[$0] != nil }) {
            self = .v4Form
        } else if ["OSSAccessKeyId", "Signature", "policy"].contains(where: { fields[$0] != nil }) {
            self = .v1Form
        } else {
            return nil
        }
    }

    /// Whether the URL contains a parameter of a V4 signature.
    static func isV4URL(_ request: ServiceRequest) -> Bool {
        ["x-oss-signature-version", "x-oss-signature", "x-oss-credential"].contains { request.query.contains($0) }
    }

    /// Whether the URL contains a parameter of a V1 signature.
    static func isV1URL(_ request: ServiceRequest) -> Bool {
        ["OSSAccessKeyId", "Signature"].contains { request.query.contains($0) }
    }

    private static let v4Fields = ["x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-signature"]
}

extension SignatureChecker {
    /// Calls a closure that verifies a signature, and records the verdict.
    func recordVerdict(
        of scheme: SignatureScheme?, _ record: (SignatureVerdict) -> Void,
        _ verify: () throws(ServiceError) -> Identity
    ) throws(ServiceError) -> Identity {
        var verdict = SignatureVerdict(scheme)
        defer { record(verdict) }
        do throws(ServiceError) {
            let identity = try verify()
            if isStrict, case .accessKey(let id) = identity {
                verdict.outcome = .valid
                verdict.accessKeyID = id
            }
            return identity
        } catch {
            verdict.outcome = .invalid
            verdict.errorCode = error.code
            verdict.message = error.message
            throw error
        }
    }
}
