import Foundation
import OSSPrimitives

extension OSSError.ServiceError {
    /// Creates an error response from the body, from the `x-oss-err` header of a HEAD response, or from the status
    /// alone.
    ///
    /// - Parameter secrets: Texts to remove before the details are shortened: a partial secret would not be found later.
    init(_ response: HTTPResponse, removing secrets: [String] = []) {
        var details: [String: String] = [:]
        let headerDocument = response.headers["x-oss-err"].flatMap { Data(base64Encoded: $0) }
        let document = response.body.isEmpty ? headerDocument : response.body
        // A larger document is the page of another server.
        if let document, document.count <= 256 << 10, let root = try? XMLReader.read(document), root.name == "Error" {
            for child in root.children where child.children.isEmpty && Self.knownElements.contains(child.name) {
                details[child.name] = child.text
            }
        }
        if let document { details.merge(Self.details(inJSON: document)) { text, _ in text } }
        for (name, text) in details {
            details[name] = Redaction.strippingSignedSecrets(Redaction.replacing(secrets, in: text))
        }
        if let position = response.headers["x-oss-next-append-position"] { details["NextAppendPosition"] = position }
        let bodyRequestID = details.removeValue(forKey: "RequestId")
        let bodyDiagnosticCode = details.removeValue(forKey: "EC")
        self.init(
            status: response.status,
            code: (details.removeValue(forKey: "Code") ?? "").onOneLine,
            message: (details.removeValue(forKey: "Message") ?? "").prefix(scalars: 4096),
            requestID: (response.headers["x-oss-request-id"] ?? bodyRequestID)?.onOneLine,
            diagnosticCode: (response.headers["x-oss-ec"] ?? bodyDiagnosticCode)?.onOneLine,
            // The longest detail of the service is the string to sign.
            details: details.mapValues { $0.prefix(scalars: 16 << 10) })
    }

    /// Returns the elements of a JSON error document, which services other than ordinary buckets send: the members of
    /// `Error`, or `message` alone.
    private static func details(inJSON document: Data) -> [String: String] {
        guard document.first == UInt8(ascii: "{"), document.count <= 256 << 10,
            let object = try? JSONSerialization.jsonObject(with: document) as? [String: Any]
        else { return [:] }
        let members = object["Error"] as? [String: Any] ?? ["Message": object["message"] ?? ""]
        return members.compactMapValues { $0 as? String }.filter { knownElements.contains($0.key) && !$0.value.isEmpty }
    }

    /// Names of the elements to copy from an error document. A list of elements to exclude would have to include every
    /// element that may ever contain a secret: `SecurityTokenExpired` has the token in `SecurityToken`,
    /// `SignatureDoesNotMatch` the signature in `SignatureProvided`, and both `…Bytes` elements repeat the signed text
    /// in hexadecimal.
    private static let knownElements: Set = [
        "Code", "Message", "RequestId", "EC", "HostId", "Endpoint", "RecommendDoc", "Bucket", "BucketName", "Key",
        "ObjectName", "ObjectType", "VersionId", "ETag", "StorageClass", "UploadId", "PartNumber", "NextAppendPosition",
        "ArgumentName", "ArgumentValue", "Header", "Condition", "Detail", "Method", "AllowedMethod", "ResourceType",
        "RangeRequested", "ActualObjectSize", "ProposedSize", "MinSizeAllowed", "MaxSizeAllowed", "ExpectedDigest",
        "CalculatedDigest", "OSSAccessKeyId", "StringToSign", "CanonicalRequest", "RequestTime", "ServerTime",
        "MaxAllowedSkewMilliseconds",
    ]

    /// Returns the service's message and the recommended next step, on one line.
    func advice(for code: OSSError.Code, location: String?) -> String {
        let said = (message.isEmpty ? "the service responded with status \(status)" : message).onOneLine
        if said.hasPrefix("Invalid signing region") {
            return "\(said) Set the region of the endpoint (region, --region or OSS_REGION)"
        }
        if let advice = Self.adviceByCode[self.code] { return "\(said) \(advice)" }
        if code == .positionMismatch, let position = nextAppendPosition {
            return "\(said); the object ends at \(position)"
        }
        if let endpoint = details["Endpoint"] { return "\(said) The bucket's endpoint is \(endpoint.onOneLine)" }
        switch code {
        case .invalidResponse where (300...399).contains(status):
            let target = location.map { " to \($0.onOneLine.prefix { $0 != "?" })" } ?? ""
            return "\(said); the redirect\(target) was not followed; check the endpoint"
        case .invalidResponse:
            return "\(said), which is not a response to this operation; check the endpoint"
        case .clockSkewed:
            return "\(said) Set this machine's clock"
        case .accessDenied where self.code.isEmpty && details.isEmpty:
            return "\(said); if OSS did not send this response, check the endpoint and any intermediate proxy"
        default:
            return said
        }
    }

    private static let adviceByCode = [
        "SignatureDoesNotMatch": "Check the access key secret, and that the region matches the bucket",
        "InvalidAccessKeyId": "Check the access key ID",
        "NoSuchBucket": "Check the bucket's name and the endpoint",
        "SecondLevelDomainForbidden": "Use the virtual-hosted addressing style",
        "CallbackFailed": "The object is stored; only the callback failed",
        "InvalidObjectState": "Restore the archived object first",
    ]
}

extension OSSError {
    /// Creates the error for an unsuccessful response.
    ///
    /// - Parameter hasBody: Whether the request has a body.
    init(refusal response: HTTPResponse, hasBody: Bool = true, removing secrets: [String] = []) {
        let serviceError = ServiceError(response, removing: secrets)
        if let foreign = response.foreignRefusal(serviceError, hasBody: hasBody) {
            self = foreign
            return
        }
        let code = Code(serviceError)
        self.init(
            code, serviceError.advice(for: code, location: response.headers["Location"]), serviceError: serviceError)
    }
}

extension OSSError.Code {
    /// Creates the code for an error response from the HTTP status and the service's error code.
    init(_ serviceError: OSSError.ServiceError) {
        if serviceError.isClockSkew {
            self = .clockSkewed
            return
        }
        switch serviceError.code {
        case "FileAlreadyExists", "BucketAlreadyExists", "ObjectAlreadyExists": self = .alreadyExists
        case "InvalidCRC64", "InvalidDigest": self = .checksumMismatch
        case "RequestTimeout", "IncompleteBody": self = .connectionLost
        case "InvalidObjectState": self = .refused
        case "PositionNotEqualToLength": self = .positionMismatch
        default:
            self.init(status: serviceError.status, hasServiceCode: !serviceError.code.isEmpty, code: serviceError.code)
        }
    }

    private static var transientCodes: Set<String> { ["InternalError", "ServiceUnavailable", "ServerBusy"] }

    private init(status: Int, hasServiceCode: Bool, code: String) {
        switch status {
        // An error in the body of a success: the service sent the status before it failed.
        case 200...299 where Self.transientCodes.contains(code): self = .serviceUnavailable
        case 200...299 where !hasServiceCode: self = .invalidResponse
        case 304: self = .notModified
        case 300...399: self = .invalidResponse
        case 401, 403: self = .accessDenied
        case 404: self = .notFound
        case 408: self = .timedOut
        case 412: self = .preconditionFailed
        case 416: self = .invalidRange
        case 429: self = .throttled
        // Every other 503 with an error code of the service is a limit, such as MetaOperationQpsLimitExceeded.
        case 501: self = .refused
        case 503 where hasServiceCode && code != "ServiceUnavailable": self = .throttled
        case 500...599: self = .serviceUnavailable
        default: self = .refused
        }
    }
}

extension String {
    /// The text without line breaks, shortened for a log line.
    var onOneLine: String {
        String(prefix(scalars: 1024).map { $0.isNewline ? " " : $0 })
    }

    /// Returns the first `count` Unicode scalars. A character, in contrast, may have any number of bytes.
    fileprivate func prefix(scalars count: Int) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(count)))
    }

    /// The beginning of the text, collapsed to a single line, for use in errors about user input.
    var excerpt: String {
        let beginning = prefix(scalars: 80)
        return beginning.onOneLine + (beginning.utf8.count < utf8.count ? "…" : "")
    }
}

/// Functions that remove secrets from the texts of an error.
enum Redaction {
    private static let replacement = "redacted"

    /// Redacts the security token and the signature in a signed text, for use when the credentials of the request are
    /// unknown. V4 signs the token as a header line, V1 as a header line or, in a URL, as a parameter.
    static func strippingSignedSecrets(_ text: String) -> String {
        let pattern = /(?i)(security-token[:=]|signature=)[^\n&]*/
        return text.replacing(pattern) { "\($0.output.1)\(replacement)" }
    }

    /// Returns a text with all occurrences of the given secrets redacted.
    static func replacing(_ secrets: [String], in text: String) -> String {
        secrets.reduce(text) { text, secret in
            // Literal, because a comparison of characters misses a secret that is followed by a combining mark.
            text.replacingOccurrences(of: secret, with: replacement, options: .literal)
        }
    }

    /// Returns whether a dump of a value reveals a secret.
    static func isShown(_ secrets: [String], in value: Any, depth: Int = 8) -> Bool {
        let text = String(reflecting: value)
        if replacing(secrets, in: text) != text { return true }
        return depth > 0
            && Mirror(reflecting: value).children.contains { isShown(secrets, in: $0.value, depth: depth - 1) }
    }
}

extension OSSError {
    /// Returns the error with all occurrences of its request's secret and token removed.
    func redacting(_ credentials: Credentials) -> OSSError {
        let secrets = credentials.secrets
        var error = self
        error.message = Redaction.replacing(secrets, in: message)
        error.serviceError = serviceError?.replacing(secrets)
        // The error of a custom transport can contain anything and cannot be changed.
        if let underlying, Redaction.isShown(secrets, in: underlying) { error.underlying = nil }
        return error
    }
}

extension Credentials {
    /// The secret and the token, both plain and percent-encoded.
    var secrets: [String] {
        let secrets = [accessKeySecret, securityToken].compactMap { $0 }.filter { !$0.isEmpty }
        return secrets + secrets.map { PercentEncoding.encode($0) }.filter { !secrets.contains($0) }
    }
}

extension OSSError.ServiceError {
    fileprivate func replacing(_ secrets: [String]) -> OSSError.ServiceError {
        var serviceError = self
        serviceError.code = Redaction.replacing(secrets, in: code)
        serviceError.message = Redaction.replacing(secrets, in: message)
        serviceError.requestID = requestID.map { Redaction.replacing(secrets, in: $0) }
        serviceError.diagnosticCode = diagnosticCode.map { Redaction.replacing(secrets, in: $0) }
        serviceError.details = details.mapValues { Redaction.replacing(secrets, in: $0) }
        return serviceError
    }
}
