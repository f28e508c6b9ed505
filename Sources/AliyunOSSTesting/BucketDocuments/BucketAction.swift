import Foundation

/// An operation on a subresource of a bucket or of the service.
struct BucketAction: Sendable {
    typealias Perform = @Sendable (Service, ServiceRequest) throws -> ServiceResponse

    /// Name of the operation, as used in faults and in the log.
    let name: String
    let perform: Perform

    /// Returns the action for a bucket request, or `nil` if there is none.
    static func find(_ method: String, _ query: QueryItems) -> BucketAction? {
        guard let resource = resource(query) else { return nil }
        if method == "POST", resource == "metaQuery", let name = UnimplementedOperation.name(ofAction: query) {
            return BucketAction(name: name) { try $0.metaQueryAction($1) }
        }
        if let comp = query["comp"], !comp.isEmpty { return bucketActions["\(method) \(resource) \(comp)"] }
        if itemParameters.contains(where: { query.contains($0) }),
            let action = bucketActions["\(method) \(resource) item"]
        {
            return action
        }
        return bucketActions["\(method) \(resource)"]
    }

    /// Returns the action for a request to the service itself, or `nil` if there is none.
    static func findServiceAction(_ method: String, _ query: QueryItems) -> BucketAction? {
        query.items.lazy.compactMap { serviceActions["\(method) \($0.name)"] }.first
    }

    /// Returns whether the query names a subresource that has an action for at least one HTTP method.
    static func isKnown(_ query: QueryItems) -> Bool {
        resource(query) != nil
    }

    private static func resource(_ query: QueryItems) -> String? {
        // `wormExtend` comes with `wormId`, in any order.
        if query.contains("wormExtend") { return "wormExtend" }
        return query.resources.first { resources.contains($0) }
    }

    private static let resources = Set(bucketActions.keys.compactMap { $0.split(separator: " ").dropFirst().first })
        .map(String.init)
    private static let itemParameters: Set<String> = [
        "inventoryId", "styleName", "qosRequester", "x-oss-access-point-name",
        "x-oss-redundancy-transition-taskid",
    ]

    /// Bucket actions, keyed by method, query parameter and, if relevant, `comp` or `item`.
    private static let bucketActions: [String: BucketAction] = {
        var actions = special
        for document in BucketDocument.table {
            let suffix =
                switch document.variant {
                case .plain: ""
                case .item: " item"
                case .comp(let comp): " \(comp)"
                }
            for verb in document.verbs {
                let name = verb.prefix(1) + verb.dropFirst().lowercased() + document.name
                actions["\(verb) \(document.parameter)\(suffix)"] = BucketAction(
                    name: name, perform: perform(verb, document))
            }
        }
        return actions
    }()

    private static func perform(_ verb: String, _ document: BucketDocument) -> Perform {
        switch verb {
        case "PUT": { service, request in try service.putDocument(document, request) }
        case "DELETE": { service, request in try service.deleteDocument(document, request) }
        default: { service, request in try service.document(document, request) }
        }
    }

    private static let special: [String: BucketAction] = [
        "GET stat": .init(name: "GetBucketStat") { try $0.bucketStat($1) },
        "GET policyStatus": .init(name: "GetBucketPolicyStatus") { try $0.policyStatus($1) },
        "DELETE tagging": .init(name: "DeleteBucketTags") { try $0.deleteTags($1) },
        "GET inventory": .init(name: "ListBucketInventory") { try $0.listInventories($1) },
        "GET style": .init(name: "ListStyle") { try $0.listStyles($1) },
        "POST worm": .init(name: "InitiateBucketWorm") { try $0.initiateWorm($1) },
        "GET worm": .init(name: "GetBucketWorm") { try $0.worm($1) },
        "DELETE worm": .init(name: "AbortBucketWorm") { try $0.abortWorm($1) },
        "POST wormId": .init(name: "CompleteBucketWorm") { try $0.completeWorm($1) },
        "POST wormExtend": .init(name: "ExtendBucketWorm") { try $0.extendWorm($1) },
        "POST replication add": .init(name: "PutBucketReplication") { try $0.addReplication($1) },
        "POST replication delete": .init(name: "DeleteBucketReplication") { try $0.deleteReplication($1) },
        "GET replication": .init(name: "GetBucketReplication") { try $0.replication($1) },
        "GET replicationLocation": .init(name: "GetBucketReplicationLocation") { try $0.replicationLocation($1) },
        "GET replicationProgress": .init(name: "GetBucketReplicationProgress") { try $0.replicationProgress($1) },
        "PUT rtc": .init(name: "PutBucketRtc") { try $0.putReplicationTimeControl($1) },
        "POST cname add": .init(name: "PutCname") { try $0.putCname($1) },
        "POST cname delete": .init(name: "DeleteCname") { try $0.deleteCname($1) },
        "POST cname token": .init(name: "CreateCnameToken") { try $0.createCnameToken($1) },
        "GET cname token": .init(name: "GetCnameToken") { try $0.cnameToken($1) },
        "GET cname": .init(name: "ListCname") { try $0.listCnames($1) },
        "POST metaQuery add": .init(name: "OpenMetaQuery") { try $0.openMetaQuery($1) },
        "POST metaQuery delete": .init(name: "CloseMetaQuery") { try $0.closeMetaQuery($1) },
        "GET metaQuery": .init(name: "GetMetaQueryStatus") { try $0.metaQueryStatus($1) },
        "POST metaQuery query": .init(name: "DoMetaQuery") { try $0.doMetaQuery($1) },
        "POST redundancyTransition": .init(name: "CreateBucketDataRedundancyTransition") {
            try $0.createRedundancyTransition($1)
        },
        "GET redundancyTransition item": .init(name: "GetBucketDataRedundancyTransition") {
            try $0.redundancyTransition($1)
        },
        "GET redundancyTransition": .init(name: "ListBucketDataRedundancyTransition") {
            try $0.listRedundancyTransitions($1)
        },
        "DELETE redundancyTransition": .init(name: "DeleteBucketDataRedundancyTransition") {
            try $0.deleteRedundancyTransition($1)
        },
        "GET requesterQosInfo item": .init(name: "GetBucketRequesterQosInfo") { try $0.requesterQoS($1) },
        "GET requesterQosInfo": .init(name: "ListBucketRequesterQosInfos") { try $0.listRequesterQoS($1) },
        "PUT accessPoint": .init(name: "CreateAccessPoint") { try $0.createAccessPoint($1) },
        "GET accessPoint": .init(name: "GetAccessPoint") { try $0.accessPoint($1) },
        "DELETE accessPoint": .init(name: "DeleteAccessPoint") { try $0.deleteAccessPoint($1) },
        "PUT accessPointPolicy": .init(name: "PutAccessPointPolicy") { try $0.putAccessPointPolicy($1) },
        "GET accessPointPolicy": .init(name: "GetAccessPointPolicy") { try $0.accessPointPolicy($1) },
        "DELETE accessPointPolicy": .init(name: "DeleteAccessPointPolicy") { try $0.deleteAccessPointPolicy($1) },
    ]

    private static let serviceActions: [String: BucketAction] = [
        "GET cloudboxes": .init(name: "ListCloudBoxes") { try $0.listCloudBoxes($1) },
        "GET regions": .init(name: "DescribeRegions") { try $0.describeRegions($1) },
        "GET accessPoint": .init(name: "ListAccessPoints") { try $0.listAccessPoints($1) },
        "GET redundancyTransition": .init(name: "ListUserDataRedundancyTransition") {
            try $0.listRedundancyTransitions($1)
        },
        "GET qosInfo": .init(name: "GetUserQosInfo") { try $0.accountQoS($1) },
        "GET resourcePool": .init(name: "ListResourcePools") { try $0.listResourcePools($1) },
        "GET resourcePoolInfo": .init(name: "GetResourcePoolInfo") { try $0.resourcePool($1) },
        "GET resourcePoolBuckets": .init(name: "ListResourcePoolBuckets") { try $0.resourcePool($1) },
        "GET requesterQosInfo": .init(name: "GetResourcePoolRequesterQosInfo") { try $0.resourcePool($1) },
        "PUT requesterQosInfo": .init(name: "PutResourcePoolRequesterQosInfo") { try $0.resourcePool($1) },
        "DELETE requesterQosInfo": .init(name: "DeleteResourcePoolRequesterQosInfo") { try $0.resourcePool($1) },
        "PUT publicAccessBlock": .init(name: "PutPublicAccessBlock") { try $0.putAccountPublicAccessBlock($1) },
        "GET publicAccessBlock": .init(name: "GetPublicAccessBlock") { try $0.accountPublicAccessBlock($1) },
        "DELETE publicAccessBlock": .init(name: "DeletePublicAccessBlock") {
            try $0.deleteAccountPublicAccessBlock($1)
        },
    ]
}

extension ServiceRequest {
    /// The subresource action that the request names, or `nil` if the operation has its own enumeration case.
    var action: BucketAction? {
        switch operation {
        case .bucketAction: BucketAction.find(method, query)
        case .serviceAction: BucketAction.findServiceAction(method, query)
        default: nil
        }
    }

    /// Name of the operation, as used in faults and in the log.
    var operationName: String {
        action?.name ?? (operation == .unsupported ? UnimplementedOperation.name(of: self) : operation.rawValue)
    }
}
