import Synchronization

/// A ledger that turns the outcomes of a run into a report and events, and decides when the run must end.
struct TransferLedger {
    /// The outcome of an action.
    struct Outcome: Sendable {
        var action: TransferAction
        /// The result of the action.
        var result: Result<PerformedAction, any Error>
        /// Whether the event that reports the start of the action has been sent.
        var isStarted = true
    }

    /// The report on the run so far.
    private(set) var report: TransferReport
    /// The error that ended the run; `nil` if there was none.
    private(set) var fatal: OSSError?

    private let failurePolicy: DirectoryTransfer.FailurePolicy
    private let onEvent: (@Sendable (TransferEvent) -> Void)?
    private let onClientEvent: (@Sendable (ClientEvent) -> Void)?
    private let onWarning: (@Sendable (String) -> Void)?
    private let monitor: TransferMonitor?
    /// Whether attributes are requested and not applied to the objects of unchanged files.
    private let leavesAttributes: Bool
    /// Digest of the requested attributes; 0 if the record cannot show that an object has them.
    private let requestedAttributes: UInt64
    private let hasAnswered: Bool
    private let state: StateDirectory
    private var failureFile: FailureFile?

    /// Creates a ledger for a run.
    ///
    /// - Parameters:
    ///   - state: Directory in which to create the failure file.
    ///   - hasAnswered: Whether the first step proves that the service responds.
    ///   - onEvent: Closure that receives the events of the client, in addition to the one in the options.
    init(
        _ operation: TransferReport.Operation, options: DirectoryTransfer.Options, state: StateDirectory,
        hasAnswered: Bool = false, onEvent: (@Sendable (ClientEvent) -> Void)? = nil
    ) {
        self.hasAnswered = hasAnswered
        self.state = state
        report = TransferReport(operation)
        report.isDryRun = options.isDryRun
        report.partition = options.partition
        failurePolicy = options.failurePolicy
        self.onEvent = options.onEvent
        onClientEvent = onEvent
        onWarning = options.onWarning
        monitor = options.monitor
        leavesAttributes = operation == .upload && options.requestsAttributes && !options.updatesAttributes
        requestedAttributes = leavesAttributes ? options.objectAttributes.digest : 0
    }

    /// Reports the start of an action.
    func start(_ action: TransferAction) {
        if action.isTransfer { emit(.started, action, bytes: action.size) }
    }

    /// Reports the outcome of an action, and returns whether to continue.
    mutating func finish(_ outcome: Outcome) -> TaskPool.Step {
        let action = outcome.action
        switch outcome.result {
        case .success(let performed):
            if !outcome.isStarted { start(action) }
            note(action, bytes: performed.bytes)
            return .keepGoing
        case .failure(is CancellationError):
            // The run is already ending. The file is neither done nor failed.
            return .keepGoing
        case .failure(let cause as FatalTransferError):
            fatal = fatal ?? cause.error
            return .stop
        case .failure(let cause):
            let error = cause as? OSSError ?? OSSError(.fileSystem, "\(cause)", key: action.key, underlying: cause)
            guard fatal == nil else { return .stop }
            if FatalErrors.contains(error, hasAnswered: hasAnswered || report.transferred.files > 0) {
                fatal = error
                return .stop
            }
            return fail(action, error)
        }
    }

    /// Reports an action that skips a file.
    mutating func leave(_ action: TransferAction) {
        note(action, bytes: action.size)
    }

    /// Reports deletions that will not be performed.
    mutating func withhold(_ deletions: PendingDeletions, refusal: String?) {
        report.withheldDeletions = deletions.count
        report.withheldPaths = deletions.firstPaths
        report.deletionRefusal = refusal.map { OSSError(.deletionRefused, "nothing was deleted: \($0)") }
    }

    /// Reports a warning.
    mutating func warn(_ warning: String) {
        report.warnings.append(warning)
        onWarning?(warning)
    }

    /// Adds warnings to the report without passing them to the closure again.
    mutating func add(_ warnings: RunWarnings) { report.warnings += warnings.all }

    /// Records in the report that the remaining files will not be attempted.
    mutating func stop() -> TaskPool.Step {
        report.stoppedEarly = true
        return .stop
    }

    /// Completes the report.
    mutating func close(after elapsed: Duration) {
        writeFailures { ledger in
            try ledger.failureFile?.finish()
            ledger.report.failureFile = ledger.failureFile?.path
        }
        report.elapsedSeconds = elapsed.inSeconds
    }

    private mutating func note(_ action: TransferAction, bytes: Int64) {
        switch action.kind {
        case .makeFolder:
            report.folders += 1
            return emit(.folder, action, bytes: 0)
        case .delete:
            guard !action.isFolderDeletion else { return }
            report.deleted.add(bytes: bytes)
            emit(.deleted, action, bytes: bytes)
        case .leave:
            noteSkipped(action, bytes: bytes)
            emit(.skipped, action, bytes: bytes)
        case .updateAttributes:
            report.attributesUpdated.add(bytes: bytes)
            emit(.attributesUpdated, action, bytes: bytes)
        default:
            report.transferred.add(bytes: bytes)
            emit(.transferred, action, bytes: bytes)
        }
        report.reasons[action.reason, default: TransferTally()].add(bytes: bytes)
        monitor?.update(report)
    }

    private mutating func noteSkipped(_ action: TransferAction, bytes: Int64) {
        guard action.reason.meansEqual else {
            report.skipped.add(bytes: bytes)
            if action.reason.isUnexpected, report.skippedFiles.count < TransferReport.listedFailures {
                report.skippedFiles.append(SkippedFile(path: action.path, reason: action.reason))
            }
            return
        }
        report.unchanged.add(bytes: bytes)
        let hasAttributes = requestedAttributes != 0 && action.storedAttributes == requestedAttributes
        if leavesAttributes, !hasAttributes { report.attributesNotApplied.add(bytes: bytes) }
    }

    private mutating func fail(_ action: TransferAction, _ error: OSSError) -> TaskPool.Step {
        report.failed.add(bytes: action.size)
        monitor?.update(report)
        list(TransferFailure(key: action.key, path: action.path, error: error))
        emit(.failed, action, bytes: action.size, error: error)
        return failurePolicy == .failFast ? stop() : .keepGoing
    }

    /// Adds a failure to the report, or to a file if the report has reached its limit. There may be millions of
    /// failures.
    private mutating func list(_ failure: TransferFailure) {
        guard report.failures.count == TransferReport.listedFailures else { return report.failures.append(failure) }
        guard !report.isDryRun else { return }
        let isFirst = report.failed.files == TransferReport.listedFailures + 1
        writeFailures { ledger in
            if isFirst {
                let file = try FailureFile(in: ledger.state)
                for earlier in ledger.report.failures { try file.append(earlier) }
                ledger.failureFile = file
            }
            try ledger.failureFile?.append(failure)
        }
    }

    /// Performs a write to the failure file. If writing fails, the file is removed and a warning is reported.
    private mutating func writeFailures(_ body: (inout TransferLedger) throws -> Void) {
        do {
            try body(&self)
        } catch {
            failureFile = nil
            warn(
                "only the first \(TransferReport.listedFailures) failures are listed, because the failure file cannot be written: \(error)"
            )
        }
    }

    private func emit(
        _ kind: TransferEvent.Kind, _ action: TransferAction, bytes: Int64, error: OSSError? = nil
    ) {
        guard onEvent != nil || onClientEvent != nil else { return }
        let event = TransferEvent(
            kind: kind, error: error, action: action.kind, reason: action.reason, key: action.key,
            path: action.path, bytes: bytes, transferred: report.transferred, skipped: report.skipped,
            unchanged: report.unchanged, deleted: report.deleted, failed: report.failed)
        onEvent?(event)
        onClientEvent?(.transfer(event))
    }
}

extension TransferAction {
    /// Whether the action transfers content.
    var isTransfer: Bool {
        [.upload, .download, .copy].contains(kind)
    }

    fileprivate var isFolderDeletion: Bool {
        if case .delete(.folder) = work { true } else { false }
    }
}

extension Duration {
    /// The duration as a number of seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// A thread-safe list of the warnings of a run.
final class RunWarnings: Sendable {
    private let warnings = Mutex<[String]>([])
    private let onWarning: (@Sendable (String) -> Void)?

    init(_ onWarning: (@Sendable (String) -> Void)?) {
        self.onWarning = onWarning
    }

    var all: [String] { warnings.withLock { $0 } }

    func add(_ warning: String) {
        warnings.withLock { $0.append(warning) }
        onWarning?(warning)
    }
}
