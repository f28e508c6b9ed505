import Foundation

/// A custom domain of a bucket (CNAME).
public struct CustomDomain: XMLDocument {
    /// Name of the domain, such as `images.example.com`.
    public var name = ""
    /// Time of the last change.
    public var lastModified: Date?
    /// Whether the domain can be used.
    public var status: SettingStatus?
    /// Certificate of the domain; `nil` if there is none.
    public var certificate: Certificate?
    /// Whether the domain is a wildcard domain.
    public var isWildcard: Bool?
    var unrecognized = UnrecognizedElements()

    /// Creates a domain without a name.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .required("Domain", \.name), .text("LastModified", \.lastModified), .text("Status", \.status),
        .part("Certificate", \.certificate), .text("IsWildCard", \.isWildcard),
    ]

    /// The certificate of a domain.
    public struct Certificate: XMLDocument {
        /// Time at which the certificate was added.
        public var creationDate: Date?
        /// Fingerprint.
        public var fingerprint: String?
        /// Start of the validity, as text.
        public var validFrom: String?
        /// End of the validity, as text.
        public var validUntil: String?
        /// Source of the certificate: `CAS` or `Upload`.
        public var type: String?
        /// ID of the certificate.
        public var id: String?
        /// Whether the certificate is used.
        public var status: SettingStatus?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("CreationDate", \.creationDate), .text("Fingerprint", \.fingerprint),
            .text("ValidStartDate", \.validFrom), .text("ValidEndDate", \.validUntil), .text("Type", \.type),
            .text("CertId", \.id), .text("Status", \.status),
        ]
    }
}

/// A binding of a custom domain to a bucket, with an optional certificate.
public struct DomainBinding: XMLDocument {
    /// Name of the domain, such as `images.example.com`.
    public var domain = ""
    /// Certificate to store or delete. Default: no change.
    public var certificate: Certificate?
    /// Whether the domain is a wildcard domain.
    public var isWildcard: Bool?
    var unrecognized = UnrecognizedElements()

    /// Creates a binding without a domain, which the service refuses.
    public init() {}

    /// Creates a binding.
    public init(_ domain: String) { self.domain = domain }

    static let elements: [XMLElement<Self>] = [
        .required("Cname/Domain", \.domain), .part("Cname/CertificateConfiguration", \.certificate),
        .text("Cname/IsWildCard", \.isWildcard),
    ]

    /// A certificate for a domain.
    public struct Certificate: XMLDocument {
        /// ID of a certificate of the Certificate Management Service.
        public var id: String?
        /// Certificate in PEM format.
        public var certificate: String?
        /// Private key in PEM format.
        public var privateKey: SecretText?
        /// ID of the current certificate, which is then compared with the stored one.
        public var previousID: String?
        /// Whether the certificate replaces the current one without a comparison.
        public var replacesUnconditionally: Bool?
        /// Whether the certificate is deleted.
        public var deletesCertificate: Bool?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("CertId", \.id), .text("Certificate", \.certificate), .text("PrivateKey", \.privateKey),
            .text("PreviousCertId", \.previousID), .text("Force", \.replacesUnconditionally),
            .text("DeleteCertificate", \.deletesCertificate),
        ]
    }
}

/// A token that proves the ownership of a domain. Add a TXT record with the token to the domain's DNS.
public struct DomainToken: XMLDocument {
    /// Name of the bucket.
    public var bucket: String?
    /// Name of the domain.
    public var domain: String?
    /// Token.
    public var token = ""
    /// Time at which the token expires.
    public var expiration: Date?
    var unrecognized = UnrecognizedElements()

    /// Creates an empty value.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("Bucket", \.bucket), .text("Cname", \.domain), .required("Token", \.token),
        .text("ExpireTime", \.expiration),
    ]
}

/// A list of the domains of a bucket.
struct DomainList: XMLDocument {
    var domains: [CustomDomain] = []
    var bucket: String?
    var owner: String?
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .parts("Cname", \.domains), .text("Bucket", \.bucket), .text("Owner", \.owner),
    ]
}

extension Bucket {
    /// Binds a custom domain to the bucket, or changes its certificate. The ownership must have been proved with a
    /// token. (PutCname)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/accessDenied`` if the ownership is not proved.
    public func bindDomain(_ binding: DomainBinding) async throws {
        try await client.send(binding, root: "BucketCnameConfiguration", domainOperation("PutCname", "add"))
    }

    /// Removes a custom domain from the bucket. (DeleteCname)
    ///
    /// - Throws: ``OSSError``.
    public func unbindDomain(_ domain: String) async throws {
        let operation = domainOperation("DeleteCname", "delete")
        try await client.send(DomainBinding(domain), root: "BucketCnameConfiguration", operation)
    }

    /// Returns the custom domains of the bucket. (ListCname)
    ///
    /// - Throws: ``OSSError``.
    public func domains() async throws -> [CustomDomain] {
        var operation = Operation("ListCname", .get)
        operation.query = [("cname", nil)]
        let echo = DocumentEcho("Bucket", name)
        let list: DomainList = try await client.document(operation, root: "ListCnameResult", echo: echo)
        return list.domains
    }

    /// Creates a token that proves the ownership of a domain. (CreateCnameToken)
    ///
    /// - Throws: ``OSSError``.
    public func createDomainToken(_ domain: String) async throws -> DomainToken {
        let operation = try client.adding(
            DomainBinding(domain), root: "BucketCnameConfiguration", to: domainOperation("CreateCnameToken", "token"))
        return try await client.document(operation, root: "CnameToken", echo: DocumentEcho("Bucket", name))
    }

    /// Returns the token that was created for a domain. (GetCnameToken)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if there is none.
    public func domainToken(_ domain: String) async throws -> DomainToken {
        var operation = Operation("GetCnameToken", .get)
        operation.query = [("comp", "token"), ("cname", domain)]
        return try await client.document(operation, root: "CnameToken", echo: DocumentEcho("Bucket", name))
    }

    private func domainOperation(_ name: String, _ action: String) -> Operation {
        var operation = Operation(name, .post)
        operation.query = [("cname", nil), ("comp", action)]
        return operation
    }
}
