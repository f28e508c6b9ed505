/// The rules by which web pages of other domains may read and write objects.
public struct CORSConfiguration: XMLDocument {
    /// The rules, of which the first matching one applies, at least one and at most 20.
    public var rules: [Rule] = []
    /// Whether responses have the header `Vary: Origin`. Default: `false`.
    public var variesByOrigin: Bool?
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without rules.
    public init() {}

    /// Creates a configuration.
    public init(rules: [Rule]) { self.rules = rules }

    static let elements: [XMLElement<Self>] = [.parts("CORSRule", \.rules), .text("ResponseVary", \.variesByOrigin)]

    var problem: DocumentProblem? {
        (1...20).contains(rules.count)
            ? nil : DocumentProblem("CORSRule", "must occur 1 to 20 times (got \(rules.count))")
    }

    /// A rule for some origins.
    public struct Rule: XMLDocument {
        /// Origins, such as `https://example.com`, each with at most one `*`.
        public var allowedOrigins: [String] = []
        /// Methods: `GET`, `PUT`, `POST`, `DELETE` or `HEAD`.
        public var allowedMethods: [String] = []
        /// Names of the headers that requests may contain, each with at most one `*`.
        public var allowedHeaders: [String] = []
        /// Names of the headers of responses that scripts may read, without `*`.
        public var exposedHeaders: [String] = []
        /// Time in seconds for which browsers may store the result of a preflight request, at most 999,999,999.
        public var maximumAgeSeconds: Int?
        var unrecognized = UnrecognizedElements()

        /// Creates a rule without origins and methods.
        public init() {}

        /// Creates a rule.
        public init(allowedOrigins: [String], allowedMethods: [String], allowedHeaders: [String] = []) {
            self.allowedOrigins = allowedOrigins
            self.allowedMethods = allowedMethods
            self.allowedHeaders = allowedHeaders
        }

        static let elements: [XMLElement<Self>] = [
            .texts("AllowedOrigin", \.allowedOrigins), .texts("AllowedMethod", \.allowedMethods),
            .texts("AllowedHeader", \.allowedHeaders), .texts("ExposeHeader", \.exposedHeaders),
            .text("MaxAgeSeconds", \.maximumAgeSeconds),
        ]

        var problem: DocumentProblem? {
            for (name, values) in [("AllowedOrigin", allowedOrigins), ("AllowedMethod", allowedMethods)]
            where values.isEmpty || values.contains("") {
                return DocumentProblem(name, "must not be empty")
            }
            for (name, values) in [("AllowedOrigin", allowedOrigins), ("AllowedHeader", allowedHeaders)] {
                if let value = values.first(where: { $0.count { $0 == "*" } > 1 }) {
                    return DocumentProblem(name, "must not contain more than one '*' (got '\(value.excerpt)')")
                }
            }
            if let value = allowedMethods.first(where: { !Self.methods.contains($0) }) {
                return DocumentProblem(
                    "AllowedMethod", "must be GET, PUT, POST, DELETE or HEAD (got '\(value.excerpt)')")
            }
            if let value = exposedHeaders.first(where: { $0.isEmpty || $0.contains("*") }) {
                return DocumentProblem("ExposeHeader", "must be a name without '*' (got '\(value.excerpt)')")
            }
            if let maximumAgeSeconds, !(0...999_999_999).contains(maximumAgeSeconds) {
                return DocumentProblem("MaxAgeSeconds", "must be from 0 to 999999999 (got \(maximumAgeSeconds))")
            }
            return nil
        }

        private static let methods: Set<String> = ["GET", "PUT", "POST", "DELETE", "HEAD"]
    }
}

/// The web pages from which browsers may load objects, by the `Referer` header.
public struct RefererConfiguration: XMLDocument {
    /// Whether requests without the header are allowed. Default: `true`.
    public var allowsEmptyReferer = true
    /// Whether the query of the header is ignored. Default: `true`.
    public var ignoresQuery: Bool?
    /// Whether the path of the header is ignored. Default: `false`.
    public var ignoresPath: Bool?
    /// Allowed values, which can contain `*` and `?`. An empty list allows all.
    public var allowed: [String] = []
    /// Values that are refused even if they are allowed.
    public var refused: [String] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration that allows everything, which is also the way to delete a configuration.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .required("AllowEmptyReferer", \.allowsEmptyReferer), .text("AllowTruncateQueryString", \.ignoresQuery),
        .text("TruncatePath", \.ignoresPath), .texts("RefererList/Referer", \.allowed, writesEmptyParent: true),
        .texts("RefererBlacklist/Referer", \.refused),
    ]
}

/// The TLS versions and cipher suites that clients may use.
public struct HTTPSConfiguration: XMLDocument {
    /// Whether only the TLS versions of the list are allowed. Default: `false`.
    public var limitsVersions: Bool?
    /// Allowed TLS versions, such as `TLSv1.2`.
    public var versions: [String] = []
    /// Whether the cipher suites are limited.
    public var limitsCipherSuites: Bool?
    /// Whether only strong cipher suites are allowed.
    public var requiresStrongCipherSuites: Bool?
    /// Allowed cipher suites of TLS 1.2 and earlier versions.
    public var cipherSuites: [String] = []
    /// Allowed cipher suites of TLS 1.3.
    public var cipherSuitesOfTLS13: [String] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without limits.
    public init() {}

    /// Creates a configuration that allows only some TLS versions.
    public init(versions: [String]) { (limitsVersions, self.versions) = (true, versions) }

    static let elements: [XMLElement<Self>] = [
        .text("TLS/Enable", \.limitsVersions), .texts("TLS/TLSVersion", \.versions),
        .text("CipherSuite/Enable", \.limitsCipherSuites),
        .text("CipherSuite/StrongCipherSuite", \.requiresStrongCipherSuites),
        .texts("CipherSuite/CustomCipherSuite", \.cipherSuites),
        .texts("CipherSuite/TLS13CustomCipherSuite", \.cipherSuitesOfTLS13),
    ]

    var problem: DocumentProblem? {
        limitsVersions == true && versions.isEmpty ? DocumentProblem("TLS/TLSVersion", "must not be empty") : nil
    }
}

/// Protection against public access, which overrides access control lists and policies.
public struct PublicAccessBlockConfiguration: XMLDocument {
    /// Whether public access is blocked. Default: `true`.
    public var isBlocked = true
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration that blocks public access.
    public init() {}

    /// Creates a configuration.
    public init(isBlocked: Bool) { self.isBlocked = isBlocked }

    static let elements: [XMLElement<Self>] = [.required("BlockPublicAccess", \.isBlocked)]
}

/// The effect of the policy of a bucket.
public struct PolicyStatus: XMLDocument {
    /// Whether the policy grants access to everyone.
    public var isPublic = false
    var unrecognized = UnrecognizedElements()

    /// Creates the status of a policy without public access.
    public init() {}

    static let elements: [XMLElement<Self>] = [.required("IsPublic", \.isPublic)]
}

extension BucketSetting where Document == CORSConfiguration, Access == RemovableSetting {
    /// The rules for web pages of other domains. (PutBucketCors, GetBucketCors, DeleteBucketCors)
    public static var cors: Self { .xml("BucketCors", ["cors": nil], root: "CORSConfiguration") }
}

extension BucketSetting where Document == RefererConfiguration, Access == PermanentSetting {
    /// The web pages from which browsers may load objects. (PutBucketReferer, GetBucketReferer)
    public static var referer: Self { .xml("BucketReferer", ["referer": nil], root: "RefererConfiguration") }
}

extension BucketSetting where Document == HTTPSConfiguration, Access == PermanentSetting {
    /// The TLS versions and cipher suites that clients may use. (PutBucketHttpsConfig, GetBucketHttpsConfig)
    public static var https: Self { .xml("BucketHttpsConfig", ["httpsConfig": nil], root: "HttpsConfiguration") }
}

extension BucketSetting where Document == PublicAccessBlockConfiguration, Access == RemovableSetting {
    /// Protection of the bucket against public access. (PutBucketPublicAccessBlock, GetBucketPublicAccessBlock,
    /// DeleteBucketPublicAccessBlock)
    public static var publicAccessBlock: Self {
        .xml("BucketPublicAccessBlock", ["publicAccessBlock": nil], root: "PublicAccessBlockConfiguration")
    }
}

extension BucketSetting where Document == String, Access == RemovableSetting {
    /// The policy of the bucket, a text in JSON of at most 16 KB. (PutBucketPolicy, GetBucketPolicy,
    /// DeleteBucketPolicy)
    public static var policy: Self { .json("BucketPolicy", ["policy": nil], maximumLength: 16 << 10) }
}

extension BucketSetting where Document == PolicyStatus, Access == ReadOnlySetting {
    /// Whether the policy of the bucket grants access to everyone. (GetBucketPolicyStatus)
    public static var policyStatus: Self { .xml("BucketPolicyStatus", ["policyStatus": nil], root: "PolicyStatus") }
}
