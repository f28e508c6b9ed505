import AliyunOSS

/// The command `undelete`, which makes deleted objects visible again by removing the delete markers that hide them.
struct UndeleteCommand: Command {
    let change: ObjectChange
    let connection: ConnectionArguments

    init(_ scanned: ScannedArguments) throws(UsageError) {
        change = ObjectChange(scanned, try ObjectSelection(scanned, operands: scanned.operands.indices))
        connection = try ConnectionArguments(scanned)
    }

    func run() async throws -> Int32 {
        let bucket = try await Connection.bucket(change.selection.bucket, connection)
        var report = ChangeReport(command: .undelete, isDryRun: change.isDryRun)
        for address in change.selection.addresses {
            let name = change.selection.isRecursive ? address.folder : address.key
            do {
                if !change.selection.isRecursive { _ = try ObjectKey(address.key) }
                try await undelete(name, bucket, &report)
            } catch let error as OSSError {
                report.fail(name, error)
            }
        }
        return try change.finish(report)
    }

    /// Removes the delete markers of one key or, with `-r`, of all keys that start with a prefix.
    private func undelete(_ name: String, _ bucket: Bucket, _ report: inout ChangeReport) async throws {
        var (markers, batch): ([ObjectVersion.ID], [ObjectVersion.ID]) = ([], [])
        var key: ObjectKey?
        var found = 0
        for try await version in bucket.listObjectVersions(prefix: name) {
            // Keys are in byte order, so the exact key precedes all longer ones.
            if !change.selection.isRecursive, version.key.rawValue != name { break }
            if version.key != key { (key, markers) = (version.key, []) }
            if version.isDeleteMarker, version.isLatest || !markers.isEmpty {
                markers.append(version.id)
            } else if !markers.isEmpty {
                // The newest version of a deleted object. Markers without any version hide nothing.
                found += 1
                batch += markers
                markers = []
                if change.isDryRun { announce(version.key, &report) }
            }
            if batch.count >= 1000, !change.isDryRun {
                try await remove(batch, bucket, &report)
                batch = []
            }
        }
        guard found > 0 else {
            throw OSSError(
                .notFound,
                change.selection.isRecursive
                    ? "no deleted objects with an older version under this prefix"
                    : "the object is not deleted, or has no older version; see 'ossmirror versions'",
                bucket: bucket.name)
        }
        if !change.isDryRun, !batch.isEmpty { try await remove(batch, bucket, &report) }
    }

    private func remove(_ markers: [ObjectVersion.ID], _ bucket: Bucket, _ report: inout ChangeReport) async throws {
        let result = try await bucket.deleteVersions(markers)
        let failed = Set(result.failures.map(\.key))
        report.count("undeleted", Set(markers.map(\.key)).subtracting(failed).count)
        for failure in result.failures { report.fail(failure.key.rawValue, failure.error) }
    }

    private func announce(_ key: ObjectKey, _ report: inout ChangeReport) {
        report.count("undeleted")
        guard !change.output.json, !change.output.quiet else { return }
        try? StandardStream.output.line("undelete \(Printable.line(key.rawValue))")
    }
}
