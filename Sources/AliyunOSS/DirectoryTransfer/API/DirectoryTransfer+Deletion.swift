extension DirectoryTransfer {
    /// Deletes the objects under a prefix. (DeleteMultipleObjects)
    ///
    /// Objects are deleted only after the listing is complete, and only if their number is within the limit that
    /// ``Options/deletion`` sets, which is 100 objects by default. The other options that apply are the name rules of
    /// ``Options/filter``, ``Options/partition``, ``Options/isDryRun`` and the closures.
    ///
    /// - Parameter prefix: Prefix of the keys. A missing `/` is added at the end. An empty prefix means the entire
    ///   bucket.
    /// - Returns: The outcome. Check ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` if the run cannot continue, with code ``OSSError/Code/notFound`` if no object is under
    ///   the prefix, or `CancellationError` if the task was cancelled.
    public func delete(under prefix: String) async throws -> TransferReport {
        try await planDeletion(under: prefix).run()
    }

    /// Plans ``delete(under:)`` without deleting anything.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if an argument is invalid. No request is
    ///   sent.
    public func planDeletion(under prefix: String) async throws -> TransferPlan {
        try options.validate()
        let mapping = try KeyPathMapping(prefix: prefix)
        var options = options.fitted()
        var deletion = options.deletion ?? DeletionOptions()
        // A limit relative to the existing objects is no protection if all of them are to be deleted.
        if deletion.limit == .standard { deletion.limit = .count(100) }
        deletion.allowsEmptySource = true
        options.deletion = deletion
        let (store, rules) = (store, options.rules(nil))
        return TransferPlan(.deletion, options: options, store: store) { [options] isDryRun in
            let context = TransferContext(options, isDryRun: isDryRun)
            let worker = CopyWorker(source: store, sourceBucket: nil, store: store, context: context)
            let source = SourceListing(
                store.objects(under: mapping.prefix, context.slots), under: mapping.prefix, in: store)
            let objects = RemoteTree(
                listing: source.objects, prefix: mapping.prefix, filter: SidedFilter(options.filter, isSource: false))
            let steps = PlannedStream(
                TreeMarch(source: NoTree<CopyEntry>(), destination: objects),
                CopyPlanner(mapping: mapping, rules: rules))
            return TransferPlan.Pass(steps: steps, worker: worker, source: source)
        }
    }
}

/// Options for deleting destination files that are not in the source.
///
/// Files are deleted after all transfers, and only if every listing was complete and no file failed. Files that are
/// excluded, skipped or in another partition are never deleted. If an object requires the name of a file or folder that
/// will be deleted, the object is first downloaded and verified. The file or folder is then moved aside, and is deleted
/// once the downloaded object is in place.
public struct DeletionOptions: Sendable, Hashable {
    /// A limit on the number of files that one run may delete.
    public enum Limit: Sendable, Hashable {
        /// The larger of 100 files and half the files in the destination. There is no limit if
        /// ``DeletionOptions/allowsEmptySource`` takes effect. For ``DirectoryTransfer/delete(under:)``: 100 objects.
        case standard
        /// The given number of files.
        case count(Int)
        /// The given fraction of the files in the destination, from 0 to 1.
        case share(Double)
        /// No limit.
        case unlimited
    }

    /// Maximum number of files to delete. If a run would delete more, it deletes none. Default: ``Limit/standard``.
    public var limit = Limit.standard
    /// Whether to delete all files from the destination if the source contains no files. Default: `false`, because an
    /// empty source usually means that a disk is not mounted.
    ///
    /// A ``limit`` other than ``Limit/standard`` still applies. Excluded files and objects that represent folders do
    /// not count as files.
    public var allowsEmptySource = false
    /// Path of a local folder to which a download moves files instead of deleting them. Their relative paths are
    /// preserved. Default: `nil`, which deletes the files.
    public var backupFolder: String?

    /// Creates options with default values.
    public init() {}
}
