import Synchronization

/// The combined progress of all files in a run.
struct RunProgress: Sendable {
    private let meter: ProgressMeter
    private let monitor: TransferMonitor
    private let reportsEveryFile: Bool

    /// Size in bytes of the smallest file whose progress is observed while it is transferred. A smaller one is counted
    /// when it is complete, which costs less than its own ``ProgressMeter``.
    private static let smallestObserved: Int64 = 64 << 10

    /// Creates the progress of a run, or returns `nil` if nothing observes it.
    init?(_ onProgress: (@Sendable (TransferProgress) -> Void)?, _ monitor: TransferMonitor?) {
        guard onProgress != nil || monitor != nil else { return nil }
        meter = ProgressMeter(total: nil, onProgress: onProgress)
        self.monitor = monitor ?? TransferMonitor()
        reportsEveryFile = onProgress != nil
    }

    /// Adds the steps that the run has found.
    func find(_ steps: [PlannedStep]) {
        var (files, bytes, expected) = (0, Int64(0), Int64(0))
        for action in steps.lazy.map(\.action) where action.kind != .delete && action.kind != .makeFolder {
            files += 1
            bytes = bytes.clampedSum(with: action.size)
            if action.isTransfer { expected = expected.clampedSum(with: action.size) }
        }
        monitor.find(files: files, bytes: bytes)
        monitor.expect(bytes: expected)
        meter.setTotal(monitor.bytes.expected)
    }

    /// Notes that there are no more steps.
    func endListing() { monitor.endListing() }

    /// Notes that a step has started.
    func start(_ step: PlannedStep, _ phase: TransferStatus.Phase) {
        guard step.action.isTransfer, let key = step.action.key else { return }
        monitor.start(key, step.action.path, size: step.action.size, phase)
    }

    /// Notes that a step has ended.
    ///
    /// - Parameters:
    ///   - isExcluded: Whether the plan does not include the action that resulted from the comparison.
    ///   - transferred: The size of the file if it was transferred; `nil` otherwise.
    func end(_ step: PlannedStep, isExcluded: Bool, transferred: Int64?) {
        guard step.action.isTransfer, let key = step.action.key else { return }
        monitor.end(key, expected: step.action.size, transferred: transferred)
        if isExcluded { monitor.find(files: -1, bytes: -step.action.size) }
        meter.setTotal(monitor.bytes.expected)
    }

    /// Returns a closure that receives the progress of one transfer of a file, or `nil` if the file is small. Nothing is
    /// stored for completed files, because a run may have millions of them.
    func nextFile(_ key: ObjectKey) -> (@Sendable (TransferProgress) -> Void)? {
        guard reportsEveryFile || monitor.size(of: key) >= Self.smallestObserved else { return nil }
        let counted = Counted()
        return { [meter, monitor] progress in
            let (moved, resumed) = counted.advance(to: progress)
            monitor.move(key, bytes: moved + resumed, resumed: resumed)
            meter.skip(bytes: resumed)
            meter.move(bytes: moved)
        }
    }

    /// Returns a closure that receives the sizes in bytes of the chunks of a file that is compared.
    func reading(_ key: ObjectKey) -> (Int) -> Void {
        { [monitor] in monitor.compare(key, bytes: Int64($0)) }
    }

    /// Reports the final progress, after removing the bytes of failed files from the total.
    func finish() async {
        meter.setTotal(monitor.bytes.moved)
        await meter.finish()
    }

    /// The number of bytes of one file that are already included in the run's progress.
    private final class Counted: Sendable {
        private let bytes = Mutex<(moved: Int64, resumed: Int64)>((0, 0))

        func advance(to progress: TransferProgress) -> (moved: Int64, resumed: Int64) {
            bytes.withLock { bytes in
                let step = max(0, progress.bytesTransferred - bytes.moved - bytes.resumed)
                let resumed = min(step, max(0, progress.bytesResumed - bytes.resumed))
                bytes.moved += step - resumed
                bytes.resumed += resumed
                return (step - resumed, resumed)
            }
        }
    }
}
