import Foundation

/// An access point: an address of a bucket with a policy and a network of its own.
public struct AccessPoint: XMLDocument {
    /// ARN.
    public var arn: String?
    /// Alias, which can be used in place of the name of the bucket.
    public var alias: String?
    /// Endpoint in the internet.
    public var publicEndpoint: String?
    /// Endpoint in the region's internal network.
    public var internalEndpoint: String?
    /// Time at which the access point was created.
    public var creationDate: Date?
    /// Name.
    public var name = ""
    /// Name of the bucket.
    public var bucket: String?
    /// ID of the account that owns the access point.
    public var accountID: String?
    /// Network from which the access point can be used.
    public var networkOrigin: NetworkOrigin?
    /// ID of the VPC. Only for ``NetworkOrigin/vpc``.
    public var vpcID: String?
    /// State, such as `enable`.
    public var status: String?
    /// Protection against public access.
    public var publicAccessBlock: PublicAccessBlockConfiguration?
    var unrecognized = UnrecognizedElements()

    /// Creates a value without a name.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("AccessPointArn", \.arn), .text("Alias", \.alias), .text("Endpoints/PublicEndpoint", \.publicEndpoint),
        .text("Endpoints/InternalEndpoint", \.internalEndpoint), .text("CreationDate", \.creationDate),
        .required("AccessPointName", \.name), .text("Bucket", \.bucket), .text("AccountId", \.accountID),
        .text("NetworkOrigin", \.networkOrigin), .text("VpcConfiguration/VpcId", \.vpcID), .text("Status", \.status),
        .part("PublicAccessBlockConfiguration", \.publicAccessBlock),
    ]

    /// A network from which an access point can be used.
    public struct NetworkOrigin: ExtensibleName, XMLText {
        /// The name that the service uses.
        public var rawValue: String

        /// Creates a value from the name that the service uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A VPC.
        public static let vpc: NetworkOrigin = "vpc"
        /// Any network.
        public static let internet: NetworkOrigin = "internet"
    }
}

/// An access point in a listing.
public struct AccessPointSummary: XMLDocument {
    /// Network from which the access point can be used.
    public var networkOrigin: AccessPoint.NetworkOrigin?
    /// ID of the VPC.
    public var vpcID: String?
    /// State, such as `enable`.
    public var status: String?
    /// Name of the bucket.
    public var bucket: String?
    /// Name.
    public var name = ""
    /// Alias, which can be used in place of the name of the bucket.
    public var alias: String?
    var unrecognized = UnrecognizedElements()

    /// Creates a value without a name.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .text("NetworkOrigin", \.networkOrigin), .text("VpcConfiguration/VpcId", \.vpcID), .text("Status", \.status),
        .text("Bucket", \.bucket), .required("AccessPointName", \.name), .text("Alias", \.alias),
    ]
}

/// A page of a listing of access points.
struct AccessPointPage: PagedDocument {
    var maximumCount: Int?
    var isTruncated: Bool?
    var nextToken: String?
    var accountID: String?
    var items: [AccessPointSummary] = []
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .text("MaxKeys", \.maximumCount), .text("IsTruncated", \.isTruncated),
        .text("NextContinuationToken", \.nextToken), .text("AccountId", \.accountID),
        .parts("AccessPoints/AccessPoint", \.items),
    ]
}

/// The body of a request that creates an access point.
struct AccessPointCreation: XMLDocument {
    var name = ""
    var networkOrigin = AccessPoint.NetworkOrigin.internet
    var vpcID: String?
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .required("AccessPointName", \.name), .required("NetworkOrigin", \.networkOrigin),
        .text("VpcConfiguration/VpcId", \.vpcID),
    ]

    var problem: DocumentProblem? {
        if let problem = DocumentProblem.inAccessPointName(name, "AccessPointName") { return problem }
        guard networkOrigin == .vpc, (vpcID ?? "").isEmpty else { return nil }
        return DocumentProblem("VpcConfiguration/VpcId", "must not be empty for the network vpc")
    }
}

extension DocumentProblem {
    /// Returns the problem of the name of a new access point, or `nil` if the name is valid.
    static func inAccessPointName(_ name: String, _ element: String) -> DocumentProblem? {
        let isValid =
            (3...19).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        return isValid
            ? nil
            : DocumentProblem(
                element, "must consist of 3 to 19 lowercase letters, digits and '-' (got '\(name.excerpt)')")
    }
}

/// The address of a new access point.
public struct CreatedAccessPoint: XMLDocument {
    /// ARN.
    public var arn: String?
    /// Alias, which can be used in place of the name of the bucket.
    public var alias: String?
    var unrecognized = UnrecognizedElements()

    /// Creates an empty value.
    public init() {}

    static let elements: [XMLElement<Self>] = [.text("AccessPointArn", \.arn), .text("Alias", \.alias)]
}

extension BucketSetting where Document == AccessPoint, Access == CreatedSetting {
    /// An access point of the bucket, given by its name. (GetAccessPoint, DeleteAccessPoint)
    public static func accessPoint(_ name: String) -> Self {
        xml("AccessPoint", ["accessPoint": nil], root: "GetAccessPointResult", headers: .accessPoint(name)).with {
            $0.echo = DocumentEcho("AccessPointName", name)
        }
    }
}

extension BucketSetting where Document == String, Access == RemovableSetting {
    /// The policy of an access point, a text in JSON. (PutAccessPointPolicy, GetAccessPointPolicy,
    /// DeleteAccessPointPolicy)
    public static func accessPointPolicy(_ name: String) -> Self {
        json("AccessPointPolicy", ["accessPointPolicy": nil], headers: .accessPoint(name)).with {
            $0.owners.insert("NoSuchAccessPoint")
        }
    }
}

extension BucketSetting where Document == PublicAccessBlockConfiguration, Access == RemovableSetting {
    /// The protection of an access point against public access. (PutAccessPointPublicAccessBlock,
    /// GetAccessPointPublicAccessBlock, DeleteAccessPointPublicAccessBlock)
    public static func accessPointPublicAccessBlock(_ name: String) -> Self {
        xml(
            "AccessPointPublicAccessBlock", ["publicAccessBlock": nil, "x-oss-access-point-name": name],
            root: "PublicAccessBlockConfiguration"
        ).with { $0.owners.insert("NoSuchAccessPoint") }
    }
}

extension HTTPHeaders {
    fileprivate static func accessPoint(_ name: String) -> HTTPHeaders { ["x-oss-access-point-name": name] }
}

extension Bucket {
    /// Creates an access point for the bucket, and returns its address. (CreateAccessPoint)
    ///
    /// The request is not retried after a lost response: the service would refuse a second access point with the same
    /// name.
    ///
    /// - Parameters:
    ///   - name: Name of the access point: 3 to 19 lowercase letters, digits and `-`.
    ///   - vpcID: ID of the VPC from which the access point can be used. Default: any network.
    /// - Throws: ``OSSError``.
    public func createAccessPoint(_ name: String, vpcID: String? = nil) async throws -> CreatedAccessPoint {
        var operation = Operation("CreateAccessPoint", .put)
        operation.query = [("accessPoint", nil)]
        operation.isIdempotent = false
        let body = AccessPointCreation(
            name: name, networkOrigin: vpcID == nil ? .internet : .vpc, vpcID: vpcID)
        operation = try client.adding(body, root: "CreateAccessPointConfiguration", to: operation)
        return try await client.document(operation, root: "CreateAccessPointResult")
    }

    /// Lists the access points of the bucket. (ListAccessPoints)
    public nonisolated func listAccessPoints() -> PagedSequence<AccessPointSummary, [AccessPointSummary]> {
        client.listAccessPoints()
    }
}

extension Client {
    /// Lists the access points of the bucket, or of the account if the client has no bucket.
    func listAccessPoints() -> PagedSequence<AccessPointSummary, [AccessPointSummary]> {
        list(AccessPointPage.self, root: "ListAccessPointsResult") {
            var operation = Operation("ListAccessPoints", .get)
            operation.query = [("accessPoint", nil)]
            operation.addQuery("continuation-token", ifPresent: $0)
            return operation
        }
    }
}
