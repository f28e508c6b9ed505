import Foundation
import OSSPrimitives

extension Service {
    private static let maximumArchiveDays = 7
    private static let maximumColdDays = 365
    private static let day: TimeInterval = 86_400

    func restoreObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let object = try object(request, in: bucket)
        let storageClass = object.attributes.storageClass
        guard Self.isArchive(storageClass) else {
            throw ServiceError.operationNotSupported("RESTORE operation only support archive object")
        }
        let job = try Self.restoreJob(request, storageClass)
        var status = 202
        var response = try update(request) { attributes in
            let now = request.now
            let ready = now.addingTimeInterval(Self.restoreDuration(storageClass, job.tier))
            switch attributes.restore?.phase(at: now) {
            case nil, .expired?:
                attributes.restore = RestoreState(
                    tier: job.tier, readyDate: ready, expiryDate: ready.addingTimeInterval(job.length))
            case .ongoing?:
                guard var restore = attributes.restore, restore.tier < job.tier else {
                    var error = ServiceError.restoreAlreadyInProgress
                    if let tier = attributes.restore?.tier, job.tier < tier { error.ec = "0016-00000715" }
                    throw error
                }
                restore.tier = job.tier
                restore.readyDate = min(restore.readyDate, ready)
                restore.expiryDate = restore.readyDate.addingTimeInterval(job.length)
                attributes.restore = restore
            case .restored?:
                status = 200
                let end = now.addingTimeInterval(job.length)
                let restored = attributes.restore?.expiryDate ?? end
                attributes.restore?.expiryDate = max(restored, end)
            }
        }
        response.status = status
        if storageClass != "Archive" { response.add("x-oss-object-restore-priority", job.tier.rawValue) }
        return response
    }

    func cleanRestoredObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let storageClass = try object(request, in: bucket).attributes.storageClass
        guard Self.isArchive(storageClass), storageClass != "Archive" else {
            throw ServiceError.operationNotSupported("The operation only supports cold archive objects")
        }
        return try update(request) { attributes in
            switch attributes.restore?.phase(at: request.now) {
            case nil, .expired?: throw ServiceError.archiveRestoreFileStale
            case .ongoing?: throw ServiceError.archiveRestoreNotFinished
            case .restored?: attributes.restore = nil
            }
        }
    }

    static func isArchive(_ storageClass: String) -> Bool {
        ["Archive", "ColdArchive", "DeepColdArchive"].contains(storageClass)
    }

    /// Throws `InvalidObjectState` for an archived object that has not been restored.
    static func checkReadable(
        _ object: MockObject, now: Date, ec: String = "0016-00000404"
    ) throws(ServiceError) {
        guard isArchive(object.attributes.storageClass), object.attributes.restore?.phase(at: now) != .restored else {
            return
        }
        throw .invalidObjectState(ec: ec)
    }

    /// Returns the value of the `x-oss-restore` header and of `RestoreInfo` in listings, or `nil` if the object has not
    /// been restored and no restore is in progress.
    static func restoreInfo(_ object: MockObject, now: Date) -> String? {
        guard let restore = object.attributes.restore else { return nil }
        return switch restore.phase(at: now) {
        case .ongoing: "ongoing-request=\"true\""
        case .restored:
            "ongoing-request=\"false\", expiry-date=\"\(HTTPDate.string(from: restore.expiryDate))\""
        case .expired: nil
        }
    }

    /// Parses the restored copy's lifetime and the tier in a restore request. The request body is optional.
    private static func restoreJob(
        _ request: ServiceRequest, _ storageClass: String
    ) throws(ServiceError) -> (length: TimeInterval, tier: RestoreTier) {
        guard request.body.bytes.count > 0 else { return (day, .standard) }
        let document = try document(request, root: "RestoreRequest")
        let daysText = document.text("Days") ?? "1"
        let maximum = storageClass == "Archive" ? maximumArchiveDays : maximumColdDays
        guard let days = Int(daysText), (1...maximum).contains(days) else {
            throw .invalidArgument("The Days must be between 1 and \(maximum).", name: "Days", value: daysText)
        }
        guard let tierText = document.text("JobParameters", "Tier") else { return (day * Double(days), .standard) }
        if storageClass == "Archive" { throw .malformedXML }
        guard let tier = RestoreTier(rawValue: tierText), storageClass == "ColdArchive" || tier != .bulk else {
            throw .invalidArgument(
                "The restore tier is invalid.", name: "Tier", value: tierText, ec: "0016-00000703")
        }
        return (day * Double(days), tier)
    }

    /// Returns the maximum duration of a restore, in seconds, according to the service's documentation.
    private static func restoreDuration(_ storageClass: String, _ tier: RestoreTier) -> TimeInterval {
        let hours: Double =
            switch (storageClass, tier) {
            case ("ColdArchive", .expedited): 1
            case ("ColdArchive", .standard): 5
            case ("ColdArchive", .bulk): 12
            case ("DeepColdArchive", .expedited): 12
            case ("DeepColdArchive", _): 48
            default: 1.0 / 60
            }
        return hours * 3600
    }
}

/// A restore of an archived object. Whether it is ongoing, restored or expired depends only on the clock.
struct RestoreState: Sendable, Codable {
    var tier: RestoreTier
    /// Time at which the restored copy becomes readable.
    var readyDate: Date
    /// Time at which the restored copy is removed.
    var expiryDate: Date

    enum Phase {
        case ongoing
        case restored
        case expired
    }

    func phase(at now: Date) -> Phase {
        if now < readyDate { return .ongoing }
        return now < expiryDate ? .restored : .expired
    }
}

/// The speed of a restore, with cases ordered from slowest to fastest.
enum RestoreTier: String, Sendable, Codable, CaseIterable, Comparable {
    case bulk = "Bulk"
    case standard = "Standard"
    case expedited = "Expedited"

    static func < (left: RestoreTier, right: RestoreTier) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .bulk: 0
        case .standard: 1
        case .expedited: 2
        }
    }
}
