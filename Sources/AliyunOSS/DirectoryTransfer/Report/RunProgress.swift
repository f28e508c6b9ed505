import Synchronization

/// Adds up what the files of a run move, as they move it.
struct RunProgress: Sendable {
    private let meter: ProgressMeter
    private let counts: Counts

    /// Nothing when nobody wants to know.
    init?(_ onProgress: (@Sendable (TransferProgress) -> Void)?) {
        guard let onProgress else { return nil }
        meter = ProgressMeter(total: nil, onProgress: onProgress)
        counts = Counts()
    }

    /// Says that so many bytes more, or fewer, are known to be to move: the total grows while the run goes on.
    func expect(bytes: Int64) {
        meter.setTotal(counts.expect(bytes))
    }

    /// Whom the next file tells. Nothing is kept of a file that is done: there may be millions.
    func nextFile() -> @Sendable (TransferProgress) -> Void {
        let counted = Counted()
        return { [meter, counts] progress in
            let step = counted.advance(to: progress.bytesTransferred)
            counts.move(step)
            meter.move(bytes: step)
        }
    }

    /// Says that the run is over. What failed does not move any more.
    func finish() async {
        meter.setTotal(counts.moved)
        await meter.finish()
    }

    /// What is known of the run.
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

    /// How much of a file has been added.
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
