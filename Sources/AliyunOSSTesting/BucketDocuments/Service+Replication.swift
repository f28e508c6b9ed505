import Foundation
import OSSPrimitives

extension Service {
    private static let configuration = DocumentShape(
        "ReplicationConfiguration{Rule+{ID,PrefixSet{Prefix*},Action,Destination!{Bucket!,Location!,TransferType},"
            + "Status,HistoricalObjectReplication(enabled|disabled),SyncRole,"
            + "SourceSelectionCriteria{SseKmsEncryptedObjects{Status}},EncryptionConfiguration{ReplicaKmsKeyID},"
            + "RTC{Status(enabled|disabled)}}}")
    private static let removal = DocumentShape("ReplicationRules{ID+}")
    private static let timeControl = DocumentShape("ReplicationRule{RTC!{Status!(enabled|disabled)},ID!}")

    func addReplication(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        var added = try Self.body(request, Self.configuration)
        for index in added.children.indices where added.children[index].name == "Rule" {
            if added.children[index].text("ID") ?? "" == "" {
                added.children[index].set("ID", UUID().uuidString.lowercased(), at: 0)
            }
            if added.children[index].text("Action") ?? "" == "" { added.children[index].set("Action", "ALL") }
            if added.children[index]["HistoricalObjectReplication"] == nil {
                added.children[index].set("HistoricalObjectReplication", "enabled")
            }
            // Without a role there is nobody to use the keys.
            if added.children[index].text("SyncRole") ?? "" == "" {
                added.children[index].children.removeAll {
                    ["SourceSelectionCriteria", "EncryptionConfiguration"].contains($0.name)
                }
            }
            added.children[index].set("Status", "starting")
        }
        guard let shape = Self.configuration else { throw ServiceError.malformedXML }
        added = try shape.arranged(added)
        try store.update(bucket) { properties throws in
            var all = tree("replication", of: properties) ?? XMLTree(name: "ReplicationConfiguration")
            for rule in added.all("Rule") {
                guard !all.children.contains(where: { $0.text("ID") == rule.text("ID") }) else {
                    throw ServiceError.invalidArgument(
                        "A rule with this ID exists.", name: "ID", value: rule.text("ID") ?? "")
                }
                let target = rule.text("Destination", "Bucket")
                guard !all.children.contains(where: { $0.text("Destination", "Bucket") == target }) else {
                    throw ServiceError(
                        status: 400, code: "BucketReplicationAlreadyExist",
                        message: "The bucket is replicated to that bucket already.", ec: "0031-00000501",
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
            guard var all = tree("replication", of: properties) else { throw Self.noReplication }
            for name in names where !all.children.contains(where: { $0.text("ID") == name }) {
                throw Self.noRule(name)
            }
            all.children.removeAll { names.contains($0.text("ID") ?? "") }
            properties.documents["replication"] = all.children.isEmpty ? nil : all.document
        }
        return ServiceResponse()
    }

    func replication(_ request: ServiceRequest) throws -> ServiceResponse {
        guard let document = try bucket(request).properties.documents["replication"] else { throw Self.noReplication }
        return ServiceResponse(xml: document)
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
        let all = tree("replication", of: try bucket(request).properties)?.all("Rule") ?? []
        guard let rule = all.first(where: { $0.text("ID") == id }) else { throw Self.noRule(id) }
        var xml = XMLWriter(root: "ReplicationProgress")
        xml.element("Rule") { xml in
            for name in ["ID", "PrefixSet", "Action", "Destination", "Status", "HistoricalObjectReplication"] {
                rule[name]?.write(to: &xml)
            }
            xml.element("Progress") { xml in
                if rule.text("HistoricalObjectReplication") == "enabled" { xml.element("HistoricalObject", "1.00") }
                xml.element("NewObject", ISO8601.extended(request.now))
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    func putReplicationTimeControl(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let given = try Self.body(request, Self.timeControl)
        let id = given.text("ID") ?? ""
        try store.update(bucket) { properties throws in
            var all = tree("replication", of: properties)
            guard let index = all?.children.firstIndex(where: { $0.text("ID") == id }), let control = given["RTC"]
            else { throw Self.noRule(id) }
            all?.children[index].children.removeAll { $0.name == "RTC" }
            all?.children[index].children.append(control)
            properties.documents["replication"] = all?.document
        }
        return ServiceResponse()
    }

    /// A body of this shape.
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
