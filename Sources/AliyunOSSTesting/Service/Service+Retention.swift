import Foundation
import OSSPrimitives

/// Operations on the retention and legal hold settings of objects. The settings are stored and returned but not
/// enforced.
extension Service {
    func putObjectRetention(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        let document = try Self.document(request, root: "Retention")
        guard let mode = document.text("Mode"), ["COMPLIANCE", "GOVERNANCE"].contains(mode),
            let date = document.text("RetainUntilDate"), ISO8601.date(from: date) != nil
        else { throw ServiceError.malformedXML }
        return try update(request) { $0.retention = MockObject.Retention(mode: mode, retainUntilDate: date) }
    }

    func objectRetention(_ request: ServiceRequest) throws -> ServiceResponse {
        let object = try object(request, in: try bucket(request))
        guard let retention = object.attributes.retention else {
            throw ServiceError(
                status: 404, code: "NoSuchObjectRetention", message: "The object has no retention configuration.",
                ec: "0026-00000030", details: [("Key", request.key ?? "")])
        }
        var xml = XMLWriter(root: "Retention")
        xml.element("Mode", retention.mode)
        xml.element("RetainUntilDate", retention.retainUntilDate)
        return ServiceResponse(xml: xml.finish())
    }

    func putObjectLegalHold(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        let document = try Self.document(request, root: "LegalHold")
        guard let status = document.text("Status"), ["ON", "OFF"].contains(status) else {
            throw ServiceError.malformedXML
        }
        return try update(request) { $0.legalHold = status }
    }

    func objectLegalHold(_ request: ServiceRequest) throws -> ServiceResponse {
        let object = try object(request, in: try bucket(request))
        var xml = XMLWriter(root: "LegalHold")
        xml.element("Status", object.attributes.legalHold ?? "OFF")
        return ServiceResponse(xml: xml.finish())
    }
}

/// Operations on the retention policies of buckets (WORM). A new policy can be aborted, or locked within one day; a
/// locked policy can only be extended.
extension Service {
    private static let permittedDays = 1...25_550
    private static let timeToLock: TimeInterval = 86_400

    func initiateWorm(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let days = try Self.days(request, root: "InitiateWormConfiguration")
        let id = UUID().uuidString.filter { $0 != "-" }
        try store.update(bucket) { properties throws in
            guard currentWorm(properties, now: request.now) == nil else {
                throw ServiceError(
                    status: 409, code: "WORMConfigurationAlreadyExists",
                    message: "The WORM Configuration already exists.", ec: "0035-00000101")
            }
            let tree = XMLTree(
                "WormConfiguration",
                [
                    "WormId": id, "State": "InProgress", "RetentionPeriodInDays": String(days),
                    "CreationDate": ISO8601.extended(request.now),
                    "ExpirationDate": ISO8601.extended(request.now.addingTimeInterval(Self.timeToLock)),
                ])
            properties.documents["worm"] = tree.document
        }
        return ServiceResponse(headers: [("x-oss-worm-id", id)])
    }

    func worm(_ request: ServiceRequest) throws -> ServiceResponse {
        guard let tree = currentWorm(try bucket(request).properties, now: request.now) else { throw Self.noWorm }
        return ServiceResponse(xml: tree.document)
    }

    func abortWorm(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        try store.update(bucket) { properties throws in
            guard let tree = currentWorm(properties, now: request.now) else { throw Self.noWorm }
            guard tree.text("State") == "InProgress" else { throw Self.locked }
            properties.documents["worm"] = nil
        }
        return ServiceResponse(status: 204)
    }

    func completeWorm(_ request: ServiceRequest) throws -> ServiceResponse {
        try changeWorm(request) { tree throws in
            guard tree.text("State") == "InProgress" else { throw Self.locked }
            tree.set("State", "Locked")
        }
    }

    func extendWorm(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        let days = try Self.days(request, root: "ExtendWormConfiguration")
        return try changeWorm(request) { tree throws in
            guard tree.text("State") == "Locked", days > tree.text("RetentionPeriodInDays").flatMap(Int.init) ?? 0
            else {
                throw ServiceError(
                    status: 400, code: "InvalidWORMConfiguration",
                    message: "Only a locked retention period can be extended, and it cannot be shortened.",
                    ec: "0035-00000102")
            }
            tree.set("RetentionPeriodInDays", String(days))
        }
    }

    private func changeWorm(
        _ request: ServiceRequest, _ change: (inout XMLTree) throws -> Void
    ) throws -> ServiceResponse {
        let bucket = try bucket(request)
        try store.update(bucket) { properties throws in
            guard var tree = currentWorm(properties, now: request.now),
                tree.text("WormId") == request.query["wormId"]
            else { throw Self.noWorm }
            try change(&tree)
            properties.documents["worm"] = tree.document
        }
        return ServiceResponse()
    }

    /// Returns the current retention policy, or `nil` if there is none. A policy lapses if it is not locked within one
    /// day.
    private func currentWorm(_ properties: MockBucket.Properties, now: Date) -> XMLTree? {
        guard let tree = properties.tree("worm") else { return nil }
        let created = tree.text("CreationDate").flatMap { ISO8601.date(from: $0) } ?? now
        let isVoid = tree.text("State") == "InProgress" && now.timeIntervalSince(created) > Self.timeToLock
        return isVoid ? nil : tree
    }

    private static func days(_ request: ServiceRequest, root: String) throws(ServiceError) -> Int {
        let given = try body(request, DocumentShape("\(root){RetentionPeriodInDays!:int}"))
        guard let days = given.text("RetentionPeriodInDays").flatMap(Int.init) else { throw .malformedXML }
        guard permittedDays.contains(days) else {
            throw ServiceError(
                status: 400, code: "InvalidWORMConfiguration", message: "The retention period is not valid.",
                ec: "0035-00000103")
        }
        return days
    }

    private static let noWorm = ServiceError(
        status: 404, code: "NoSuchWORMConfiguration", message: "The WORM Configuration does not exist.",
        ec: "0035-00000104")
    private static let locked = ServiceError(
        status: 403, code: "WORMConfigurationLocked", message: "The WORM Configuration is locked.",
        ec: "0035-00000105")
}
