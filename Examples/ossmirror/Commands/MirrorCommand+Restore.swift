import AliyunOSS

/// The restore of archived objects, with which `--restore` follows a transfer.
extension MirrorCommand {
    /// Starts to restore the archived objects that could not be read.
    func restoreArchived(_ report: TransferReport) async throws {
        guard let days = arguments.options.restoreDays else { return }
        let source = if case .copy(let source) = direction { source } else { arguments.remote }
        let keys = try report.failures.filter { ArchivedObject.isReason(for: $0.error) }.map {
            // The failure of a copy has the key of the destination.
            if let key = $0.key, direction == .down { return key }
            return try ObjectKey(source.folder + $0.path)
        }
        guard !keys.isEmpty else { return }
        let bucket = try await Connection.bucket(source.bucket, arguments.connection)
        var started = 0
        for key in keys where try await ArchivedObject.restore(key, in: bucket, days: days) { started += 1 }
        Diagnostics.say(
            "started to restore \(Readable.files(started)) of \(keys.count); run the command again when they are "
                + "restored, as 'stat' shows")
    }
}

/// The handling of objects in an archive storage class.
enum ArchivedObject {
    /// Returns whether an error occurred because an object is archived and not restored.
    static func isReason(for error: any Error) -> Bool {
        (error as? OSSError)?.serviceError?.code == "InvalidObjectState"
    }

    /// Starts to restore an object. A failure is printed.
    ///
    /// - Returns: Whether the object is being restored.
    static func restore(_ key: ObjectKey, in bucket: Bucket, days: Int) async throws -> Bool {
        do {
            try await bucket.restoreObject(key, days: days)
        } catch let error as OSSError where error.serviceError?.code != "RestoreAlreadyInProgress" {
            Diagnostics.say("\(key): \(Explanation.of(error))")
            return false
        } catch is OSSError {
            return true
        }
        return true
    }
}
