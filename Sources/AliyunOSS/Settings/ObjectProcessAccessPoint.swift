import Foundation

/// An access point whose objects are processed by a function when they are read.
public struct ObjectProcessAccessPoint: XMLDocument {
    /// Whether anonymous access is allowed: `true` or `false`, as text.
    public var allowsAnonymousAccess: String?
    /// Protection against public access.
    public var publicAccessBlock: PublicAccessBlockConfiguration?
    /// Name.
    public var name = ""
    /// ARN.
    public var arn: String?
    /// Time at which the access point was created.
    public var creationDate: Date?
    /// State, such as `enable`.
    public var status: String?
    /// Endpoint in the region's internal network.
    public var internalEndpoint: String?
    /// Endpoint in the internet.
    public var publicEndpoint: String?
    /// Alias, which can be used in place of the name of the bucket.
    public var alias: String?
    /// Name of the access point that supplies the objects.
    public var accessPointName: String?
    /// ID of the account that owns the access point.
    public var accountID: String?
    var unrecognized = UnrecognizedElements()

    /// Creates a value without a name.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("AllowAnonymousAccessForObjectProcess", \.allowsAnonymousAccess),
        .part("PublicAccessBlockConfiguration", \.publicAccessBlock),
        .required("AccessPointNameForObjectProcess", \.name), .text("AccessPointForObjectProcessArn", \.arn),
        .text("CreationDate", \.creationDate), .text("Status", \.status),
        .text("Endpoints/InternalEndpoint", \.internalEndpoint), .text("Endpoints/PublicEndpoint", \.publicEndpoint),
        .text("AccessPointForObjectProcessAlias", \.alias), .text("AccessPointName", \.accessPointName),
        .text("AccountId", \.accountID),
    ]
}

/// An access point for object processing in a listing.
public struct ObjectProcessAccessPointSummary: XMLDocument {
    /// State, such as `enable`.
    public var status: String?
    /// Whether anonymous access is allowed: `true` or `false`, as text.
    public var allowsAnonymousAccess: String?
    /// Name.
    public var name = ""
    /// Alias, which can be used in place of the name of the bucket.
    public var alias: String?
    /// Name of the access point that supplies the objects.
    public var accessPointName: String?
    var unrecognized = UnrecognizedElements()

    /// Creates a value without a name.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("Status", \.status), .text("AllowAnonymousAccessForObjectProcess", \.allowsAnonymousAccess),
        .required("AccessPointNameForObjectProcess", \.name), .text("AccessPointForObjectProcessAlias", \.alias),
        .text("AccessPointName", \.accessPointName),
    ]
}

/// A page of a listing of access points for object processing.
struct ObjectProcessAccessPointPage: PagedDocument {
    var items: [ObjectProcessAccessPointSummary] = []
    var isTruncated: Bool?
    var nextToken: String?
    var accountID: String?
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .parts("AccessPointsForObjectProcess/AccessPointForObjectProcess", \.items),
        .text("IsTruncated", \.isTruncated), .text("NextContinuationToken", \.nextToken),
        .text("AccountId", \.accountID),
    ]
}

/// The processing of the objects that are read through an access point.
public struct ObjectProcessConfiguration: XMLDocument {
    /// Functions that process objects.
    public var transformations: [Transformation] = []
    /// Features that requests may use, such as `GetObject-Range`.
    public var allowedFeatures: [String] = []
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without functions.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .parts("TransformationConfigurations/TransformationConfiguration", \.transformations),
        .texts("AllowedFeatures/AllowedFeature", \.allowedFeatures),
    ]

    /// A function that processes objects.
    public struct Transformation: XMLDocument {
        /// Operations, such as `GetObject`.
        public var actions: [String] = []
        /// ARN of the function.
        public var functionARN: String?
        /// ARN of the RAM role with which the function is called.
        public var functionRoleARN: String?
        /// Names of headers of the request that are passed to the function.
        public var forwardedHeaders: [String] = []
        var unrecognized = UnrecognizedElements()

        /// Creates a transformation without a function.
        public init() {}

        /// Creates a transformation of objects that are read.
        public init(functionARN: String, roleARN: String) {
            (actions, self.functionARN, functionRoleARN) = (["GetObject"], functionARN, roleARN)
        }

        static let elements: [XMLElement<Self>] = [
            .texts("Actions/Action", \.actions),
            .text("ContentTransformation/FunctionCompute/FunctionArn", \.functionARN),
            .text("ContentTransformation/FunctionCompute/FunctionAssumeRoleArn", \.functionRoleARN),
            .texts(
                "ContentTransformation/AdditionalFeatures/CustomForwardHeaders/CustomForwardHeader",
                \.forwardedHeaders),
        ]
    }
}

/// The configuration of an access point for object processing.
public struct ObjectProcessAccessPointConfiguration: XMLDocument {
    /// Processing of the objects.
    public var process = ObjectProcessConfiguration()
    /// Whether anonymous access is allowed: `true` or `false`, as text.
    public var allowsAnonymousAccess: String?
    /// Protection against public access.
    public var publicAccessBlock: PublicAccessBlockConfiguration?
    var unrecognized = UnrecognizedElements()

    /// Creates a configuration without functions.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("AllowAnonymousAccessForObjectProcess", \.allowsAnonymousAccess),
        .part("PublicAccessBlockConfiguration", \.publicAccessBlock),
        .requiredPart("ObjectProcessConfiguration", \.process),
    ]
}

/// The body of a request that creates an access point for object processing.
struct ObjectProcessAccessPointCreation: XMLDocument {
    var allowsAnonymousAccess: String?
    var accessPointName = ""
    var process = ObjectProcessConfiguration()
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .text("AllowAnonymousAccessForObjectProcess", \.allowsAnonymousAccess),
        .required("AccessPointName", \.accessPointName), .requiredPart("ObjectProcessConfiguration", \.process),
    ]
}

/// The address of a new access point for object processing.
public struct CreatedObjectProcessAccessPoint: XMLDocument {
    /// ARN.
    public var arn: String?
    /// Alias, which can be used in place of the name of the bucket.
    public var alias: String?
    var unrecognized = UnrecognizedElements()

    /// Creates an empty value.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("AccessPointForObjectProcessArn", \.arn), .text("AccessPointForObjectProcessAlias", \.alias),
    ]
}

extension BucketSetting where Document == ObjectProcessAccessPoint, Access == CreatedSetting {
    /// An access point for object processing, given by its name. (GetAccessPointForObjectProcess,
    /// DeleteAccessPointForObjectProcess)
    public static func objectProcessAccessPoint(_ name: String) -> Self {
        xml(
            "AccessPointForObjectProcess", ["accessPointForObjectProcess": nil],
            root: "GetAccessPointForObjectProcessResult", headers: .objectProcess(name)
        ).with { $0.echo = DocumentEcho("AccessPointNameForObjectProcess", name) }
    }
}

extension BucketSetting where Document == ObjectProcessAccessPointConfiguration, Access == PermanentSetting {
    /// The configuration of an access point for object processing. (PutAccessPointConfigForObjectProcess,
    /// GetAccessPointConfigForObjectProcess)
    public static func objectProcessAccessPointConfiguration(_ name: String) -> Self {
        xml(
            "AccessPointConfigForObjectProcess", ["accessPointConfigForObjectProcess": nil],
            root: "GetAccessPointConfigForObjectProcessResult", headers: .objectProcess(name)
        ).with {
            $0.owners.insert("NoSuchAccessPointForObjectProcess")
            $0.write = { (document, operation) throws(OSSError) in
                try operation.setBody(document, root: "PutAccessPointConfigForObjectProcessConfiguration")
            }
        }
    }
}

extension BucketSetting where Document == String, Access == RemovableSetting {
    /// The policy of an access point for object processing, a text in JSON. (PutAccessPointPolicyForObjectProcess,
    /// GetAccessPointPolicyForObjectProcess, DeleteAccessPointPolicyForObjectProcess)
    public static func objectProcessAccessPointPolicy(_ name: String) -> Self {
        json(
            "AccessPointPolicyForObjectProcess", ["accessPointPolicyForObjectProcess": nil],
            headers: .objectProcess(name)
        ).with { $0.owners.insert("NoSuchAccessPointForObjectProcess") }
    }
}

extension HTTPHeaders {
    fileprivate static func objectProcess(_ name: String) -> HTTPHeaders {
        ["x-oss-access-point-for-object-process-name": name]
    }
}

extension Bucket {
    /// Creates an access point for object processing, and returns its address. (CreateAccessPointForObjectProcess)
    ///
    /// - Parameters:
    ///   - name: Name of the new access point: 3 to 19 lowercase letters, digits and `-`.
    ///   - accessPoint: Name of the access point that supplies the objects.
    ///   - process: Processing of the objects.
    /// - Throws: ``OSSError``.
    public func createObjectProcessAccessPoint(
        _ name: String, of accessPoint: String, process: ObjectProcessConfiguration
    ) async throws -> CreatedObjectProcessAccessPoint {
        var operation = Operation("CreateAccessPointForObjectProcess", .put)
        operation.query = [("accessPointForObjectProcess", nil)]
        if let problem = DocumentProblem.inAccessPointName(name, "AccessPointNameForObjectProcess") {
            throw client.describe(
                OSSError(.invalidArgument, "\(problem.element) \(problem.reason)"), operation, attempts: 0)
        }
        operation.headers = .objectProcess(name)
        operation.isIdempotent = false
        let body = ObjectProcessAccessPointCreation(accessPointName: accessPoint, process: process)
        operation = try client.adding(
            body, root: "CreateAccessPointForObjectProcessConfiguration", to: operation)
        return try await client.document(operation, root: "CreateAccessPointForObjectProcessResult")
    }
}
