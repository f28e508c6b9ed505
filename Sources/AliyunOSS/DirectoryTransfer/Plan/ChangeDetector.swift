import Foundation

/// The rules that decide whether a file is transferred. No other code does.
struct ChangeDetector: Hashable, Sendable {
    var mode = UpdateMode.modified
    /// Whether an unrecorded file is uploaded without looking at the bucket.
    var trustsRecordAlone = false

    /// A decision about a file of the source.
    enum Decision: Hashable, Sendable {
        case transfer(TransferReason)
        case leave(TransferReason)
        /// The sizes are equal and nothing else is known.
        case compareContent
    }

    /// A direction of a transfer.
    enum Direction: Hashable, Sendable { case up, down }

    /// Returns the decision about a file that exists on both sides.
    ///
    /// - Parameter isEncoded: Whether the object of the file is compressed, so that their sizes differ.
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
            // The service states times in whole seconds.
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

    /// Returns the decision about a file if only the record is consulted.
    func decision(_ local: FileStatus, _ record: FileRecord?) -> Decision {
        guard let record, record.isSound else { return .transfer(.new) }
        if record.matches(local) { return .leave(.unchanged) }
        // A touched file may still have the content of the ETag in the record.
        return record.size == local.size ? .compareContent : .transfer(.changed)
    }
}

extension FileRecord {
    /// Returns whether the file is unchanged.
    func matches(_ local: FileStatus) -> Bool {
        size == local.size && modified == local.modified && changed == local.changed && inode == local.inode
    }

    /// Returns whether the object is unchanged.
    func matches(_ remote: RemoteEntry) -> Bool {
        remoteSize == remote.size && eTag == remote.eTag
    }
}
