/// The action of a routing rule: a redirect, or fetching a missing object from its origin server (mirroring).
///
/// Properties whose names start with `mirror` apply only to the type ``RedirectType/mirror``.
public struct WebsiteRedirect: XMLDocument {
    /// URL of the origin server.
    public var mirrorURL: String?
    /// Whether redirects of the origin server are followed. Default: `true`.
    public var mirrorFollowsRedirects: Bool?
    /// Whether ``replacementPrefix`` replaces the prefix of the condition instead of the entire key.
    public var replacesPrefix: Bool?
    /// Key of the redirect, which can contain `${key}`.
    public var replacementKey: String?
    /// Host name of the redirect.
    public var hostName: String?
    /// Whether the redirect has the query of the request. Default: `false`.
    public var passesQuery: Bool?
    /// Headers of the request to the origin server.
    public var mirrorHeaders: MirrorHeaders?
    /// Text that replaces the prefix of the key.
    public var replacementPrefix: String?
    /// Type of the action.
    public var type: RedirectType?
    /// Whether the name of the origin server is sent in the TLS handshake. Default: `false`.
    public var mirrorSendsServerName: Bool?
    /// Scheme of the redirect: `http` or `https`.
    public var scheme: String?
    /// Whether the MD5 of the fetched object is checked. Default: `false`.
    public var mirrorChecksMD5: Bool?
    /// Status of the redirect, 301 to 399.
    public var status: Int?
    /// Whether slashes at the start of the path are passed to the origin server.
    public var mirrorPassesOriginalSlashes: Bool?
    /// Whether the query of the request is passed to the origin server.
    public var mirrorPassesQuery: Bool?
    /// Status of the response of the origin server for which the object is fetched asynchronously.
    public var mirrorAsyncStatus: Int?
    /// Credentials for the origin server if it is a bucket.
    public var mirrorCredentials: MirrorCredentials?
    /// URL for checking the origin server.
    public var mirrorProbeURL: String?
    /// Whether snapshots of videos can be fetched.
    public var mirrorAllowsVideoSnapshot: Bool?
    /// URL of the standby origin server.
    public var mirrorStandbyURL: String?
    /// ID of the VPC of the origin server.
    public var mirrorVPCID: String?
    /// Whether the modification time is that of the fetched object.
    public var mirrorUsesLastModified: Bool?
    /// Whether ``mirrorRole`` is used.
    public var mirrorUsesRole: Bool?
    /// Whether the origin server is reached through Express Connect.
    public var mirrorIsExpressTunnel: Bool?
    /// Whether the object is passed through without storing it.
    public var mirrorProxyPass: Bool?
    /// Tags of the stored object, from headers of the response.
    public var mirrorTags: [Substitution] = []
    /// ID of the VPC of the standby origin server.
    public var mirrorStandbyVPCID: String?
    /// Region of the VPC of the origin server.
    public var mirrorRegion: String?
    /// Whether all errors switch to the standby origin server.
    public var mirrorSwitchesOnAllErrors: Bool?
    /// ID of the tunnel to the origin server.
    public var mirrorTunnelID: String?
    /// Name of the RAM role for the origin server.
    public var mirrorRole: String?
    /// Whether information about images can be fetched.
    public var mirrorAllowsImageInfo: Bool?
    /// Whether `x-oss-meta-` headers of the response are stored.
    public var mirrorStoresMetadata: Bool?
    /// Whether HEAD requests fetch the object.
    public var mirrorAllowsHead: Bool?
    /// Further origin servers.
    public var mirrorAlternates: [MirrorAlternate] = []
    /// Statuses of responses that are passed to the client, separated by commas.
    public var mirrorPassedStatuses: String?
    /// Headers of the response to the client.
    public var mirrorReturnedHeaders: [Substitution] = []
    var unrecognized = UnrecognizedElements()

    /// Creates an action without a type.
    public init() {}

    static let elements: [XMLElement<Self>] = redirectElements + mirrorElements

    var problem: DocumentProblem? {
        if let status, !(301...399).contains(status) {
            return DocumentProblem("HttpRedirectCode", "must be from 301 to 399 (got \(status))")
        }
        if let scheme, !["http", "https"].contains(scheme) {
            return DocumentProblem("Protocol", "must be http or https (got '\(scheme.excerpt)')")
        }
        return nil
    }

    // Two tables, because the compiler takes long for a single literal of this size.
    private static let redirectElements: [XMLElement<Self>] = [
        .text("MirrorURL", \.mirrorURL), .text("MirrorFollowRedirect", \.mirrorFollowsRedirects),
        .text("EnableReplacePrefix", \.replacesPrefix), .text("ReplaceKeyWith", \.replacementKey),
        .text("HostName", \.hostName), .text("PassQueryString", \.passesQuery),
        .part("MirrorHeaders", \.mirrorHeaders), .text("ReplaceKeyPrefixWith", \.replacementPrefix),
        .text("RedirectType", \.type), .text("MirrorSNI", \.mirrorSendsServerName), .text("Protocol", \.scheme),
        .text("MirrorCheckMd5", \.mirrorChecksMD5), .text("HttpRedirectCode", \.status),
        .text("MirrorPassOriginalSlashes", \.mirrorPassesOriginalSlashes),
        .text("MirrorPassQueryString", \.mirrorPassesQuery), .text("MirrorAsyncStatus", \.mirrorAsyncStatus),
        .part("MirrorAuth", \.mirrorCredentials), .text("MirrorURLProbe", \.mirrorProbeURL),
        .text("MirrorAllowVideoSnapshot", \.mirrorAllowsVideoSnapshot),
    ]

    private static let mirrorElements: [XMLElement<Self>] = [
        .text("MirrorURLSlave", \.mirrorStandbyURL), .text("MirrorDstVpcId", \.mirrorVPCID),
        .text("MirrorUserLastModified", \.mirrorUsesLastModified), .text("MirrorUsingRole", \.mirrorUsesRole),
        .text("MirrorIsExpressTunnel", \.mirrorIsExpressTunnel), .text("MirrorProxyPass", \.mirrorProxyPass),
        .parts("MirrorTaggings/Taggings", \.mirrorTags), .text("MirrorDstSlaveVpcId", \.mirrorStandbyVPCID),
        .text("MirrorDstRegion", \.mirrorRegion), .text("MirrorSwitchAllErrors", \.mirrorSwitchesOnAllErrors),
        .text("MirrorTunnelId", \.mirrorTunnelID), .text("MirrorRole", \.mirrorRole),
        .text("MirrorAllowGetImageInfo", \.mirrorAllowsImageInfo),
        .text("MirrorSaveOssMeta", \.mirrorStoresMetadata), .text("MirrorAllowHeadObject", \.mirrorAllowsHead),
        .parts("MirrorMultiAlternates/MirrorMultiAlternate", \.mirrorAlternates),
        .text("TransparentMirrorResponseCodes", \.mirrorPassedStatuses),
        .parts("MirrorReturnHeaders/ReturnHeader", \.mirrorReturnedHeaders),
    ]

    /// A type of action.
    public struct RedirectType: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A missing object is fetched from its origin server and stored.
        public static let mirror: RedirectType = "Mirror"
        /// The client is redirected to another host.
        public static let external: RedirectType = "External"
        /// The client is redirected to another key of the bucket.
        public static let `internal`: RedirectType = "Internal"
        /// The client is redirected to the CDN.
        public static let cdn: RedirectType = "AliCDN"
    }

    /// The headers of a request to an origin server.
    public struct MirrorHeaders: XMLDocument {
        /// Whether all headers are passed. Default: `false`.
        public var passesAll: Bool?
        /// Names of the headers that are passed.
        public var passed: [String] = []
        /// Names of the headers that are not passed.
        public var removed: [String] = []
        /// Headers that are added.
        public var added: [Substitution] = []
        var unrecognized = UnrecognizedElements()

        /// Creates a description of headers that passes none.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("PassAll", \.passesAll), .texts("Pass", \.passed), .texts("Remove", \.removed),
            .parts("Set", \.added),
        ]
    }

    /// A name and a value, which can refer to values of the response or the request.
    public struct Substitution: XMLDocument {
        /// Name of the header or key of the tag.
        public var key = ""
        /// Value.
        public var value: String?
        var unrecognized = UnrecognizedElements()

        /// Creates a pair without a name, which the service refuses.
        public init() {}

        /// Creates a pair.
        public init(_ key: String, _ value: String) { (self.key, self.value) = (key, value) }

        static let elements: [XMLElement<Self>] = [.required("Key", \.key), .text("Value", \.value)]
    }

    /// The credentials for an origin server that is a bucket.
    public struct MirrorCredentials: XMLDocument {
        /// Type of the signature.
        public var type: String?
        /// Region of the bucket.
        public var region: String?
        /// ID of the access key.
        public var accessKeyID: String?
        /// Secret of the access key. Responses contain it masked or not at all.
        public var accessKeySecret: SecretText?
        var unrecognized = UnrecognizedElements()

        /// Creates credentials without a key.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("AuthType", \.type), .text("Region", \.region), .text("AccessKeyId", \.accessKeyID),
            .text("AccessKeySecret", \.accessKeySecret),
        ]
    }

    /// A further origin server.
    public struct MirrorAlternate: XMLDocument {
        /// Region of the VPC.
        public var region: String?
        /// Position, starting at 1.
        public var number: Int?
        /// URL of the server.
        public var url: String?
        /// ID of the VPC.
        public var vpcID: String?
        var unrecognized = UnrecognizedElements()

        /// Creates a server without a URL.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("MirrorMultiAlternateDstRegion", \.region), .text("MirrorMultiAlternateNumber", \.number),
            .text("MirrorMultiAlternateURL", \.url), .text("MirrorMultiAlternateVpcId", \.vpcID),
        ]
    }
}
