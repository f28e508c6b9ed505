import Synchronization

/// A monitor that shows the state of a folder transfer while it runs, for a progress display.
///
/// ```swift
/// let monitor = TransferMonitor()
/// transfer.options.monitor = monitor
/// let run = Task { try await transfer.upload(from: "site", to: "www/") }
/// // At any time and as often as the display requires:
/// print(monitor.status.progress.fractionCompleted ?? 0, monitor.status.filesInFlight.map(\.path))
/// ```
///
/// Reading the status takes microseconds and does not slow the transfer. Use a new monitor for each run.
public final class TransferMonitor: Sendable {
    private struct State {
        var status = TransferStatus()
        var files: [ObjectKey: FileState] = [:]
        /// Number of files that have started, which gives their order.
        var count = 0
        var expected: Int64 = 0
        var moved: Int64 = 0
        var resumed: Int64 = 0
        var rate: TransferRate
        /// Whether the run transfers nothing, so that the compared bytes are its progress.
        var onlyCompares = false
        var unfinishedReport: TransferReport?
        var unfinishedComparison: ComparisonReport?
    }

    private struct FileState {
        var file: TransferStatus.File
        let number: Int
        /// Bytes of the file that are included in the progress of the run.
        var moved: Int64 = 0
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Creates a monitor for one run.
    public convenience init() { self.init { .now } }

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
        state = Mutex(State(rate: TransferRate(at: now())))
    }

    /// The current state of the run.
    public var status: TransferStatus {
        state.withLock { state in
            var status = state.status
            status.found.files = max(status.found.files, status.filesDone)
            status.progress = TransferProgress(
                state.moved, of: max(state.expected, state.moved),
                bytesPerSecond: state.rate.update(state.moved - state.resumed, at: now()), resumed: state.resumed)
            status.filesInFlight = state.files.values.sorted { $0.number < $1.number }.map(\.file)
            return status
        }
    }

    /// The report on the part of a transfer that was performed before it ended with an error, such as a cancellation;
    /// `nil` while it runs and if it returned a report.
    public var unfinishedReport: TransferReport? { state.withLock { $0.unfinishedReport } }

    /// The report on the part of a ``DirectoryTransfer/check(_:against:)`` that was performed before it ended with an
    /// error, such as a cancellation; `nil` while it runs and if it returned a report.
    public var unfinishedComparison: ComparisonReport? { state.withLock { $0.unfinishedComparison } }
}

extension TransferMonitor {
    /// Number of bytes transferred so far, and the larger of this number and the expected one.
    var bytes: (moved: Int64, expected: Int64) { state.withLock { ($0.moved, max($0.moved, $0.expected)) } }

    /// Notes that compared bytes are the progress of the run.
    func startComparison() { state.withLock { $0.onlyCompares = true } }

    /// Adds files that were found. The numbers are negative for a file that the plan turns out to exclude.
    func find(files: Int, bytes: Int64) {
        state.withLock { state in
            state.status.found.files += files
            state.status.found.bytes = state.status.found.bytes.clampedSum(with: bytes)
        }
    }

    /// Adds bytes to the number that the run is expected to transfer.
    func expect(bytes: Int64) { state.withLock { $0.expected = $0.expected.clampedSum(with: bytes) } }

    /// Notes that both sides are listed completely.
    func endListing() { state.withLock { $0.status.isListingComplete = true } }

    /// Notes that the work on a file has started, or that it enters another phase.
    func start(_ key: ObjectKey, _ path: String, size: Int64, _ phase: TransferStatus.Phase) {
        state.withLock { state in
            let file = TransferStatus.File(
                path: path, phase: phase, size: size, startTime: state.files[key]?.file.startTime ?? now())
            state.count += 1
            state.files[key] = FileState(file: file, number: state.files[key]?.number ?? state.count)
        }
    }

    /// Adds transferred bytes, some of which may have been transferred by an earlier attempt.
    func move(_ key: ObjectKey, bytes: Int64, resumed: Int64) {
        state.withLock { state in
            state.moved = state.moved.clampedSum(with: bytes)
            state.resumed = state.resumed.clampedSum(with: resumed)
            state.files[key]?.moved += bytes
            state.files[key]?.file.bytesDone += bytes
            state.files[key]?.file.bytesResumed += resumed
        }
    }

    /// Adds compared bytes.
    func compare(_ key: ObjectKey, bytes: Int64) {
        state.withLock { state in
            state.files[key]?.file.bytesDone += bytes
            guard state.onlyCompares, state.files[key] != nil else { return }
            state.moved = state.moved.clampedSum(with: bytes)
            state.files[key]?.moved += bytes
        }
    }

    /// Returns the size of a file in flight, in bytes.
    func size(of key: ObjectKey) -> Int64 { state.withLock { $0.files[key]?.file.size ?? 0 } }

    /// Notes that no more work is done on a file. The expected bytes of a file that failed, or turned out to be equal or
    /// of another size, are replaced with those that were transferred.
    ///
    /// - Parameter transferred: The size of the file if it was transferred; `nil` otherwise. It counts if no progress of
    ///   the file was reported.
    func end(_ key: ObjectKey, expected size: Int64, transferred: Int64? = nil) {
        state.withLock { state in
            var moved = state.files.removeValue(forKey: key)?.moved ?? 0
            if moved == 0, let transferred {
                moved = transferred
                state.moved = state.moved.clampedSum(with: moved)
            }
            state.expected = state.expected.clampedSum(with: moved - size)
        }
    }

    /// Copies the tallies of a transfer.
    func update(_ report: TransferReport) {
        state.withLock { state in
            state.status.transferred = report.transferred
            state.status.unchanged = report.unchanged
            state.status.attributesUpdated = report.attributesUpdated
            state.status.skipped = report.skipped
            state.status.deleted = report.deleted
            state.status.failed = report.failed
        }
    }

    /// Copies the tallies of a comparison.
    func update(_ report: ComparisonReport) {
        state.withLock { state in
            state.status.unchanged = report.equal
            state.status.skipped = report.skipped
            state.status.different.files =
                report.different.count + report.onlyLocal.count + report.onlyRemote.count
            state.status.failed.files = report.failures.count
        }
    }

    /// Stores the report of a transfer that ended with an error.
    func end(_ report: TransferReport) { state.withLock { $0.unfinishedReport = report } }

    /// Stores the report of a comparison that ended with an error.
    func end(_ report: ComparisonReport) { state.withLock { $0.unfinishedComparison = report } }
}
