import Foundation
import OSSPrimitives

extension Signer {
    /// Returns the form fields that identify the signer, the policy with a condition for each of them, and its
    /// signature.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    func signature(
        of policy: PostPolicy, credentials: Credentials, at date: Date
    ) throws(OSSError) -> RequestSignature {
        let identity = formFields(credentials: credentials, at: date)
        var policy = policy
        if version == .v4 { policy.conditions += identity.map { .equals($0.name, $0.value) } }
        let text = try policy.document().base64EncodedString()
        let fields = identity + [("policy", text), formSignature(ofPolicy: text, credentials: credentials, at: date)]
        return RequestSignature(fields: Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first })
    }

    /// Returns the form fields that identify the signer, except for the policy and its signature. A V4 policy must
    /// contain a condition for each of them.
    func formFields(credentials: Credentials, at date: Date) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)]
        switch version {
        case .v4:
            let datetime = ISO8601.basic(date)
            let key = signingKey(of: datetime, secret: credentials.accessKeySecret)
            fields = [
                (QueryName.v4Version, Self.algorithm),
                (QueryName.v4Credential, "\(credentials.accessKeyID)/\(key.scope)"),
                (QueryName.v4Date, datetime),
            ]
        case .v1: fields = [(QueryName.accessKeyID, credentials.accessKeyID)]
        }
        if let token = credentials.securityToken { fields.append((HeaderName.token, token)) }
        return fields
    }

    /// Returns the form field with the signature of a policy. The signature covers the Base64 text of the policy.
    func formSignature(
        ofPolicy policy: String, credentials: Credentials, at date: Date
    ) -> (name: String, value: String) {
        let (text, secret) = (Array(policy.utf8), credentials.accessKeySecret)
        switch version {
        case .v4:
            return (QueryName.v4Signature, signingKey(of: ISO8601.basic(date), secret: secret).signature(of: text))
        case .v1: return (QueryName.signature, Self.signatureV1(of: text, secret: secret))
        }
    }
}
