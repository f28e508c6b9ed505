import Foundation
import OSSPrimitives

/// Credentials as JSON, in the formats of STS, the metadata service, credential URIs and programs.
struct CredentialsDocument: Decodable {
    private var mode: String?
    private var code: String?
    private var accessKeyID: String?
    private var accessKeySecret: String?
    private var securityToken: String?
    private var expiration: String?

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let document = try decoder.container(keyedBy: Key.self)
        let nested = Key(stringValue: "Credentials")
        let fields =
            document.contains(nested) ? try document.nestedContainer(keyedBy: Key.self, forKey: nested) : document
        func text(_ names: String...) throws -> String? {
            try names.lazy.map(Key.init).first(where: fields.contains).flatMap {
                try fields.decodeIfPresent(String.self, forKey: $0)
            }
        }
        mode = try text("mode")
        code = try text("Code")
        accessKeyID = try text("AccessKeyId", "access_key_id")
        accessKeySecret = try text("AccessKeySecret", "access_key_secret")
        securityToken = try text("SecurityToken", "sts_token")
        expiration = try text("Expiration", "expiration")
    }

    /// Returns the credentials in a document that need not come from the expected source.
    ///
    /// - Parameters:
    ///   - source: Name of the source for error messages.
    ///   - isTemporary: Whether the token and the expiration are required.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable``. It contains nothing of the document
    ///   except an error code.
    static func credentials(
        in data: Data, from source: String, isTemporary: Bool, now: Date
    ) throws(OSSError) -> Credentials {
        let document: CredentialsDocument
        do {
            document = try JSONDecoder().decode(CredentialsDocument.self, from: data)
        } catch {
            // The error is not attached, because it may repeat a part of the document.
            throw OSSError(
                .credentialsUnavailable, "\(source) returned \(form(of: data)) in place of credentials as JSON")
        }
        return try document.credentials(from: source, isTemporary: isTemporary, now: now)
    }

    private func credentials(from source: String, isTemporary: Bool, now: Date) throws(OSSError) -> Credentials {
        func unusable(_ reason: String) -> OSSError { OSSError(.credentialsUnavailable, "\(source) \(reason)") }
        if let code, code != "Success" {
            throw unusable("reported the failure \(Self.identifier(code) ?? "with an unreadable code")")
        }
        let needsToken = isTemporary || mode?.lowercased() == "ststoken"
        for (name, value, isNeeded) in [
            ("access key ID", accessKeyID, true), ("access key secret", accessKeySecret, true),
            ("security token", securityToken, needsToken), ("expiration", expiration, isTemporary),
        ] where isNeeded && value?.nonEmpty == nil {
            throw unusable("returned credentials without the \(name)")
        }
        var date: Date?
        if let text = expiration?.nonEmpty {
            date = ISO8601.date(from: text)
            guard let date else { throw unusable("returned credentials with an unreadable expiration") }
            guard date > now else {
                throw unusable(
                    "returned credentials that expired at \(ISO8601.extended(date)); check the clock of this machine")
            }
        }
        let credentials = Credentials(
            accessKeyID: accessKeyID ?? "", accessKeySecret: accessKeySecret ?? "", securityToken: securityToken,
            expiration: date)
        try credentials.validate(from: "the response of \(source)")
        return credentials
    }

    /// Returns a code or an ID from a foreign document, or `nil` if it contains anything but letters, digits, `.`, `-`
    /// and `_`, or is longer than 80 bytes.
    static func identifier(_ text: String) -> String? {
        let isSafe = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: ".-_".utf8.contains(byte)
            }
        }
        return isSafe && (1...80).contains(text.utf8.count) ? text : nil
    }

    /// Returns a description of a document that is not JSON, or not in a known format.
    private static func form(of data: Data) -> String {
        guard let first = data.first(where: { !" \t\r\n".utf8.contains($0) }) else { return "an empty document" }
        switch first {
        case UInt8(ascii: "<"): return "an HTML or XML document, probably from a captive portal or a proxy,"
        case UInt8(ascii: "{"): return "an incomplete or malformed document of \(data.count) bytes"
        default: return "\(data.count) bytes of another format"
        }
    }
}
