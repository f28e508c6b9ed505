/// Keeps the count of a run: turns outcomes into the report and the events, and says when a run must end.
struct TransferLedger {
    /// What became of an action.
    struct Outcome: Sendable {
        var action: TransferAction
        /// The bytes that were transferred, or why not.
        var result: Result<Int64, any Error>
    }

    /// The report so far.
    private(set) var report: TransferReport
    /// The error that ended the run, when there is no point in trying the other files.
    private(set) var fatal: OSSError?

    private let failurePolicy: DirectoryTransfer.FailurePolicy
    private let onEvent: (@Sendable (TransferEvent) -> Void)?
    private var folders = 0

    init(_ operation: TransferReport.Operation, options: DirectoryTransfer.Options) {
        report = TransferReport(operation)
        failurePolicy = options.failurePolicy
        onEvent = options.onEvent
    }

    /// Notes that an action begins.
    func start(_ action: TransferAction) {
        switch action.work {
        case .upload, .download: emit(.started, action, bytes: action.size)
        case .uploadFolder, .makeFolder, .leave, .fail: break
        }
    }

    /// Notes what became of an action.
    mutating func finish(_ outcome: Outcome) -> BoundedTasks.Step {
        let action = outcome.action
        switch outcome.result {
        case .success(let bytes):
            if action.isFolder {
                report.folders += 1
                emit(.folder, action, bytes: 0)
            } else if case .leave = action.work {
                report.skipped.add(bytes: bytes)
                emit(.skipped, action, bytes: bytes)
            } else {
                report.transferred.add(bytes: bytes)
                emit(.transferred, action, bytes: bytes)
            }
            return .keepGoing
        case .failure(is CancellationError):
            // The run is ending already. The file was not tried to its end: it is neither done nor failed.
            return .keepGoing
        case .failure(let cause as RunError):
            fatal = fatal ?? cause.error
            return .stop
        case .failure(let cause):
            let error = cause as? OSSError ?? OSSError(.fileSystem, "\(cause)", key: action.key, underlying: cause)
            guard fatal == nil else { return .stop }
            if FatalErrors.contains(error, anySuccess: report.transferred.files > 0) {
                fatal = error
                return .stop
            }
            report.failed.add(bytes: action.size)
            report.failures.append(TransferFailure(key: action.key, path: action.path, error: error))
            emit(.failed(error), action, bytes: action.size)
            guard failurePolicy == .failFast else { return .keepGoing }
            report.stoppedEarly = true
            return .stop
        }
    }

    /// Notes the end.
    mutating func close(after elapsed: Duration) {
        report.elapsedSeconds = elapsed.inSeconds
    }

    private func emit(_ kind: TransferEvent.Kind, _ action: TransferAction, bytes: Int64) {
        onEvent?(
            TransferEvent(
                kind: kind, reason: action.reason, key: action.key, path: action.path, bytes: bytes,
                transferred: report.transferred, skipped: report.skipped, failed: report.failed))
    }
}

extension TransferAction {
    fileprivate var isFolder: Bool {
        switch work {
        case .uploadFolder, .makeFolder: true
        case .upload, .download, .leave, .fail: false
        }
    }
}

extension Duration {
    /// The duration as a number of seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
