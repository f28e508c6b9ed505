import Foundation

/// What a request is signed with: an access key pair, and with temporary credentials the token that belongs to it.
///
/// The secret and the token never appear in a description, a dump or a debugger's summary of this type.
public struct Credentials: Sendable, Equatable {
    /// The public half of the key pair: `LTAI…`. It is part of every signed request and no secret.
    public var accessKeyID: String
    /// The secret half. It never leaves the process.
    public var accessKeySecret: String
    /// The token of temporary (STS) credentials; `nil` for a permanent key pair.
    public var securityToken: String?
    /// When temporary credentials stop being accepted; `nil` when they do not expire, or when it is not known.
    public var expiration: Date?

    /// Makes credentials.
    ///
    /// - Parameters:
    ///   - accessKeyID: The public half of the key pair.
    ///   - accessKeySecret: The secret half.
    ///   - securityToken: The token of temporary credentials. Default: none. An empty one counts as none.
    ///   - expiration: When temporary credentials expire. Default: never.
    public init(
        accessKeyID: String, accessKeySecret: String, securityToken: String? = nil, expiration: Date? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.accessKeySecret = accessKeySecret
        self.securityToken = securityToken?.isEmpty == true ? nil : securityToken
        self.expiration = expiration
    }

    /// Checks that the parts can be sent in a header, and says which one cannot.
    ///
    /// A key read with its line break, or pasted with a space, would otherwise only show as `SignatureDoesNotMatch`.
    ///
    /// - Parameters:
    ///   - id, secret, token: How the reader knows the three parts: the names of variables, of fields in a file.
    ///   - place: Where they come from.
    func validate(
        id: String = "access key id", secret: String = "access key secret", token: String = "security token",
        from place: String = "the credentials"
    ) throws(OSSError) {
        for (name, value) in [(id, accessKeyID), (secret, accessKeySecret), (token, securityToken ?? "-")] {
            if value.isEmpty {
                throw OSSError(.credentialsUnavailable, "the \(name) in \(place) is empty")
            }
            guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw OSSError(
                    .credentialsUnavailable,
                    "the \(name) in \(place) contains a space, a line break or a character that is not ASCII; "
                        + "copy it again, without anything around it")
            }
        }
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The access key id; everything else is redacted.
    public var description: String {
        "Credentials(accessKeyID: \(accessKeyID), secret redacted\(securityToken == nil ? "" : ", token redacted"))"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Shows the access key id and the expiration; the secret and the token are redacted.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "accessKeyID": accessKeyID,
                "accessKeySecret": "redacted",
                "securityToken": securityToken == nil ? "none" : "redacted",
                "expiration": expiration.map { "\($0)" } ?? "none",
            ])
    }
}
