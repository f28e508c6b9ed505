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
