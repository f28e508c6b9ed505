extension DirectoryTransfer {
    /// Uploads the regular files in a folder and below it that the bucket does not have.
    ///
    /// - Parameters:
    ///   - folder: The local folder. Its own name is not part of the keys.
    ///   - prefix: What the keys begin with. `/` is added at its end when it has none. Default: nothing.
    /// - Returns: What was done. Look at ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` when the whole run cannot be done, `CancellationError` when the task was cancelled.
    public func upload(from folder: String, to prefix: String = "") async throws -> TransferReport {
        try await planUpload(from: folder, to: prefix).run()
    }

    /// What ``upload(from:to:)`` would do, and why.
    ///
    /// - Throws: ``OSSError`` when the folder cannot be read or an argument cannot be right. No request is made.
    public func planUpload(from folder: String, to prefix: String = "") async throws -> TransferPlan {
        try options.validate()
        let mapping = try KeyPathMapping(prefix: prefix)
        let folder = try LocalFolder(folder)
        let root = try folder.openSource()
        let (store, options) = (store, options.fitted())
        return TransferPlan(.upload, options: options, state: store.stateDirectory) { isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let record = try store.record(of: folder, mapping.prefix, options, isReadOnly: isDryRun)
            let local = LocalTree(
                root: root, mapping: mapping, links: options.symbolicLinks,
                filter: SidedFilter(options.filter, isSource: true),
                own: folder.pathsBelow(store.ownPaths(folder, mapping.prefix, options)))
            let pieces = options.pieces(isDryRun: isDryRun)
            let worker = UploadWorker(
                root: root, links: options.symbolicLinks, attributes: options.objectAttributes, store: store,
                pieces: pieces, compression: CompressionRule(options.compressedExtensions))
            var rules = options.rules(record)
            rules.detector.trustsRecordAlone = record != nil && options.trustsSnapshotAlone
            let planner = UploadPlanner(mapping: mapping, rules: rules, tracksRenames: options.tracksRenames)
            let steps: any PlanIterator
            if rules.detector.trustsRecordAlone {
                steps = PlannedStream(TreeMarch(source: local, destination: NoTree<RemoteEntry>()), planner)
            } else {
                let remote = RemoteTree(
                    listing: store.objects(under: mapping.prefix, options, pieces.slots), prefix: mapping.prefix,
                    filter: SidedFilter(options.filter, isSource: false))
                steps = PlannedStream(TreeMarch(source: local, destination: remote), planner)
            }
            return TransferPlan.Pass(
                steps: steps, worker: worker, record: record, progress: pieces.progress,
                isListed: !rules.detector.trustsRecordAlone, warning: warning)
        }
    }
}

extension DirectoryTransfer.Options {
    /// Whether an upload needs no look at the bucket.
    fileprivate var trustsSnapshotAlone: Bool {
        snapshot != nil && update == .modified && deletion == nil && !tracksRenames
    }
}
