extension DirectoryTransfer {
    /// Compares a local folder with the objects under a prefix, without changing either.
    ///
    /// Contents are compared by MD5 if the listing reports one, which requires no request; otherwise by CRC-64, which
    /// requires one. Every local file that has the same size as its object is read. Empty folders are compared only if
    /// ``Options/includesEmptyDirectories`` is set. ``Options/failurePolicy`` applies to files that cannot be compared.
    ///
    /// - Parameters:
    ///   - folder: Path of the local folder.
    ///   - prefix: Prefix of the keys. A missing `/` is added at the end. An empty prefix means the entire bucket.
    /// - Returns: The differences. Check ``ComparisonReport/isEqual``.
    /// - Throws: ``OSSError`` if the comparison cannot continue, or `CancellationError` if the task was cancelled.
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
        let monitor = options.monitor
        monitor?.startComparison()
        let worker = ComparisonWorker(
            root: root, links: options.symbolicLinks, store: store, progress: RunProgress(nil, monitor))
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
        do {
            try await run(worker, &ledger) {
                let difference = try await march.next()
                if difference == nil { monitor?.endListing() }
                return difference
            }
        } catch {
            monitor?.end(ledger.report(after: start.duration(to: .now), isUnfinished: true))
            throw error
        }
        return ledger.report(after: start.duration(to: .now))
    }

    private func run(
        _ worker: ComparisonWorker, _ ledger: inout ComparisonLedger,
        _ next: () async throws -> TreeDifference<LocalEntry, RemoteEntry>?
    ) async throws {
        try await TaskPool.run(limit: options.concurrency) { () async throws -> ComparisonLedger.Pair? in
            while let difference = try await next() {
                if let pair = ledger.note(difference) { return pair }
                try Task.checkCancellation()
            }
            return nil
        } work: { [monitor = options.monitor] pair in
            let (key, size) = (pair.object.key, pair.entry.size)
            monitor?.start(key, pair.entry.path.description, size: size, .comparing)
            defer { monitor?.end(key, expected: size) }
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
            return Patience.current?.isExhausted == true ? ledger.stop() : step
        }
        if let fatal = ledger.fatal { throw fatal }
    }
}

/// A ledger that collects the results of a comparison as they arrive.
struct ComparisonLedger {
    /// A file and an object whose contents must be compared.
    struct Pair: Sendable {
        var entry: LocalEntry
        var object: RemoteEntry
    }

    /// The outcome of comparing a file with an object.
    struct Outcome: Sendable {
        var pair: Pair
        var result: Result<ComparisonReport.Difference?, any Error>
    }

    private(set) var fatal: OSSError?
    private let monitor: TransferMonitor?
    private var report = ComparisonReport()
    private let options: DirectoryTransfer.Options
    private var leftOut = AncestorStack()

    init(_ options: DirectoryTransfer.Options) {
        self.options = options
        monitor = options.monitor
        report.partition = options.partition
    }

    /// Adds a difference to the report, or returns the file and object if their contents must be compared.
    mutating func note(_ difference: TreeDifference<LocalEntry, RemoteEntry>) -> Pair? {
        guard let monitor else { return add(difference) }
        let done = count
        let pair = add(difference)
        if let pair {
            monitor.find(files: 1, bytes: pair.entry.size)
            monitor.expect(bytes: pair.entry.size)
        } else {
            monitor.find(files: count - done, bytes: 0)
            monitor.update(report)
        }
        return pair
    }

    /// Number of files whose result is in the report.
    private var count: Int {
        report.equal.files + report.skipped.files + report.different.count + report.onlyLocal.count
            + report.onlyRemote.count + report.failures.count
    }

    private mutating func add(_ difference: TreeDifference<LocalEntry, RemoteEntry>) -> Pair? {
        switch difference {
        case .both(let entry, let object):
            noteLeftOut(entry)
            guard isHere(object.key) else { return nil }
            if object.exclusion != nil {
                report.skipped.add(bytes: 0)
                return nil
            }
            switch entry.content {
            case .file: return Pair(entry: entry, object: object)
            case .emptyFolder: if object.size > 0 { report.onlyRemote.append(object.key) }
            case .leftOut: break
            }
        case .sourceOnly(let entry, _):
            noteLeftOut(entry)
            guard isHere(entry.key) else { return nil }
            switch entry.content {
            case .file: report.onlyLocal.append(entry.path.description)
            case .emptyFolder: if options.includesEmptyDirectories { report.onlyLocal.append("\(entry.path)/") }
            case .leftOut: break
            }
        case .destinationOnly(let object, let isInhabited):
            // Objects below a skipped folder are not compared.
            guard isHere(object.key), !leftOut.covers(object.key.rawValue.utf8) else { return nil }
            if object.exclusion != nil {
                report.skipped.add(bytes: 0)
                return nil
            }
            // An empty object that represents a folder has no corresponding file.
            if object.isFolder, !options.includesEmptyDirectories || isInhabited { return nil }
            report.onlyRemote.append(object.key)
        case .unusableSource(let path, let error), .unusableDestination(let path, let error):
            report.failures.append(TransferFailure(key: error.key, path: path.description, error: error))
        }
        return nil
    }

    private func isHere(_ key: ObjectKey) -> Bool { options.partition?.contains(key) ?? true }

    /// Adds a skipped file or folder to the report. Objects below a skipped folder are not compared in any partition.
    private mutating func noteLeftOut(_ entry: LocalEntry) {
        guard case .leftOut(let reason) = entry.content else { return }
        leftOut.add(Array(entry.key.rawValue.utf8))
        guard reason != .transferState, isHere(entry.key) else { return }
        report.skipped.add(bytes: 0)
        if reason.isUnexpected, report.skippedFiles.count < TransferReport.listedFailures {
            report.skippedFiles.append(SkippedFile(path: entry.path.description, reason: reason))
        }
    }

    /// Adds the outcome of a comparison to the report, and returns whether to continue.
    mutating func finish(_ outcome: Outcome) -> TaskPool.Step {
        defer { monitor?.update(report) }
        let (entry, object) = (outcome.pair.entry, outcome.pair.object)
        switch outcome.result {
        case .success(nil):
            report.equal.add(bytes: object.size)
        case .success(let difference?):
            report.different.append(
                ComparisonReport.DifferentFile(
                    path: entry.path.description, key: object.key, difference: difference))
        case .failure(is CancellationError):
            break
        case .failure(let error):
            let error = error as? OSSError ?? OSSError(.fileSystem, "\(error)", key: object.key, underlying: error)
            // A pair exists only after the service has responded to a listing request.
            if FatalErrors.contains(error, hasAnswered: true) {
                fatal = fatal ?? error
                return .stop
            }
            report.failures.append(TransferFailure(key: object.key, path: entry.path.description, error: error))
            if options.failurePolicy == .failFast { return stop() }
        }
        return .keepGoing
    }

    /// Records in the report that the remaining files will not be compared.
    mutating func stop() -> TaskPool.Step {
        report.stoppedEarly = true
        return .stop
    }

    /// Returns the report with the differences sorted by key. Comparisons can finish in any order.
    func report(after elapsed: Duration, isUnfinished: Bool = false) -> ComparisonReport {
        var report = report
        if isUnfinished { report.stoppedEarly = true }
        report.different.sort { $0.key < $1.key }
        report.elapsedSeconds = elapsed.inSeconds
        return report
    }
}

/// A worker that compares a file with an object.
struct ComparisonWorker: Sendable {
    let root: SafeDirectory
    let links: SymbolicLinkPolicy
    let store: any ObjectStore
    /// The progress of the run; `nil` if nothing observes it.
    let progress: RunProgress?

    /// Compares a file with an object and returns the difference, or `nil` if the contents are equal.
    func compare(_ entry: LocalEntry, with object: RemoteEntry) async throws -> ComparisonReport.Difference? {
        if let problem = object.problem { throw problem }
        // Different MD5s do not prove a difference: the ETag of an encrypted object is not an MD5.
        let comparison = ContentComparison(store: store, trustsETag: false, progress: progress)
        guard entry.size == object.size else {
            // The object may be a gzip-compressed copy of the file.
            let isEqual = try await comparison.compareExpanded(entry.path, with: object, in: root, links: links)
            return isEqual ? nil : .size
        }
        return try await comparison.compare(entry.path, with: object, in: root, links: links) == nil ? .content : nil
    }
}
