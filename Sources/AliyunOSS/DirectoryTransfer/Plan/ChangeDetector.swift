import Foundation

/// The rules that decide whether a file is transferred. No other code makes this decision.
struct ChangeDetector: Hashable, Sendable {
    var mode = UpdateMode.modified
    /// Whether to upload files that the record does not list, without first checking the bucket.
    var trustsRecordAlone = false

    /// A decision about a file in the source.
    enum Decision: Hashable, Sendable {
        case transfer(TransferReason)
        case leave(TransferReason)
        /// Compare the contents, because neither the sizes nor the record show whether they are equal.
        case compareContent
    }

    /// The direction of a transfer.
    enum Direction: Hashable, Sendable { case up, down }

    /// Decides how to handle a file that exists on both sides.
    ///
    /// - Parameter isEncoded: Whether the object is a compressed copy of the file, in which case their sizes differ.
    func decision(
        _ direction: Direction, _ local: FileStatus, _ remote: RemoteEntry, _ record: FileRecord?,
        isEncoded: Bool = false
    ) -> Decision {
        let isRecorded = record.map { $0.isSound && $0.matches(local) && $0.matches(remote) } ?? false
        switch mode {
        case .always:
            return .transfer(.always)
        case .missing:
            return .leave(.exists)
        case .size:
            if isEncoded { return isRecorded ? .leave(.unchanged) : .compareContent }
            return local.size == remote.size ? .leave(.sameSize) : .transfer(.changedSize)
        case .newer:
            if isRecorded { return .leave(.unchanged) }
            // The service reports times in whole seconds.
            let file = local.modified.seconds
            let object = Int64(remote.modified.timeIntervalSince1970.rounded(.down))
            return (direction == .up ? file > object : object > file) ? .transfer(.newer) : .leave(.notNewer)
        case .modified:
            if isRecorded { return .leave(.unchanged) }
            return local.size == remote.size || isEncoded ? .compareContent : .transfer(.changedSize)
        case .checksum:
            return local.size == remote.size || isEncoded ? .compareContent : .transfer(.changedSize)
        }
    }

    /// Decides how to handle a file, based on the record alone.
    func decision(_ local: FileStatus, _ record: FileRecord?) -> Decision {
        guard let record, record.isSound else { return .transfer(.new) }
        if record.matches(local) { return .leave(.unchanged) }
        // A file whose time changed may still have the content that the ETag in the record identifies.
        return record.size == local.size ? .compareContent : .transfer(.changed)
    }
}

extension FileRecord {
    /// Returns whether a local file still has the properties in the record.
    func matches(_ local: FileStatus) -> Bool {
        size == local.size && modified == local.modified && changed == local.changed && inode == local.inode
    }

    /// Returns whether an object still has the properties in the record.
    func matches(_ remote: RemoteEntry) -> Bool {
        remoteSize == remote.size && eTag == remote.eTag
    }
}
