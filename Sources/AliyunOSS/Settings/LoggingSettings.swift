/// The storage of access logs.
public struct LoggingConfiguration: XMLDocument {
    /// Destination of the logs; `nil` if none are stored.
    public var destination: Destination?
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without logs.
    public init() {}

    /// Creates a configuration.
    public init(bucket: String, prefix: String) {
        destination = Destination()
        destination?.bucket = bucket
        destination?.prefix = prefix
    }

    static let elements: [XMLElement<Self>] = [.part("LoggingEnabled", \.destination)]

    /// A destination of logs.
    public struct Destination: XMLDocument {
        /// Bucket that stores the logs, in the same region.
        public var bucket = ""
        /// Prefix of the keys of the logs. Default: none.
        public var prefix: String?
        /// Name of the RAM role with which the logs are written. Default: `AliyunOSSLoggingDefaultRole`.
        public var role: String?
        var unrecognized = UnrecognizedElements()

        /// Creates a destination without a bucket, which the service refuses.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .required("TargetBucket", \.bucket), .text("TargetPrefix", \.prefix), .text("LoggingRole", \.role),
        ]

        var problem: DocumentProblem? { .inBucketName(bucket, "TargetBucket") }
    }
}

/// Headers and query parameters of requests that real-time logs contain in addition to the default fields.
public struct UserDefinedLogFieldsConfiguration: XMLDocument {
    /// Names of the headers.
    public var headers: [String] = []
    /// Names of the query parameters.
    public var parameters: [String] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without fields, which the service refuses.
    public init() {}

    /// Creates a configuration.
    public init(headers: [String], parameters: [String] = []) {
        (self.headers, self.parameters) = (headers, parameters)
    }

    static let elements: [XMLElement<Self>] = [
        .texts("HeaderSet/header", \.headers), .texts("ParamSet/parameter", \.parameters),
    ]

    var problem: DocumentProblem? {
        if headers.isEmpty, parameters.isEmpty { return DocumentProblem("", "must contain a header or a parameter") }
        if headers.contains("") { return DocumentProblem("HeaderSet/header", "must not be empty") }
        return parameters.contains("") ? DocumentProblem("ParamSet/parameter", "must not be empty") : nil
    }
}

extension DocumentProblem {
    /// Returns the problem of a bucket name in a document, or `nil` if the name is valid.
    static func inBucketName(_ name: String, _ element: String) -> DocumentProblem? {
        do throws(OSSError) {
            try BucketName.validate(name)
            return nil
        } catch {
            return DocumentProblem(element, "is invalid: \(error.message)")
        }
    }
}

extension BucketSetting where Document == LoggingConfiguration, Access == RemovableSetting {
    /// The storage of access logs. (PutBucketLogging, GetBucketLogging, DeleteBucketLogging)
    public static var logging: Self { .xml("BucketLogging", ["logging": nil], root: "BucketLoggingStatus") }
}

extension BucketSetting where Document == UserDefinedLogFieldsConfiguration, Access == RemovableSetting {
    /// The additional fields of real-time logs. (PutUserDefinedLogFieldsConfig, GetUserDefinedLogFieldsConfig,
    /// DeleteUserDefinedLogFieldsConfig)
    public static var userDefinedLogFields: Self {
        .xml(
            "UserDefinedLogFieldsConfig", ["userDefinedLogFieldsConfig": nil],
            root: "UserDefinedLogFieldsConfiguration")
    }
}
