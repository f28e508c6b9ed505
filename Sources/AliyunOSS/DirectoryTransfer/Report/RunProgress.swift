import Synchronization

/// The combined progress of all files in a run.
struct RunProgress: Sendable {
    private let meter: ProgressMeter
    private let counts: Counts

    /// Creates the progress of a run, or returns `nil` if no closure is given to receive it.
    init?(_ onProgress: (@Sendable (TransferProgress) -> Void)?) {
        guard let onProgress else { return nil }
        meter = ProgressMeter(total: nil, onProgress: onProgress)
        counts = Counts()
    }

    /// Adds bytes to the total that the run expects to transfer. The number may be negative.
    func expect(bytes: Int64) {
        meter.setTotal(counts.expect(bytes))
    }

    /// Returns a closure that receives the progress of the next file. Nothing is stored for completed files, because a
    /// run may have millions of them.
    func nextFile() -> @Sendable (TransferProgress) -> Void {
        let counted = Counted()
        return { [meter, counts] progress in
            let step = counted.advance(to: progress.bytesTransferred)
            counts.move(step)
            meter.move(bytes: step)
        }
    }

    /// Reports the final progress, after removing the bytes of failed files from the total.
    func finish() async {
        meter.setTotal(counts.moved)
        await meter.finish()
    }

    /// The number of bytes that a run expects to transfer and the number that it has already transferred.
    private final class Counts: Sendable {
        private let bytes = Mutex<(expected: Int64, moved: Int64)>((0, 0))

        var moved: Int64 { bytes.withLock { $0.moved } }

        func expect(_ more: Int64) -> Int64 {
            bytes.withLock { bytes in
                bytes.expected = bytes.expected.clampedSum(with: more)
                return max(bytes.expected, bytes.moved)
            }
        }

        func move(_ more: Int64) {
            bytes.withLock { $0.moved = $0.moved.clampedSum(with: more) }
        }
    }

    /// The number of bytes of one file that are already included in the run's progress.
    private final class Counted: Sendable {
        private let bytes = Mutex<Int64>(0)

        func advance(to newValue: Int64) -> Int64 {
            bytes.withLock { bytes in
                let step = max(0, newValue - bytes)
                bytes += step
                return step
            }
        }
    }
}
