import Foundation
import OSSPrimitives

extension Bucket {
    /// Starts to restore an archived object, so that it can be read for some days, or extends that period if the object
    /// is already restored. (RestoreObject)
    ///
    /// The state is available as ``ObjectMetadata/restore``. A restore with a faster tier than that of a restore in
    /// progress accelerates it.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - days: Number of days for which the object can be read: 1 to 7 for the class `Archive`, 1 to 365 for the cold
    ///     classes. Default: chosen by the service, which is 1.
    ///   - tier: Speed of the restore, which requires `days` and does not apply to the class `Archive`. Default: chosen
    ///     by the service, which is standard.
    ///   - versionID: ID of the version. Default: the current version.
    /// - Returns: Whether the object was already restored, and the tier.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/refused`` and the service's code `OperationNotSupported` if the
    ///   object is not archived, or `RestoreAlreadyInProgress`; ``OSSError/Code/notFound``, or
    ///   ``OSSError/Code/invalidArgument``.
    @discardableResult
    public func restoreObject(
        _ key: ObjectKey, days: Int? = nil, tier: RestoreTier? = nil, versionID: String? = nil
    ) async throws -> RestoreResult {
        var operation = Operation("RestoreObject", .post, key: key, selecting: "restore", versionID)
        if days != nil || tier != nil {
            var document = RestoreRequest()
            (document.days, document.tier) = (days, tier)
            operation = try client.adding(document, root: "RestoreRequest", to: operation)
        }
        do {
            let response = try await client.perform(operation)
            return RestoreResult(
                isRestored: response.status == 200,
                tier: response.headers["x-oss-object-restore-priority"].map(RestoreTier.init(rawValue:)),
                versionID: response.headers["x-oss-version-id"], requestID: response.headers["x-oss-request-id"])
        } catch let error as OSSError
            where error.serviceError?.code == "RestoreAlreadyInProgress" && error.attempts > 1
        {
            // The first attempt, whose response was lost, started the restore.
            return RestoreResult(isRestored: false, tier: tier, requestID: error.serviceError?.requestID)
        }
    }

    /// Deletes the readable copy of a restored object of a cold archive class before it expires. The archived object
    /// remains. (CleanRestoredObject)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/refused`` and the service's code `ArchiveRestoreFileStale` if
    ///   the object is not restored, or `ArchiveRestoreNotFinished`; or ``OSSError/Code/notFound``.
    public func cleanRestoredObject(_ key: ObjectKey, versionID: String? = nil) async throws {
        let operation = Operation("CleanRestoredObject", .post, key: key, selecting: "cleanRestoredObject", versionID)
        do {
            _ = try await client.perform(operation)
        } catch let error as OSSError
            where error.serviceError?.code == "ArchiveRestoreFileStale" && error.attempts > 1
        {
            // The first attempt, whose response was lost, deleted the copy.
            return
        }
    }
}

/// The result of restoring an object.
public struct RestoreResult: Sendable, Hashable {
    /// Whether the object was already restored, and the period was extended; `false` if a restore has started.
    public var isRestored: Bool
    /// Speed of the restore; `nil` if the response did not include it.
    public var tier: RestoreTier?
    /// Version ID in a versioned bucket; otherwise, `nil`.
    public var versionID: String?
    /// ID of the request.
    public var requestID: String?
}

/// The speed of a restore from a cold archive class.
public struct RestoreTier: ExtensibleName, XMLText {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Within 1 hour for cold archive, and 12 hours for deep cold archive.
    public static let expedited: RestoreTier = "Expedited"
    /// Within 2 to 5 hours for cold archive, and 48 hours for deep cold archive.
    public static let standard: RestoreTier = "Standard"
    /// Within 5 to 12 hours for cold archive. Deep cold archive does not have it.
    public static let bulk: RestoreTier = "Bulk"
}

/// The document of a restore request.
struct RestoreRequest: XMLDocument {
    var days: Int?
    var tier: RestoreTier?
    var unrecognized = UnrecognizedElements()

    static let elements: [XMLElement<Self>] = [.text("Days", \.days), .text("JobParameters/Tier", \.tier)]

    var problem: DocumentProblem? {
        guard let days else { return DocumentProblem("Days", "must be set together with the tier") }
        return (1...365).contains(days) ? nil : DocumentProblem("Days", "must be from 1 to 365 (got \(days))")
    }
}
