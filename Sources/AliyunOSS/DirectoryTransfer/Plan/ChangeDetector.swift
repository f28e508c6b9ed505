import Foundation

/// Decides whether a file is transferred, from what is known of both sides. It is the only place that does.
struct ChangeDetector: Hashable, Sendable {
    var mode = UpdateMode.modified
    /// Whether a file of which nothing is recorded goes up without a look at the other side.
    var trustsRecordAlone = false

    /// What to do with a file that the source has.
    enum Decision: Hashable, Sendable {
        case transfer(TransferReason)
        case leave(TransferReason)
        /// Nothing is known but that the sizes are equal.
        case compareContent
    }

    /// What is known of a file.
    struct LocalFacts: Hashable, Sendable {
        var size: Int64
        var modified: FileStatus.Time
        var changed: FileStatus.Time
        var inode: UInt64
        /// Whether its object has other bytes than the file, since it is compressed on its way.
        var isEncoded = false
    }

    /// What is known of an object.
    struct RemoteFacts: Hashable, Sendable {
        var size: Int64
        var eTag: String
        /// To the second.
        var modified: Date
    }

    /// Which way a file goes.
    enum Direction: Hashable, Sendable { case up, down }

    /// What to do with a file or an object that the other side has too.
    func decision(
        _ direction: Direction, _ local: LocalFacts, _ remote: RemoteFacts, _ record: FileRecord?
    ) -> Decision {
        let isRecorded = record.map { $0.isSound && $0.matches(local) && $0.matches(remote) } ?? false
        switch mode {
        case .always:
            return .transfer(.always)
        case .missing:
            return .leave(.exists)
        case .size:
            if local.isEncoded { return isRecorded ? .leave(.unchanged) : .compareContent }
            return local.size == remote.size ? .leave(.sameSize) : .transfer(.changedSize)
        case .newer:
            if isRecorded { return .leave(.unchanged) }
            // Whole seconds, because the service knows no more.
            let file = local.modified.seconds
            let object = Int64(remote.modified.timeIntervalSince1970.rounded(.down))
            return (direction == .up ? file > object : object > file) ? .transfer(.newer) : .leave(.notNewer)
        case .modified:
            if isRecorded { return .leave(.unchanged) }
            return local.size == remote.size || local.isEncoded ? .compareContent : .transfer(.changedSize)
        case .checksum:
            return local.size == remote.size || local.isEncoded ? .compareContent : .transfer(.changedSize)
        }
    }

    /// What to do with a file when the other side was not looked at, because the record alone is to be trusted.
    func decision(_ local: LocalFacts, _ record: FileRecord?) -> Decision {
        guard let record, record.isSound else { return .transfer(.new) }
        if record.matches(local) { return .leave(.unchanged) }
        // A file that was only touched has the content that the record tells the object's ETag of.
        return record.size == local.size ? .compareContent : .transfer(.changed)
    }
}

extension FileRecord {
    /// Whether the file is what it was.
    func matches(_ local: ChangeDetector.LocalFacts) -> Bool {
        size == local.size && modified == local.modified && changed == local.changed && inode == local.inode
    }

    /// Whether the object is what it was.
    func matches(_ remote: ChangeDetector.RemoteFacts) -> Bool {
        remoteSize == remote.size && eTag == remote.eTag
    }
}

extension ChangeDetector.LocalFacts {
    init(_ status: FileStatus, isEncoded: Bool = false) {
        self.init(
            size: status.size, modified: status.modified, changed: status.changed, inode: status.inode,
            isEncoded: isEncoded)
    }
}

extension ChangeDetector.RemoteFacts {
    init(_ entry: RemoteEntry) {
        self.init(size: entry.size, eTag: entry.eTag, modified: entry.modified)
    }
}
