/// An OSS storage on the premises of a customer.
public struct CloudBox: XMLDocument {
    /// ID, such as `cb-f8z7yvzgwfkl9q0h`.
    public var id = ""
    /// Name.
    public var name: String?
    /// Region.
    public var region: String?
    /// Endpoint for operations on buckets.
    public var controlEndpoint: String?
    /// Endpoint for operations on objects.
    public var dataEndpoint: String?
    /// Alias.
    public var alias: String?
    var unrecognized = UnrecognizedElements()

    /// Creates a value without an ID.
    public init() {}

    static let elements: [XMLElement<Self>] = [
        .required("ID", \.id), .text("Name", \.name), .text("Region", \.region),
        .text("ControlEndpoint", \.controlEndpoint), .text("DataEndpoint", \.dataEndpoint), .text("Alias", \.alias),
    ]
}

/// A page of a listing of cloud boxes.
struct CloudBoxPage: PagedDocument {
    var prefix: String?
    var marker: String?
    var maximumCount: Int?
    var isTruncated: Bool?
    var nextToken: String?
    var owner: AccessControlPolicy.Owner?
    var items: [CloudBox] = []
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [
        .text("Prefix", \.prefix), .text("Marker", \.marker), .text("MaxKeys", \.maximumCount),
        .text("IsTruncated", \.isTruncated), .text("NextMarker", \.nextToken), .part("Owner", \.owner),
        .parts("CloudBoxes/CloudBox", \.items),
    ]
}

extension BucketSetting where Document == PublicAccessBlockConfiguration, Access == RemovableSetting {
    /// The protection of all buckets of the account.
    fileprivate static var ofAccount: Self {
        .xml("PublicAccessBlock", ["publicAccessBlock": nil], root: "PublicAccessBlockConfiguration")
    }
}

extension OSSService {
    /// Returns the protection of all buckets of the account against public access. (GetPublicAccessBlock)
    ///
    /// - Throws: ``OSSError``.
    public func publicAccessBlock() async throws -> PublicAccessBlockConfiguration? {
        try await client.setting(.ofAccount)
    }

    /// Replaces the protection of all buckets of the account against public access. (PutPublicAccessBlock)
    ///
    /// - Throws: ``OSSError``.
    public func setPublicAccessBlock(_ configuration: PublicAccessBlockConfiguration) async throws {
        try await client.set(.ofAccount, to: configuration)
    }

    /// Deletes the protection of all buckets of the account against public access. (DeletePublicAccessBlock)
    ///
    /// - Throws: ``OSSError``.
    public func removePublicAccessBlock() async throws { try await client.remove(.ofAccount) }

    /// Lists the cloud boxes of the account. (ListCloudBoxes)
    ///
    /// - Parameter prefix: Prefix of the IDs. Default: all cloud boxes.
    public func listCloudBoxes(prefix: String = "") -> PagedSequence<CloudBox, [CloudBox]> {
        client.list(CloudBoxPage.self, root: "ListCloudBoxResult") {
            var operation = Operation("ListCloudBoxes", .get)
            operation.query = [("cloudboxes", nil)]
            if !prefix.isEmpty { operation.query.append(("prefix", prefix)) }
            operation.addQuery("marker", ifPresent: $0)
            return operation
        }
    }

    /// Lists the tasks that change the redundancy of any bucket of the account. (ListUserDataRedundancyTransition)
    public func listRedundancyTransitions() -> PagedSequence<RedundancyTransition, [RedundancyTransition]> {
        client.listRedundancyTransitions("ListUserDataRedundancyTransition")
    }

    /// Lists the access points of the account. (ListAccessPoints)
    public func listAccessPoints() -> PagedSequence<AccessPointSummary, [AccessPointSummary]> {
        client.listAccessPoints()
    }

    /// Lists the access points for object processing of the account. (ListAccessPointsForObjectProcess)
    public func listObjectProcessAccessPoints()
        -> PagedSequence<ObjectProcessAccessPointSummary, [ObjectProcessAccessPointSummary]>
    {
        client.list(ObjectProcessAccessPointPage.self, root: "ListAccessPointsForObjectProcessResult") {
            var operation = Operation("ListAccessPointsForObjectProcess", .get)
            operation.query = [("accessPointForObjectProcess", nil)]
            operation.addQuery("continuation-token", ifPresent: $0)
            return operation
        }
    }

    /// Performs an action on the data pipelines of the account, and returns the body of the response.
    /// (DoDataPipeLineAction)
    ///
    /// - Parameters:
    ///   - action: Name of the action, such as `putDataPipelineConfiguration`.
    ///   - body: Body of the request, in the format of the action. Default: none.
    ///   - isIdempotent: Whether the request can be sent again after a lost response. Default: `false`.
    /// - Throws: ``OSSError``.
    public func performDataPipelineAction(
        _ action: String, body: [UInt8] = [], isIdempotent: Bool = false
    ) async throws -> [UInt8] {
        var operation = Operation("DoDataPipeLineAction", .post)
        operation.query = [("dataPipeline", nil), ("action", action)]
        return try await client.perform(operation, body: body, isIdempotent: isIdempotent)
    }
}
