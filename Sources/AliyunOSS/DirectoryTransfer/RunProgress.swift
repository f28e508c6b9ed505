import Synchronization

/// Adds up what the files of a run move, as they move it.
struct RunProgress: Sendable {
    private let meter: ProgressMeter

    /// Nothing when nobody wants to know.
    init?(_ onProgress: (@Sendable (TransferProgress) -> Void)?) {
        guard let onProgress else { return nil }
        meter = ProgressMeter(total: nil, onProgress: onProgress)
    }

    /// Whom the next file tells. Nothing is kept of a file that is done: there may be millions.
    func nextFile() -> @Sendable (TransferProgress) -> Void {
        let counted = Counted()
        return { [meter] progress in
            meter.move(bytes: counted.advance(to: progress.bytesTransferred))
        }
    }

    /// Says that the run is over.
    func finish() async { await meter.finish() }

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
