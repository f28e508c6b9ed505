import Foundation
import OSSPrimitives

/// The removal of secrets from the texts of an error.
enum Redaction {
    private static let replacement = "redacted"

    /// Removes what stands behind the names of secrets in a text that was signed, for an answer to a request whose credentials
    /// are not known here. V4 signs the token as a header line, V1 as a header line or, in a URL, as a parameter.
    static func strippingSignedSecrets(_ text: String) -> String {
        let pattern = /(?i)(security-token[:=]|signature=)[^\n&]*/
        return text.replacing(pattern) { "\($0.output.1)\(replacement)" }
    }

    /// Replaces every occurrence of some secrets.
    static func replacing(_ secrets: [String], in text: String) -> String {
        secrets.reduce(text) { text, secret in
            // Literally: as characters, a secret that a combining mark follows would not be found.
            text.replacingOccurrences(of: secret, with: replacement, options: .literal)
        }
    }

    /// Whether one of some secrets shows when a value is dumped.
    static func isShown(_ secrets: [String], in value: Any, depth: Int = 8) -> Bool {
        let text = String(reflecting: value)
        if replacing(secrets, in: text) != text { return true }
        return depth > 0
            && Mirror(reflecting: value).children.contains { isShown(secrets, in: $0.value, depth: depth - 1) }
    }
}

extension OSSError {
    /// The error without the secret and the token that its request was signed with, wherever a server put them.
    func redacting(_ credentials: Credentials) -> OSSError {
        let secrets = credentials.secrets
        var error = self
        error.message = Redaction.replacing(secrets, in: message)
        error.serviceError = serviceError?.replacing(secrets)
        // An error of somebody else's transport can hold anything, and cannot be changed.
        if let underlying, Redaction.isShown(secrets, in: underlying) { error.underlying = nil }
        return error
    }
}

extension Credentials {
    /// The secret and the token, as they are and percent-encoded.
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
