extension DirectoryTransfer {
    /// Deletes the objects under a prefix. (DeleteMultipleObjects)
    ///
    /// Objects are deleted only after the listing is complete, and only if ``Options/deletion`` allows their number:
    /// 100 objects by default. Of the other options, ``Options/filter`` by names, ``Options/partition``,
    /// ``Options/isDryRun`` and the closures apply.
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
        return TransferPlan(.deletion, options: options, state: store.stateDirectory) { [options] isDryRun in
            let worker = CopyWorker(
                source: store, sourceBucket: nil, store: store, context: TransferContext(options, isDryRun: isDryRun))
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

/// Options for deleting files from the destination that the source does not have.
///
/// Deletions follow all transfers, and only if every listing was complete and no file failed. Files that are excluded,
/// skipped or in another partition are never deleted. If an object needs the name of a file or folder that is to be
/// deleted, that file or folder is moved aside after the object is downloaded and verified, and deleted once the object
/// has its name.
public struct DeletionOptions: Sendable, Hashable {
    /// A limit on the deletions of one run.
    public enum Limit: Sendable, Hashable {
        /// Half of the files in the destination, but at least 100 files, and no limit if
        /// ``DeletionOptions/allowsEmptySource`` applies. For ``DirectoryTransfer/delete(under:)``: 100 objects.
        case standard
        /// A number of files.
        case count(Int)
        /// A share of the files in the destination, from 0 to 1.
        case share(Double)
        /// No limit.
        case unlimited
    }

    /// Limit of deletions. If more files would be deleted, none are. Default: ``Limit/standard``.
    public var limit = Limit.standard
    /// Whether a source without any file may empty the destination. A ``limit`` that was set still applies. Excluded
    /// files and objects that stand for folders do not count. Default: `false`, because an empty source is usually a
    /// disk that is not mounted.
    public var allowsEmptySource = false
    /// Path of a local folder to which a download moves deleted files, under their relative paths. Default: `nil`,
    /// which deletes the files.
    public var backupFolder: String?

    /// Creates options with default values.
    public init() {}
}
