extension DirectoryTransfer {
    /// Copies the objects under one prefix that are missing from another prefix or differ from the objects there.
    ///
    /// The source may be in another bucket. The service copies the objects; no content passes through this machine.
    ///
    /// Each copy has the same content headers, metadata, tags and storage class as its source.
    ///
    /// - Parameters:
    ///   - prefix: Prefix of the source keys. A missing `/` is added at the end. An empty prefix means the entire
    ///     bucket.
    ///   - bucket: Bucket that contains the source objects. It must have the same endpoint, and its credentials must be
    ///     allowed to access both buckets. Default: this bucket.
    ///   - newPrefix: Prefix of the keys of the copies in this bucket.
    /// - Returns: The outcome. Check ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` if the run cannot continue, with code ``OSSError/Code/notFound`` if no object is under
    ///   the source prefix (see ``Options/allowsMissingPrefix``), or `CancellationError` if the task was cancelled.
    public func copy(
        from prefix: String, in bucket: Bucket? = nil, to newPrefix: String
    ) async throws -> TransferReport {
        try await planCopy(from: prefix, in: bucket, to: newPrefix).run()
    }

    /// Plans ``copy(from:in:to:)`` without copying anything.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if an argument is invalid: for example, if
    ///   both prefixes are in the same bucket and one contains the other. No request is sent.
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
                "prefixes '\(from.prefix)' and '\(to.prefix)' overlap in the same bucket; choose prefixes where "
                    + "neither contains the other")
        }
        let (store, options) = (store, options.fitted())
        return TransferPlan(.copy, options: options, store: store) { isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let context = TransferContext(options, isDryRun: isDryRun)
            let worker = CopyWorker(
                source: source, sourceBucket: isSameBucket ? nil : source.name, store: store, context: context)
            // CopyObject copies a symbolic link as a link, and a listing reports the same values for both.
            let links = options.symbolicLinkObjects
            let listing = SourceListing(
                source.objects(under: from.prefix, context.slots).skippingLinks(links == .skip), under: from.prefix,
                in: source)
            let objects = CopySourceTree(
                source: RemoteTree(
                    listing: listing.objects, prefix: from.prefix,
                    filter: SidedFilter(options.filter, isSource: true)),
                prefix: to.prefix)
            let copies = RemoteTree(
                listing: store.objects(under: to.prefix, context.slots).skippingLinks(links == .skip),
                prefix: to.prefix, filter: SidedFilter(options.filter, isSource: false))
            let planner = CopyPlanner(mapping: to, rules: options.rules(nil))
            let steps = PlannedStream(TreeMarch(source: objects, destination: copies), planner)
            return TransferPlan.Pass(
                steps: steps, worker: worker, progress: context.progress, warning: warning,
                source: options.required(listing))
        }
    }
}
