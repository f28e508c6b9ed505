import AliyunOSS
import Foundation

/// The command `restore`, which makes archived objects readable for some days and, with `--wait`, waits until they are.
struct RestoreCommand: Command {
    let change: ObjectChange
    let connection: ConnectionArguments
    let days: Int?
    let tier: RestoreTier?
    /// Maximum time, in seconds, to wait until the objects can be read; `nil` to not wait.
    let patience: Int64?

    init(_ scanned: ScannedArguments) throws(UsageError) {
        change = ObjectChange(scanned, try ObjectSelection(scanned, operands: scanned.operands.indices))
        connection = try ConnectionArguments(scanned)
        tier = scanned.values["--tier"].map { RestoreTier(rawValue: $0) }
        // The service requires the number of days together with the tier.
        days = scanned.number("--days") ?? (tier == nil ? nil : 1)
        patience = scanned.seconds("--wait")
    }

    func run() async throws -> Int32 {
        let selection = change.selection
        let bucket = try await Connection.bucket(selection.bucket, connection, concurrency: selection.concurrency)
        let waiting = WaitingKeys()
        var report = try await change.run(in: bucket) { object in
            // A listing shows the classes, so that a prefix can contain objects that need no restore.
            if let listed = object.listed, !Self.archiveClasses.contains(listed.storageClass) { return Self.readable }
            return try await start(object, bucket, waiting)
        }
        if let patience, !change.isDryRun {
            await wait(for: await waiting.keys, until: .now + .seconds(patience), bucket, &report)
            try Task.checkCancellation()
        }
        return try change.finish(report)
    }

    /// Starts to restore an object, and returns its state.
    private func start(_ object: SelectedObject, _ bucket: Bucket, _ waiting: WaitingKeys) async throws -> String {
        do {
            let result = try await bucket.restoreObject(
                object.key, days: days, tier: tier, versionID: change.selection.versionID)
            if result.isRestored { return Self.readable }
        } catch let error as OSSError where error.serviceError?.code == "RestoreAlreadyInProgress" {
            // Another run has started the restore.
        } catch var error as OSSError where error.serviceError?.code == "OperationNotSupported" {
            error.message += "; only objects of an archive class can be restored, see 'ossmirror stat'"
            throw error
        }
        if patience != nil { await waiting.add(object.key) }
        return patience == nil ? "restoring" : Self.readable
    }

    /// Waits until the objects can be read. Objects that still cannot be read at the end are failures.
    private func wait(
        for keys: [ObjectKey], until end: ContinuousClock.Instant, _ bucket: Bucket, _ report: inout ChangeReport
    ) async {
        var options = GetObjectOptions()
        options.versionID = change.selection.versionID
        var interval = Duration.seconds(1)
        for key in keys {
            do {
                while try await bucket.headObject(key, options: options).restore?.isOngoing == true {
                    guard .now + interval <= end else {
                        throw OSSError(
                            .timedOut, "the object is still being restored; run the command again to wait longer",
                            operation: "RestoreObject", bucket: bucket.name, key: key)
                    }
                    try await Task.sleep(for: interval)
                    interval = min(interval * 2, .seconds(30))
                }
            } catch let error as OSSError {
                report.count(Self.readable, -1)
                report.fail(key.rawValue, error)
            } catch {
                return
            }
        }
    }

    private static let readable = "restored"
    private static let archiveClasses: Set<StorageClass> = [.archive, .coldArchive, .deepColdArchive]
}

/// The objects whose restore is in progress.
private actor WaitingKeys {
    private(set) var keys: [ObjectKey] = []

    func add(_ key: ObjectKey) { keys.append(key) }
}
