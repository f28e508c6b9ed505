/// Keeps the result of a comparison.
struct ComparisonLedger {
    /// A file and an object that have to be compared.
    struct Pair: Sendable {
        var entry: LocalEntry
        var object: RemoteEntry
    }

    /// What the comparison of a pair gave.
    struct Outcome: Sendable {
        var pair: Pair
        var result: Result<ComparisonReport.Difference?, any Error>
    }

    /// The error that ended the comparison.
    private(set) var fatal: OSSError?
    private var report = ComparisonReport()
    private let options: DirectoryTransfer.Options
    private var leftOut = AncestorStack()

    init(_ options: DirectoryTransfer.Options) {
        self.options = options
        report.partition = options.partition
    }

    /// Notes what needs no look at the contents, and returns what does.
    mutating func note(_ difference: TreeDifference<LocalEntry, RemoteEntry>) -> Pair? {
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
            case .emptyFolder: if options.emptyDirectories { report.onlyLocal.append("\(entry.path)/") }
            case .leftOut: break
            }
        case .destinationOnly(let object, let isInhabited):
            // What lies below something left out is not asked for.
            guard isHere(object.key), !leftOut.covers(object.key.rawValue.utf8) else { return nil }
            if object.exclusion != nil {
                report.skipped.add(bytes: 0)
                return nil
            }
            // The empty object that stands for a folder has no file.
            if object.isFolder, !options.emptyDirectories || isInhabited { return nil }
            report.onlyRemote.append(object.key)
        case .unusableSource(let path, let error), .unusableDestination(let path, let error):
            report.failures.append(TransferFailure(key: error.key, path: path.description, error: error))
        }
        return nil
    }

    private func isHere(_ key: ObjectKey) -> Bool { options.partition?.contains(key) ?? true }

    /// Notes what is left out. What lies below it is not asked for, in whatever partition that is.
    private mutating func noteLeftOut(_ entry: LocalEntry) {
        guard case .leftOut(let reason) = entry.content else { return }
        leftOut.add(Array(entry.key.rawValue.utf8))
        if reason != .transferState, isHere(entry.key) { report.skipped.add(bytes: 0) }
    }

    /// Notes the result of a comparison.
    mutating func finish(_ outcome: Outcome) -> BoundedTasks.Step {
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
            // There is no pair without a listing.
            if FatalErrors.contains(error, hasAnswered: true) {
                fatal = fatal ?? error
                return .stop
            }
            report.failures.append(TransferFailure(key: object.key, path: entry.path.description, error: error))
            if options.failurePolicy == .failFast { return .stop }
        }
        return .keepGoing
    }

    /// The report. Pairs end in any order; the report has the order of the keys.
    func report(after elapsed: Duration) -> ComparisonReport {
        var report = report
        report.different.sort { $0.key < $1.key }
        report.elapsedSeconds = elapsed.inSeconds
        return report
    }
}
