extension DirectoryTransfer {
    /// Downloads the objects under a prefix that a folder does not have.
    ///
    /// - Parameters:
    ///   - prefix: What the keys begin with. `/` is added at its end when it has none. Empty means the whole bucket.
    ///   - folder: The local folder, made when it does not exist. What else is in it stays, unless
    ///     ``Options/deletion`` says otherwise.
    /// - Returns: What was done. Look at ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` when the whole run cannot be done, with code ``OSSError/Code/notFound`` when there is nothing under the
    ///   prefix (see ``Options/allowsMissingPrefix``); `CancellationError` when the task was cancelled.
    public func download(from prefix: String, to folder: String) async throws -> TransferReport {
        try await planDownload(from: prefix, to: folder).run()
    }

    /// What ``download(from:to:)`` would do, and why.
    ///
    /// - Throws: ``OSSError`` when there is something else in the folder's place or an argument cannot be right. No request
    ///   is made.
    public func planDownload(from prefix: String, to folder: String) async throws -> TransferPlan {
        try options.validate()
        let mapping = try KeyPathMapping(prefix: prefix)
        let folder = try LocalFolder(folder)
        _ = try folder.openTarget()
        try checkBackupFolder(folder)
        let (store, options) = (store, options.fitted())
        return TransferPlan(.download, options: options, state: store.stateDirectory) { isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let record = try store.record(of: folder, mapping.prefix, options, isReadOnly: isDryRun)
            let pieces = options.pieces(isDryRun: isDryRun)
            let worker = DownloadWorker(
                folder: folder.path, preservesAttributes: options.preservesAttributes, store: store, pieces: pieces,
                backupFolder: options.deletion?.backupFolder,
                compression: CompressionRule(options.compressedExtensions))
            let source = SourceListing(
                store.objects(under: mapping.prefix, options, pieces.slots), under: mapping.prefix, in: store)
            let remote = RemoteTree(
                listing: source.objects, prefix: mapping.prefix,
                filter: SidedFilter(options.filter, isSource: true))
            let local = LocalTree(
                root: try folder.openTarget(), mapping: mapping, links: .skip,
                filter: SidedFilter(options.filter, isSource: false),
                own: folder.pathsBelow(store.ownPaths(folder, mapping.prefix, options)),
                recovery: isDryRun ? .none : options.deletion == nil ? .putBack : .putBackOrEnter)
            let planner = DownloadPlanner(mapping: mapping, rules: options.rules(record), clashes: options.clashes)
            let steps = PlannedStream(TreeMarch(source: remote, destination: local), planner)
            return TransferPlan.Pass(
                steps: steps, worker: worker, record: record, progress: pieces.progress, warning: warning,
                source: options.required(source))
        }
    }

    /// A backup folder may lie in the target, but the target not in it.
    private func checkBackupFolder(_ folder: LocalFolder) throws(OSSError) {
        guard let backup = options.deletion?.backupFolder else { return }
        let (target, kept) = (folder.identity + "/", try LocalFolder(backup).identity + "/")
        guard !target.utf8.starts(with: kept.utf8) else {
            throw OSSError(
                .invalidArgument, "the backup folder '\(backup)' must not be the target folder or have it in it")
        }
    }
}
