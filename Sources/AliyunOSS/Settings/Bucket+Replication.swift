import Foundation

/// The progress of replication rules.
public struct ReplicationProgress: XMLDocument {
    /// The rules.
    public var rules: [Rule] = []
    var unrecognized = UnrecognizedElements()

    /// Creates an empty list.
    public init() {}

    static let elements: [XMLElement<Self>] = [.parts("Rule", \.rules)]

    /// The progress of one rule.
    public struct Rule: XMLDocument {
        /// Destination of the copies.
        public var destination: ReplicationConfiguration.Destination?
        /// State of the rule.
        public var state: ReplicationConfiguration.State?
        /// Whether objects are copied that existed before the rule.
        public var historicalObjects: ReplicationConfiguration.Switch?
        /// Fraction of the historical objects that have been copied, such as `0.85`.
        public var historicalProgress: Double?
        /// Time before which all new objects have been copied.
        public var newObjectsCopiedBefore: Date?
        /// ID of the rule.
        public var id: String?
        /// Prefixes of the keys.
        public var prefixes: [String] = []
        /// Operations that are copied.
        public var action: ReplicationConfiguration.Action?
        var unrecognized = UnrecognizedElements()

        /// Creates an empty value.
        public init() {}

        static let elements: [XMLElement<Self>] = [
            .part("Destination", \.destination), .text("Status", \.state),
            .text("HistoricalObjectReplication", \.historicalObjects),
            .text("Progress/HistoricalObject", \.historicalProgress),
            .text("Progress/NewObject", \.newObjectsCopiedBefore), .text("ID", \.id),
            .texts("PrefixSet/Prefix", \.prefixes), .text("Action", \.action),
        ]
    }
}

/// The body of a request that deletes replication rules.
struct ReplicationRuleIDs: XMLDocument {
    var ids: [String] = []
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [.texts("ID", \.ids)]

    var problem: DocumentProblem? { ids.isEmpty || ids.contains("") ? DocumentProblem("ID", "must not be empty") : nil }
}

/// The body of a request that changes the replication time control of a rule.
struct ReplicationTimeControl: XMLDocument {
    var status = ReplicationConfiguration.Switch.enabled
    var id = ""
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [.required("RTC/Status", \.status), .required("ID", \.id)]
}

extension BucketSetting where Document == ReplicationConfiguration, Access == ReadOnlySetting {
    /// The replication rules of the bucket. Rules are added and deleted with ``Bucket/addReplicationRules(_:)`` and
    /// ``Bucket/deleteReplicationRules(_:)``. (GetBucketReplication)
    public static var replication: Self {
        .xml("BucketReplication", ["replication": nil], root: "ReplicationConfiguration")
    }
}

extension BucketSetting where Document == ReplicationLocations, Access == ReadOnlySetting {
    /// The regions to which objects can be copied. (GetBucketReplicationLocation)
    public static var replicationLocations: Self {
        .xml("BucketReplicationLocation", ["replicationLocation": nil], root: "ReplicationLocation")
    }
}

extension BucketSetting where Document == ReplicationProgress, Access == ReadOnlySetting {
    /// The progress of a replication rule, given by its ID. (GetBucketReplicationProgress)
    public static func replicationProgress(_ ruleID: String) -> Self {
        .xml(
            "BucketReplicationProgress", ["replicationProgress": nil, "rule-id": ruleID], root: "ReplicationProgress")
    }
}

extension Bucket {
    /// Adds replication rules, and returns the ID of the first. (PutBucketReplication)
    ///
    /// The request is not retried after a lost response: the service would refuse a second rule for the same
    /// destination.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` and the path of the element if a rule is
    ///   invalid.
    @discardableResult
    public func addReplicationRules(_ configuration: ReplicationConfiguration) async throws -> String {
        var operation = Operation("PutBucketReplication", .post)
        operation.query = [("replication", nil), ("comp", "add")]
        operation.isIdempotent = false
        let response = try await client.send(configuration, root: "ReplicationConfiguration", operation)
        return try client.header("x-oss-replication-rule-id", of: response, operation)
    }

    /// Deletes replication rules, given by their IDs. Copies that were made remain. (DeleteBucketReplication)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if there is no such rule.
    public func deleteReplicationRules(_ ids: [String]) async throws {
        var operation = Operation("DeleteBucketReplication", .post)
        operation.query = [("replication", nil), ("comp", "delete")]
        try await client.send(ReplicationRuleIDs(ids: ids), root: "ReplicationRules", operation)
    }

    /// Enables or disables the replication time control of a rule. (PutBucketRtc)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if there is no such rule.
    public func setReplicationTimeControl(
        _ status: ReplicationConfiguration.Switch, ofRule id: String
    ) async throws {
        var operation = Operation("PutBucketRtc", .put)
        operation.query = [("rtc", nil)]
        try await client.send(ReplicationTimeControl(status: status, id: id), root: "ReplicationRule", operation)
    }
}
