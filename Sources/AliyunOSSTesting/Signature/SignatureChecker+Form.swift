import Foundation
import OSSPrimitives

/// Methods that verify form signatures. These signatures cover only the Base64 text of the policy.
extension SignatureChecker {
    private static let longestValidity: TimeInterval = 7 * 86_400

    /// Verifies the signature of a form and returns the identity of the sender.
    func verify(_ fields: FormFields, now: Date) throws(ServiceError) -> Identity {
        guard isStrict else { return .accessKey("") }
        guard let scheme = SignatureScheme(fields) else { return .anonymous }
        if scheme == .v4Form { return try verifyV4(fields, now: now) }
        let id = try Self.required("OSSAccessKeyId", fields, ec: "0002-00000702")
        let provided = try Self.required("Signature", fields, ec: "0002-00000703")
        let policy = try Self.required("policy", fields, ec: "0002-00000704")
        let key = try accessKey(id, token: fields["x-oss-security-token"], now: now)
        let mac = HMAC<SHA1>.authenticationCode(for: Array(policy.utf8), key: Array(key.secret.utf8))
        guard Data(mac).base64EncodedString() == provided else {
            throw Self.mismatch(key.id, provided, Array(policy.utf8))
        }
        return .accessKey(key.id)
    }

    private func verifyV4(_ fields: FormFields, now: Date) throws(ServiceError) -> Identity {
        let version = try Self.required("x-oss-signature-version", fields, ec: "0002-00000702")
        guard version == V4.algorithm else {
            throw .invalidArgument(
                "The signature version is not supported.", name: "x-oss-signature-version", value: version,
                ec: "0002-00000066")
        }
        let credential = try Self.required("x-oss-credential", fields, ec: "0002-00000702")
        let provided = try Self.required("x-oss-signature", fields, ec: "0002-00000703")
        let policy = try Self.required("policy", fields, ec: "0002-00000704")
        let text = try Self.required("x-oss-date", fields, ec: "0002-00000223")
        let scope = try V4.Scope(credential, in: .form)
        try checkRegion(scope, in: .form, credential)
        guard let date = ISO8601.date(from: text), text.prefix(8) == scope.date else {
            throw .invalidArgument(
                "The parameter x-oss-date is invalid.", name: "x-oss-date", value: text, ec: "0002-00000223")
        }
        if date.timeIntervalSince(now) > Self.maximumSkew {
            throw .accessDenied("Request is not valid yet.", ec: "0002-00000225")
        }
        if now.timeIntervalSince(date) > Self.longestValidity + Self.maximumSkew {
            throw .accessDenied("Request has expired.", ec: "0002-00000236")
        }
        let key = try accessKey(scope.accessKeyID, token: fields["x-oss-security-token"], now: now)
        var signingKey = signingKey(scope, secret: key.secret)
        signingKey.update(Array(policy.utf8))
        let mac = signingKey.finalize()
        guard Hexadecimal.lowercase(mac) == provided else { throw Self.mismatch(key.id, provided, Array(policy.utf8)) }
        return .accessKey(key.id)
    }

    private static func required(
        _ name: String, _ fields: FormFields, ec: String
    ) throws(ServiceError) -> String {
        guard let value = fields[name], !value.isEmpty else {
            throw .invalidArgument(
                "Bucket POST must contain a field named '\(name)'. If it is specified, please check the order of the "
                    + "fields.", name: name, value: "", ec: ec)
        }
        return value
    }
}
