/// The static website of a bucket, and the rules that redirect requests or fetch missing objects from another server.
public struct WebsiteConfiguration: XMLDocument {
    /// Default page; `nil` if there is none.
    public var index: Index?
    /// Page for requests for missing objects; `nil` if there is none.
    public var error: ErrorPage?
    /// Rules for redirects, of which the first matching one applies, at most 20.
    public var routingRules: [RoutingRule] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without pages and rules.
    public init() {}

    /// Creates a configuration with pages, given by their names, such as `index.html` and `error.html`.
    public init(index: String, error: String? = nil) {
        self.index = Index(index)
        self.error = error.map { ErrorPage($0) }
    }

    static let elements: [XMLElement<Self>] = [
        .part("IndexDocument", \.index), .part("ErrorDocument", \.error),
        .parts("RoutingRules/RoutingRule", \.routingRules),
    ]

    var problem: DocumentProblem? {
        if routingRules.count > 20 {
            return DocumentProblem(
                "RoutingRules/RoutingRule", "must occur at most 20 times (got \(routingRules.count))")
        }
        guard index == nil, error == nil, routingRules.isEmpty, unrecognized == UnrecognizedElements() else {
            return nil
        }
        return DocumentProblem("", "must have an index, an error page or a routing rule")
    }

    /// A default page.
    public struct Index: XMLDocument {
        /// Name of the page, such as `index.html`.
        public var suffix = ""
        /// Whether subdirectories have a page of the same name.
        public var supportsSubdirectories: Bool?
        /// Behavior for a name without a slash at its end: 0 redirects to the page, 1 reports an error, 2 redirects to
        /// the name with a slash. Only with ``supportsSubdirectories``.
        public var type: Int?
        var unrecognized = UnrecognizedElements()

        /// Creates a page without a name, which the service refuses.
        public init() {}

        /// Creates a page.
        public init(_ suffix: String) { self.suffix = suffix }

        static let elements: [XMLElement<Self>] = [
            .required("Suffix", \.suffix), .text("SupportSubDir", \.supportsSubdirectories), .text("Type", \.type),
        ]

        var problem: DocumentProblem? {
            guard let type, !(0...2).contains(type) else { return nil }
            return DocumentProblem("Type", "must be 0, 1 or 2 (got \(type))")
        }
    }

    /// A page for requests for missing objects.
    public struct ErrorPage: XMLDocument {
        /// Key of the page.
        public var key = ""
        /// Status of the response, 200 or 404. Default: 404.
        public var status: Int?
        var unrecognized = UnrecognizedElements()

        /// Creates a page without a key, which the service refuses.
        public init() {}

        /// Creates a page.
        public init(_ key: String) { self.key = key }

        static let elements: [XMLElement<Self>] = [.required("Key", \.key), .text("HttpStatus", \.status)]

        var problem: DocumentProblem? {
            guard let status, status != 200, status != 404 else { return nil }
            return DocumentProblem("HttpStatus", "must be 200 or 404 (got \(status))")
        }
    }

    /// A rule that applies to some requests.
    public struct RoutingRule: XMLDocument {
        /// Position of the rule, starting at 1.
        public var number: Int?
        /// Condition for the rule. Default: all requests.
        public var condition: Condition?
        /// Action of the rule.
        public var redirect: WebsiteRedirect?
        /// Key of the Lua script that the rule runs.
        public var script: String?
        var unrecognized = UnrecognizedElements()

        /// Creates a rule without an action.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("RuleNumber", \.number), .part("Condition", \.condition), .part("Redirect", \.redirect),
            .text("LuaConfig/Script", \.script),
        ]

        var problem: DocumentProblem? {
            guard let number, number < 1 else { return nil }
            return DocumentProblem("RuleNumber", "must be at least 1 (got \(number))")
        }
    }

    /// A condition for a rule. All its parts must apply.
    public struct Condition: XMLDocument {
        /// Prefix of the key.
        public var keyPrefix: String?
        /// Suffix of the key.
        public var keySuffix: String?
        /// Status that the response would otherwise have, such as 404.
        public var errorStatus: Int?
        /// Headers that the request must contain.
        public var headers: [Header] = []
        var unrecognized = UnrecognizedElements()

        /// Creates a condition that always applies.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .text("KeyPrefixEquals", \.keyPrefix), .text("KeySuffixEquals", \.keySuffix),
            .text("HttpErrorCodeReturnedEquals", \.errorStatus), .parts("IncludeHeader", \.headers),
        ]

        /// A header that a request must contain.
        public struct Header: XMLDocument {
            /// Name of the header.
            public var name = ""
            /// Value of the header.
            public var value: String?
            /// Start of the value.
            public var prefix: String?
            /// End of the value.
            public var suffix: String?
            var unrecognized = UnrecognizedElements()

            /// Creates a header without a name, which the service refuses.
            public init() {}

            static let elements: [XMLElement<Self>] = [
                .required("Key", \.name), .text("Equals", \.value), .text("StartsWith", \.prefix),
                .text("EndsWith", \.suffix),
            ]
        }
    }
}

extension BucketSetting where Document == WebsiteConfiguration, Access == RemovableSetting {
    /// The static website of the bucket. (PutBucketWebsite, GetBucketWebsite, DeleteBucketWebsite)
    public static var website: Self { .xml("BucketWebsite", ["website": nil], root: "WebsiteConfiguration") }
}
