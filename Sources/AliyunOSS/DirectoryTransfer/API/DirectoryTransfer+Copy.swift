extension DirectoryTransfer {
    /// Copies the objects under a prefix of a bucket to a prefix of this one, as far as they are not there. The service does
    /// it: no content passes through this machine.
    ///
    /// The copies have the content headers, metadata, tags and storage class of their sources.
    ///
    /// - Parameters:
    ///   - prefix: What the keys of the source begin with. `/` is added at its end when it has none. Empty means the whole
    ///     bucket.
    ///   - bucket: The bucket they are in: at the same endpoint, and open to the credentials of both. Default: this one.
    ///   - newPrefix: What the keys of the copies begin with instead.
    /// - Returns: What was done. Look at ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` when the whole run cannot be done, with code ``OSSError/Code/notFound`` when there is nothing under the
    ///   prefix of the source (see ``Options/allowsMissingPrefix``); `CancellationError` when the task was cancelled.
    public func copy(
        from prefix: String, in bucket: Bucket? = nil, to newPrefix: String
    ) async throws -> TransferReport {
        try await planCopy(from: prefix, in: bucket, to: newPrefix).run()
    }

    /// What ``copy(from:in:to:)`` would do, and why.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` when an argument cannot be right: one of the
    ///   prefixes of one bucket must not lie in the other. No request is made.
    public func planCopy(
        from prefix: String, in bucket: Bucket? = nil, to newPrefix: String
    ) async throws -> TransferPlan {
        try options.validate()
        let source: any ObjectStore = bucket ?? store
        let from = try KeyPathMapping(prefix: prefix)
        let to = try KeyPathMapping(prefix: newPrefix)
        let isSameBucket = source.address == store.address
        if isSameBucket, from.prefix.utf8.starts(with: to.prefix.utf8) || to.prefix.utf8.starts(with: from.prefix.utf8)
        {
            throw OSSError(
                .invalidArgument,
                "'\(from.prefix)' and '\(to.prefix)' of one bucket overlap: a copy would be copied again, or deleted with its "
                    + "source")
        }
        let (store, options) = (store, options.fitted())
        return TransferPlan(.copy, options: options, state: store.stateDirectory) { isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let pieces = options.pieces(isDryRun: isDryRun)
            let worker = CopyWorker(
                source: source, sourceBucket: isSameBucket ? nil : source.name, store: store, pieces: pieces)
            // The service copies a link as a link, and lists what is the same of both.
            let links = options.symbolicLinkObjects
            let listing = SourceListing(
                source.objects(under: from.prefix).skippingLinks(links == .skip), under: from.prefix, in: source)
            let objects = CopySourceTree(
                source: RemoteTree(
                    listing: listing.objects, prefix: from.prefix,
                    filter: SidedFilter(options.filter, isSource: true)),
                prefix: to.prefix)
            let copies = RemoteTree(
                listing: store.objects(under: to.prefix).skippingLinks(links == .skip), prefix: to.prefix,
                filter: SidedFilter(options.filter, isSource: false))
            let planner = CopyPlanner(mapping: to, rules: options.rules(nil))
            let steps = PlannedStream(TreeMarch(source: objects, destination: copies), planner)
            return TransferPlan.Pass(
                steps: steps, worker: worker, progress: pieces.progress, warning: warning,
                source: options.required(listing))
        }
    }
}
