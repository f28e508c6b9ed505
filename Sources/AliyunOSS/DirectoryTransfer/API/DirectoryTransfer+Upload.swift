extension DirectoryTransfer {
    /// Uploads the regular files in a folder and its subfolders that are missing from the bucket or differ from their
    /// objects.
    ///
    /// - Parameters:
    ///   - folder: Path of the local folder. The name of the folder itself is not part of the keys.
    ///   - prefix: Prefix of the keys. A missing `/` is added at the end. Default: no prefix.
    /// - Returns: The outcome. Check ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` if the run cannot continue, or `CancellationError` if the task was cancelled.
    public func upload(from folder: String, to prefix: String = "") async throws -> TransferReport {
        try await planUpload(from: folder, to: prefix).run()
    }

    /// Plans ``upload(from:to:)`` without transferring anything.
    ///
    /// - Throws: ``OSSError`` if the folder cannot be read or an argument is invalid. No request is sent.
    public func planUpload(from folder: String, to prefix: String = "") async throws -> TransferPlan {
        try options.validate()
        let mapping = try KeyPathMapping(prefix: prefix)
        let folder = try LocalFolder(folder)
        let root = try folder.openSource()
        let (store, options) = (store, options.fitted())
        return TransferPlan(.upload, options: options, store: store) { isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let record = try store.record(of: folder, mapping.prefix, options, isReadOnly: isDryRun)
            let local = LocalTree(
                root: root, mapping: mapping, links: options.symbolicLinks,
                filter: SidedFilter(options.filter, isSource: true),
                own: folder.pathsBelow(store.ownPaths(folder, mapping.prefix, options)))
            let context = TransferContext(options, isDryRun: isDryRun)
            let worker = UploadWorker(
                root: root, links: options.symbolicLinks, attributes: options.objectAttributes, store: store,
                context: context, compression: CompressionRule(options.compressedExtensions))
            var rules = options.rules(record)
            rules.detector.trustsRecordAlone = record != nil && options.trustsSnapshotAlone
            let planner = UploadPlanner(mapping: mapping, rules: rules, detectsRenames: options.detectsRenames)
            let steps: any PlanIterator
            if rules.detector.trustsRecordAlone {
                steps = PlannedStream(TreeMarch(source: local, destination: NoTree<RemoteEntry>()), planner)
            } else {
                let remote = RemoteTree(
                    listing: store.objects(under: mapping.prefix, options, context.slots), prefix: mapping.prefix,
                    filter: SidedFilter(options.filter, isSource: false))
                steps = PlannedStream(TreeMarch(source: local, destination: remote), planner)
            }
            return TransferPlan.Pass(
                steps: steps, worker: worker, record: record, progress: context.progress,
                isListed: !rules.detector.trustsRecordAlone, warning: warning)
        }
    }
}

extension DirectoryTransfer.Options {
    /// Whether an upload trusts the snapshot and does not list the bucket.
    fileprivate var trustsSnapshotAlone: Bool {
        snapshotPath != nil && updateMode == .modified && deletion == nil && !detectsRenames
    }
}
