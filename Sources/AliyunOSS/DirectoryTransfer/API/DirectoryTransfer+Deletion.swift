extension DirectoryTransfer {
    /// Deletes the objects under a prefix. (DeleteMultipleObjects)
    ///
    /// Nothing is deleted before everything was listed, and nothing when it is more than ``Options/deletion`` allows: by
    /// default 100 objects. Of the other options, ``Options/filter`` by names, ``Options/partition``, ``Options/dryRun`` and the
    /// callbacks apply.
    ///
    /// - Parameter prefix: What the keys begin with. `/` is added at its end when it has none. Empty means the whole bucket.
    /// - Returns: What was done. Look at ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` when the whole run cannot be done, with code ``OSSError/Code/notFound`` when there is nothing under
    ///   the prefix; `CancellationError` when the task was cancelled.
    public func delete(under prefix: String) async throws -> TransferReport {
        try await planDeletion(under: prefix).run()
    }

    /// Plans ``delete(under:)`` without deleting anything.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` when an argument cannot be right. No request is made.
    public func planDeletion(under prefix: String) async throws -> TransferPlan {
        try options.validate()
        let mapping = try KeyPathMapping(prefix: prefix)
        var options = options.fitted()
        var deletion = options.deletion ?? DeletionOptions()
        // A share of what is there says nothing where all of it is meant.
        if deletion.limit == .standard { deletion.limit = .count(100) }
        deletion.allowsEmptySource = true
        options.deletion = deletion
        let (store, rules) = (store, options.rules(nil))
        return TransferPlan(.deletion, options: options, state: store.stateDirectory) { [options] isDryRun in
            let worker = CopyWorker(
                source: store, sourceBucket: nil, store: store, pieces: options.pieces(isDryRun: isDryRun))
            let source = SourceListing(
                store.objects(under: mapping.prefix), under: mapping.prefix, in: store)
            let objects = RemoteTree(
                listing: source.objects, prefix: mapping.prefix, filter: SidedFilter(options.filter, isSource: false))
            let steps = PlannedStream(
                TreeMarch(source: NoTree<CopyEntry>(), destination: objects),
                CopyPlanner(mapping: mapping, rules: rules))
            return TransferPlan.Pass(steps: steps, worker: worker, source: source)
        }
    }
}

/// Whether and how a transfer deletes what the source does not have.
///
/// Deletions come after all transfers, and only when every listing was complete and nothing failed. What is excluded, left
/// out or in another partition is never deleted. A file or folder that has the name which an object needs is moved aside once the
/// object is fetched and verified, and deleted when the object has its place.
public struct DeletionOptions: Sendable, Hashable {
    /// How much may be deleted in one run.
    public enum Limit: Sendable, Hashable {
        /// At most half of what the destination has; up to 100 files in any case, and all of them where
        /// ``DeletionOptions/allowsEmptySource`` applies. ``DirectoryTransfer/delete(under:)``: at most 100 objects.
        case standard
        /// So many files.
        case count(Int)
        /// Such a share of the files that the destination has, from 0 to 1.
        case share(Double)
        /// All of it.
        case unlimited
    }

    /// How much may be deleted. When more would have to be, nothing is. Default: ``Limit/standard``.
    public var limit = Limit.standard
    /// Whether a source with no file at all may empty the destination; a ``limit`` that was set still holds. What is excluded
    /// and objects that only stand for folders do not count. Default: no, since it is more often a disk that is not mounted
    /// than a wish.
    public var allowsEmptySource = false
    /// A local folder that files deleted by a download are moved to, at their path. Default: they are deleted.
    public var backupFolder: String?

    /// Makes options with the defaults.
    public init() {}
}
