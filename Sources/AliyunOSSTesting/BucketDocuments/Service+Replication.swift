import Foundation
import OSSPrimitives

extension Service {
    private static let replicationShape = DocumentShape(
        "ReplicationConfiguration{Rule+{ID,PrefixSet{Prefix*},Action,Destination!{Bucket!,Location!,TransferType},"
            + "Status,HistoricalObjectReplication(enabled|disabled),SyncRole,"
            + "SourceSelectionCriteria{SseKmsEncryptedObjects{Status}},EncryptionConfiguration{ReplicaKmsKeyID},"
            + "RTC{Status(enabled|disabled)}}}")
    private static let removal = DocumentShape("ReplicationRules{ID+}")
    private static let timeControl = DocumentShape("ReplicationRule{RTC!{Status!(enabled|disabled)},ID!}")

    func addReplication(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        var added = try Self.body(request, Self.replicationShape)
        for index in added.children.indices where added.children[index].name == "Rule" {
            if added.children[index].text("ID") ?? "" == "" {
                added.children[index].set("ID", UUID().uuidString.lowercased(), at: 0)
            }
            let id = added.children[index].text("ID") ?? ""
            // Responses return the ID in a header.
            guard HeaderText.isValid(id) else {
                throw ServiceError.invalidArgument("The ID must not contain control characters.", name: "ID", value: id)
            }
            if added.children[index].text("Action") ?? "" == "" { added.children[index].set("Action", "ALL") }
            if added.children[index]["HistoricalObjectReplication"] == nil {
                added.children[index].set("HistoricalObjectReplication", "enabled")
            }
            Self.dropUnusedKey(&added.children[index])
            ReplicationRules.set("starting", of: &added.children[index], at: request.now)
        }
        guard let shape = Self.replicationShape else { throw ServiceError.malformedXML }
        added = try shape.arranged(added)
        try store.update(bucket) { properties throws in
            var all =
                replicationRules(of: properties, at: request.now) ?? XMLTree(name: "ReplicationConfiguration")
            for rule in added.all("Rule") {
                guard !all.children.contains(where: { $0.text("ID") == rule.text("ID") }) else {
                    throw ServiceError.invalidArgument(
                        "A rule with this ID already exists.", name: "ID", value: rule.text("ID") ?? "")
                }
                let target = rule.text("Destination", "Bucket")
                guard !all.children.contains(where: { $0.text("Destination", "Bucket") == target }) else {
                    throw ServiceError(
                        status: 400, code: "BucketReplicationAlreadyExist",
                        message: "The bucket is already replicated to that bucket.", ec: "0031-00000501",
                        details: [("TargetBucket", target ?? "")])
                }
                all.children.append(rule)
            }
            properties.documents["replication"] = all.document
        }
        return ServiceResponse(headers: [("x-oss-replication-rule-id", added["Rule"]?.text("ID") ?? "")])
    }

    func deleteReplication(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let names = try Self.body(request, Self.removal).all("ID").map(\.text)
        try store.update(bucket) { properties throws in
            guard var all = replicationRules(of: properties, at: request.now) else { throw Self.noReplication }
            for name in names {
                guard let index = all.children.firstIndex(where: { $0.text("ID") == name }) else {
                    throw Self.noRule(name)
                }
                guard all.children[index].text("Status") != "closing" else { continue }
                ReplicationRules.set("closing", of: &all.children[index], at: request.now)
            }
            properties.documents["replication"] = all.document
        }
        return ServiceResponse()
    }

    func replication(_ request: ServiceRequest) throws -> ServiceResponse {
        guard let rules = replicationRules(of: try bucket(request).properties, at: request.now) else {
            throw Self.noReplication
        }
        return ServiceResponse(xml: ReplicationRules.shown(rules).document)
    }

    func replicationLocation(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        let others = Self.regions.filter { $0 != region }.map { "oss-\($0)" }
        var xml = XMLWriter(root: "ReplicationLocation")
        for location in others { xml.element("Location", location) }
        xml.element("LocationTransferTypeConstraint") { xml in
            for location in others {
                xml.element("LocationTransferType") { xml in
                    xml.element("Location", location)
                    xml.element("TransferTypes") { $0.element("Type", "oss_acc") }
                }
            }
        }
        xml.element("LocationRTCConstraint") { xml in
            for location in others { xml.element("Location", location) }
        }
        return ServiceResponse(xml: xml.finish())
    }

    func replicationProgress(_ request: ServiceRequest) throws -> ServiceResponse {
        let id = request.query["rule-id"] ?? ""
        let all = replicationRules(of: try bucket(request).properties, at: request.now)
        guard let rule = all?.children.first(where: { $0.text("ID") == id }) else { throw Self.noRule(id) }
        var xml = XMLWriter(root: "ReplicationProgress")
        xml.element("Rule") { xml in
            for name in ["ID", "PrefixSet", "Action", "Destination", "Status", "HistoricalObjectReplication"] {
                rule[name]?.write(to: &xml)
            }
            // A running rule is always up to date; a starting or closing rule reports no progress.
            xml.element("Progress") { xml in
                let isDoing = rule.text("Status") == "doing"
                if !isDoing || rule.text("HistoricalObjectReplication") == "enabled" {
                    xml.element("HistoricalObject", isDoing ? "1.00" : "0.00")
                }
                if isDoing { xml.element("NewObject", ISO8601.extended(request.now)) }
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    func putReplicationTimeControl(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let given = try Self.body(request, Self.timeControl)
        let id = given.text("ID") ?? ""
        try store.update(bucket) { properties throws in
            var all = replicationRules(of: properties, at: request.now)
            guard let index = all?.children.firstIndex(where: { $0.text("ID") == id }), let control = given["RTC"]
            else { throw Self.noRule(id) }
            all?.children[index].children.removeAll { $0.name == "RTC" }
            all?.children[index].children.append(control)
            properties.documents["replication"] = all?.document
        }
        return ServiceResponse()
    }

    /// Returns the replication rules that a bucket has at the given time, or `nil` if there are none.
    func replicationRules(of properties: MockBucket.Properties, at now: Date) -> XMLTree? {
        properties.tree("replication").flatMap { ReplicationRules.settled($0, at: now) }
    }

    /// Removes encryption key settings that have no effect because the rule has no role or excludes objects encrypted
    /// with KMS.
    private static func dropUnusedKey(_ rule: inout XMLTree) {
        let status = rule.text("SourceSelectionCriteria", "SseKmsEncryptedObjects", "Status")
        let hasRole = rule.text("SyncRole") ?? "" != ""
        rule.children.removeAll {
            switch $0.name {
            case "SourceSelectionCriteria": !hasRole
            case "EncryptionConfiguration": !hasRole || status == "Disabled"
            default: false
            }
        }
    }

    /// Parses and validates a request body.
    static func body(_ request: ServiceRequest, _ shape: DocumentShape?) throws(ServiceError) -> XMLTree {
        guard let shape, let given = try? XMLReader.read(request.body.bytes.data) else { throw .malformedXML }
        return try shape.arranged(given)
    }

    private static let noReplication = ServiceError(
        status: 404, code: "NoSuchReplicationConfiguration",
        message: "The bucket you specified does not have replication configuration.", ec: "0032-00000101")

    private static func noRule(_ id: String) -> ServiceError {
        ServiceError(
            status: 404, code: "NoSuchReplicationRule", message: "The replication rule you specified does not exist.",
            ec: "0032-00000102", details: [("ReplicationRuleId", id)])
    }
}

/// The states of a replication rule. A new rule is `starting` and then `doing`; a deleted rule is `closing` until it is
/// removed.
enum ReplicationRules {
    /// Duration of the `starting` and `closing` states, in seconds.
    static let timeToSettle: TimeInterval = 60

    /// Name of the element that contains the Unix time, in seconds, of the last status change. The element is stored
    /// with a rule but never returned.
    private static let since = "StatusSince"

    /// Sets the status of a rule and records the time of the change.
    static func set(_ status: String, of rule: inout XMLTree, at now: Date) {
        rule.set("Status", status)
        rule.set(since, String(Int(now.timeIntervalSince1970)))
    }

    /// Returns the stored rules that still exist at the given time, or `nil` if there are none.
    static func settled(_ stored: XMLTree, at now: Date) -> XMLTree? {
        var all = stored
        let isSettled = { (rule: XMLTree) in
            now.timeIntervalSince1970 - (rule.text(since).flatMap(Double.init) ?? 0) >= timeToSettle
        }
        all.children.removeAll { $0.text("Status") == "closing" && isSettled($0) }
        for index in all.children.indices where all.children[index].text("Status") == "starting" {
            if isSettled(all.children[index]) { all.children[index].set("Status", "doing") }
        }
        return all.children.isEmpty ? nil : all
    }

    /// Returns the rules without the internal elements that responses must not contain.
    static func shown(_ settled: XMLTree) -> XMLTree {
        var all = settled
        for index in all.children.indices { all.children[index].children.removeAll { $0.name == since } }
        return all
    }
}

/// Operations on tasks that change a bucket's redundancy. Tasks can be queued, listed and deleted, but never start.
extension Service {
    private static let kind = "redundancyTransition/"

    func createRedundancyTransition(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let target = request.query["x-oss-target-redundancy-type"] ?? ""
        guard target == "ZRS" else {
            throw ServiceError.invalidArgument(
                "The target redundancy type is not valid.", name: "x-oss-target-redundancy-type", value: target)
        }
        let id = UUID().uuidString.filter { $0 != "-" }.lowercased()
        let task = XMLTree(
            "BucketDataRedundancyTransition",
            [
                "Bucket": bucket.name, "TaskId": id, "Status": "Queueing",
                "CreateTime": ISO8601.extended(request.now),
            ])
        try store.update(bucket) { $0.documents[Self.kind + id] = task.document }
        var xml = XMLWriter(root: "BucketDataRedundancyTransition")
        xml.element("TaskId", id)
        return ServiceResponse(xml: xml.finish())
    }

    func redundancyTransition(_ request: ServiceRequest) throws -> ServiceResponse {
        let id = Self.taskID(request)
        guard let document = try bucket(request).properties.documents[Self.kind + id] else { throw Self.noTask(id) }
        return ServiceResponse(xml: document)
    }

    func deleteRedundancyTransition(_ request: ServiceRequest) throws -> ServiceResponse {
        let id = Self.taskID(request)
        try store.update(try bucket(request)) { properties throws in
            guard properties.documents.removeValue(forKey: Self.kind + id) != nil else { throw Self.noTask(id) }
        }
        return ServiceResponse(status: 204)
    }

    /// Lists the tasks of the bucket that the request names, or of all buckets if the request names none.
    func listRedundancyTransitions(_ request: ServiceRequest) throws -> ServiceResponse {
        let buckets = request.bucket == nil ? store.all : [try bucket(request)]
        let all = try buckets.flatMap { bucket in
            try bucket.properties.documents.filter { $0.key.hasPrefix(Self.kind) }
                .map {
                    (name: bucket.name + "/" + $0.key.dropFirst(Self.kind.count), tree: try XMLReader.read($0.value))
                }
        }
        let page = DocumentPage(all, request, maximum: 100)
        var xml = XMLWriter(root: "ListBucketDataRedundancyTransition")
        xml.element("IsTruncated", String(page.next != nil))
        if let next = page.next { xml.element("NextContinuationToken", next) }
        for task in page.items { task.tree.write(to: &xml) }
        return ServiceResponse(xml: xml.finish())
    }

    private static func taskID(_ request: ServiceRequest) -> String {
        request.query["x-oss-redundancy-transition-taskid"] ?? ""
    }

    private static func noTask(_ id: String) -> ServiceError {
        ServiceError(
            status: 404, code: "NoSuchBucketDataRedundancyTransitionTask",
            message: "The data redundancy transition task does not exist.", ec: "0061-00000001",
            details: [("TaskId", id)])
    }
}
