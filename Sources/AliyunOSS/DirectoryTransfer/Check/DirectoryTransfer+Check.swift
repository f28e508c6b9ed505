extension DirectoryTransfer {
    /// Compares the contents of a local folder with the objects under a prefix. Changes nothing.
    ///
    /// Contents are compared by their MD5 where the listing has it, which costs no request, and else by CRC-64, which
    /// costs one. Every local file whose size is right is read. Folders without files count with
    /// ``Options/emptyDirectories`` only. ``Options/failurePolicy`` says whether the first file that cannot be compared ends it.
    ///
    /// - Parameters:
    ///   - folder: The local folder.
    ///   - prefix: What the keys begin with. `/` is added at its end when it has none. Empty means the whole bucket.
    /// - Returns: The differences. Look at ``ComparisonReport/isEqual``.
    /// - Throws: ``OSSError`` when the comparison cannot be done, `CancellationError` when the task was cancelled.
    public func check(_ folder: String, against prefix: String = "") async throws -> ComparisonReport {
        let transfer = DirectoryTransfer(store: store, options: options.fitted())
        let warnings = RunWarnings(options.onWarning)
        for adjustment in transfer.options.adjustments { warnings.add(adjustment) }
        return try await Patience.$current.withValue(options.patience(warnings)) {
            try await transfer.compare(folder, against: prefix)
        }
    }

    private func compare(_ folder: String, against prefix: String) async throws -> ComparisonReport {
        let start = ContinuousClock.now
        let mapping = try KeyPathMapping(prefix: prefix)
        try options.validate()
        let folder = try LocalFolder(folder)
        let root = try folder.openSource()
        let worker = ComparisonWorker(root: root, links: options.symbolicLinks, store: store)
        let local = LocalTree(
            root: root, mapping: mapping, links: options.symbolicLinks,
            filter: SidedFilter(options.filter, isSource: true),
            own: folder.pathsBelow(store.ownPaths(folder, mapping.prefix, options)))
        let remote = RemoteTree(
            listing: store.objects(under: mapping.prefix, options, AsyncSemaphore(options.concurrency)),
            prefix: mapping.prefix,
            filter: SidedFilter(options.filter, isSource: false))
        var march = TreeMarch(source: local, destination: remote).makeAsyncIterator()
        var ledger = ComparisonLedger(options)
        try await BoundedTasks.run(limit: options.concurrency) { () async throws -> ComparisonLedger.Pair? in
            while let difference = try await march.next() {
                if let pair = ledger.note(difference) { return pair }
                try Task.checkCancellation()
            }
            return nil
        } work: { pair in
            do {
                let difference = try await DescriptorShortage.outlasting {
                    try await worker.compare(pair.entry, with: pair.object)
                }
                return ComparisonLedger.Outcome(pair: pair, result: .success(difference))
            } catch {
                return ComparisonLedger.Outcome(pair: pair, result: .failure(error))
            }
        } handle: { outcome in
            let step = ledger.finish(outcome)
            return Patience.current?.isExhausted == true ? .stop : step
        }
        if let fatal = ledger.fatal { throw fatal }
        return ledger.report(after: start.duration(to: .now))
    }
}
