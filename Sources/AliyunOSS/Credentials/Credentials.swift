import Foundation

/// An access key pair for signing requests and, for temporary credentials, a security token.
///
/// The secret and the token never appear in a description, a dump or a debugger's summary of this type.
public struct Credentials: Sendable, Equatable {
    /// Access key ID, such as `LTAI…`. The ID is part of every signed request and is not secret.
    public var accessKeyID: String
    /// Access key secret. It never leaves the process.
    public var accessKeySecret: String
    /// Security token of temporary (STS) credentials; `nil` for a permanent key pair.
    public var securityToken: String?
    /// Time at which temporary credentials expire; `nil` if they do not expire or the time is unknown.
    public var expiration: Date?

    /// Creates credentials.
    ///
    /// - Parameters:
    ///   - accessKeyID: Access key ID.
    ///   - accessKeySecret: Access key secret.
    ///   - securityToken: Security token of temporary credentials. An empty token counts as none. Default: none.
    ///   - expiration: Time at which temporary credentials expire. Default: never.
    public init(
        accessKeyID: String, accessKeySecret: String, securityToken: String? = nil, expiration: Date? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.accessKeySecret = accessKeySecret
        self.securityToken = securityToken?.isEmpty == true ? nil : securityToken
        self.expiration = expiration
    }

    /// Checks that all parts of the credentials can be sent in a header.
    ///
    /// A key with a line break or a space would otherwise only show up as `SignatureDoesNotMatch`.
    ///
    /// - Parameters:
    ///   - id, secret, token: Names of the three parts for the error message, such as names of variables.
    ///   - place: Source of the credentials for the error message.
    func validate(
        id: String = "access key ID", secret: String = "access key secret", token: String = "security token",
        from place: String = "the credentials"
    ) throws(OSSError) {
        for (name, value) in [(id, accessKeyID), (secret, accessKeySecret), (token, securityToken ?? "-")] {
            if value.isEmpty {
                throw OSSError(.credentialsUnavailable, "the \(name) in \(place) is empty")
            }
            guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw OSSError(
                    .credentialsUnavailable,
                    "the \(name) in \(place) contains a space, a line break or a non-ASCII character; "
                        + "copy it again without any surrounding text")
            }
        }
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The access key ID; everything else is redacted.
    public var description: String {
        "Credentials(accessKeyID: \(accessKeyID), secret redacted\(securityToken == nil ? "" : ", token redacted"))"
    }

    /// The same text as ``description``.
    public var debugDescription: String { description }

    /// A mirror with the access key ID and the expiration; the secret and the token are redacted.
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
