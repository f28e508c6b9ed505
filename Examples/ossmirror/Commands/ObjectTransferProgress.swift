import AliyunOSS
import Synchronization

/// The state of the transfers of single files and objects, for ``ProgressDisplay``.
final class ObjectTransferProgress: Sendable {
    private struct State {
        var status: TransferStatus
        var started = 0
        /// The transfers in flight, keyed by number.
        var files: [Int: (file: TransferStatus.File, progress: TransferProgress?)] = [:]
        /// Bytes of the transfers that have ended.
        var bytes: Int64 = 0
    }

    private let state: Mutex<State>
    private let count: Int

    init(count: Int) {
        self.count = count
        state = Mutex(State(status: TransferStatus(found: TransferTally(files: count))))
    }

    func start(_ number: Int, _ path: String) {
        state.withLock { state in
            state.started += 1
            let file = TransferStatus.File(path: path, phase: .transferring, size: 0, startTime: .now)
            state.files[number] = (file, nil)
        }
    }

    func note(_ number: Int, _ progress: TransferProgress) {
        state.withLock { state in
            state.files[number]?.progress = progress
            state.files[number]?.file.bytesDone = progress.bytesTransferred
            state.files[number]?.file.bytesResumed = progress.bytesResumed
            state.files[number]?.file.size = progress.bytesTotal ?? progress.bytesTransferred
        }
    }

    func end(_ number: Int, succeeded: Bool) {
        state.withLock { state in
            let bytes = state.files.removeValue(forKey: number)?.file.bytesDone ?? 0
            state.bytes += bytes
            if succeeded {
                state.status.transferred.files += 1
                state.status.transferred.bytes += bytes
            } else {
                state.status.failed.files += 1
            }
        }
    }

    /// The current state. The total is complete once all transfers have started and their sizes are known.
    var status: TransferStatus {
        state.withLock { state in
            var status = state.status
            let files = state.files.sorted { $0.key < $1.key }.map(\.value)
            status.filesInFlight = files.map(\.file)
            status.isListingComplete = state.started == count && files.allSatisfy { $0.progress?.bytesTotal != nil }
            let done = files.reduce(state.bytes) { $0 + $1.file.bytesDone }
            let total = files.reduce(state.bytes) { $0 + $1.file.size }
            let rate = files.reduce(0) { $0 + ($1.progress?.bytesPerSecond ?? 0) }
            status.found.bytes = total
            status.progress = TransferProgress(
                bytesTransferred: done, bytesTotal: total, bytesPerSecond: rate,
                estimatedTimeRemaining: rate > 0 ? .seconds(min(Double(total - done) / rate, 1e9)) : nil,
                bytesResumed: files.reduce(0) { $0 + $1.file.bytesResumed })
            return status
        }
    }
}
