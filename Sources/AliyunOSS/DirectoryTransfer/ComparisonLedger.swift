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

    /// Notes what needs no look at the contents, and returns what does.
    mutating func note(_ difference: TreeDifference) -> Pair? {
        switch difference {
        case .both(let entry, let object):
            if !entry.isFolder { return Pair(entry: entry, object: object) }
            if object.size > 0 { report.onlyRemote.append(object.key) }
        case .localOnly(let entry):
            if !entry.isFolder { report.onlyLocal.append(entry.path.description) }
        case .remoteOnly(let object):
            // The empty object that stands for a folder has no file.
            if object.size > 0 || object.key.rawValue.utf8.last != UInt8(ascii: "/") {
                report.onlyRemote.append(object.key)
            }
        case .leftOut:
            report.skipped.add(bytes: 0)
        case .unusable(let path, let error):
            report.failures.append(TransferFailure(key: error.key, path: path.description, error: error))
        }
        return nil
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
            if FatalErrors.contains(error, anySuccess: report.equal.files > 0) {
                fatal = fatal ?? error
                return .stop
            }
            report.failures.append(TransferFailure(key: object.key, path: entry.path.description, error: error))
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
