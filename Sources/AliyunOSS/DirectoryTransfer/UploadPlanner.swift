/// Decides what goes up.
struct UploadPlanner: TransferPlanner {
    var detector: ChangeDetector
    /// Whether an empty folder becomes an empty object with `/` at the end of its key.
    var emptyDirectories: Bool

    func action(for difference: TreeDifference) -> TransferAction? {
        switch difference {
        case .localOnly(let entry): action(for: entry, replacing: nil)
        case .both(let entry, let object): action(for: entry, replacing: object)
        case .remoteOnly: nil
        case .leftOut(let path, let reason):
            TransferAction(work: .leave, reason: reason, key: nil, path: path.description)
        case .unusable(let path, let error):
            TransferAction(work: .fail(error), reason: .unusable, key: error.key, path: path.description)
        }
    }

    private func action(for entry: LocalEntry, replacing object: RemoteEntry?) -> TransferAction? {
        if entry.isFolder, !emptyDirectories { return nil }
        let work: TransferAction.Work
        let why: TransferReason
        switch detector.decision(from: entry, to: object) {
        case .leave(let reason): (work, why) = (.leave, reason)
        case .transfer(let reason):
            (work, why) = (entry.isFolder ? .uploadFolder(entry.key) : .upload(entry.path, entry.key), reason)
        }
        return TransferAction(work: work, reason: why, key: entry.key, path: entry.path.description, size: entry.size)
    }
}
