import Dispatch
import Synchronization

/// A counter of transferred bytes that reports progress to a closure provided by the user.
///
/// The closure runs on the meter's own queue, with the latest value, never concurrently, and at the pace of
/// ``ProgressPace``. A slow closure delays only its own next call and the end of ``finish()``. Without a closure, the
/// meter creates no queue and counts nothing.
final class ProgressMeter: Sendable {
    private struct State {
        var count: TransferCount
        var rate: TransferRate
        var pace = ProgressPace()
        var isDeliveryPending = false
        var phase = Phase.running
    }

    private enum Phase {
        case running, finished, over
    }

    private struct Listener: Sendable {
        let onProgress: @Sendable (TransferProgress) -> Void
        let queue = DispatchQueue(label: "AliyunOSS.ProgressMeter")
    }

    private let state: Mutex<State>
    private let listener: Listener?
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Creates a meter, and starts measuring the time.
    ///
    /// - Parameters:
    ///   - total: Total size in bytes, if known.
    ///   - onProgress: The closure that receives progress.
    ///   - now: A closure that returns the current time.
    init(
        total: Int64?, onProgress: (@Sendable (TransferProgress) -> Void)?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        listener = onProgress.map { Listener(onProgress: $0) }
        self.now = now
        state = Mutex(State(count: TransferCount(total: total), rate: TransferRate(at: now())))
    }

    /// Sets the number of bytes that the current attempt has transferred for a part. The call is fast enough for the
    /// transport's thread.
    func part(_ number: Int, moved bytes: Int64) {
        change { $0.part(number, moved: bytes) }
    }

    /// Returns a closure that counts the bytes sent for a part, or `nil` if there is no listener.
    func onBytesSent(ofPart number: Int) -> (@Sendable (HTTPProgress) -> Void)? {
        guard listener != nil else { return nil }
        return { self.part(number, moved: $0.bytesSent) }
    }

    /// Marks a part as complete.
    func finishPart(_ number: Int, bytes: Int64) {
        change { $0.finishPart(number, bytes: bytes) }
    }

    /// Adds transferred bytes that belong to no part.
    func move(bytes: Int64) {
        change { $0.move(bytes) }
    }

    /// Adds bytes that were transferred by an earlier, interrupted attempt.
    func skip(bytes: Int64) {
        change { $0.skip(bytes) }
    }

    /// Sets the total size in bytes.
    func setTotal(_ total: Int64) {
        change { $0.setTotal(total) }
    }

    /// Starts counting again from the first byte.
    func restart() {
        change { $0.restart() }
    }

    /// Marks the transfer as complete, calls the closure one last time with the total, and returns after that call.
    func finish() async {
        guard let listener else { return }
        state.withLock { state in
            guard state.phase == .running else { return }
            state.count.finish()
            state.phase = .finished
        }
        await withCheckedContinuation { continuation in
            listener.queue.async {
                self.deliver(to: listener)
                continuation.resume()
            }
        }
    }

    /// Stops reporting progress after a failure. No call of the closure starts afterwards.
    func stop() {
        state.withLock { $0.phase = .over }
    }

    /// Runs a transfer, and then calls ``finish()`` if it succeeds or ``stop()`` if it fails.
    func following<Result: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ transfer: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await transfer()
            await finish()
            return result
        } catch {
            stop()
            throw error
        }
    }

    private func change(_ body: (inout TransferCount) -> Void) {
        guard let listener else { return }
        let isDue = state.withLock { state in
            guard state.phase == .running else { return false }
            body(&state.count)
            guard !state.isDeliveryPending, state.pace.isDue(state.count.transferred, at: now()) else { return false }
            state.isDeliveryPending = true
            return true
        }
        if isDue { listener.queue.async { self.deliver(to: listener) } }
    }

    /// Calls the closure with the current progress, if a report is due. This method runs on the queue.
    private func deliver(to listener: Listener) {
        let progress: TransferProgress? = state.withLock { state in
            state.isDeliveryPending = false
            let transferred = state.count.transferred
            switch state.phase {
            case .running: if state.pace.hasTold(transferred) { return nil }
            case .finished: state.phase = .over
            case .over: return nil
            }
            let now = now()
            state.pace.tell(transferred, at: now)
            let rate = state.rate.update(state.count.moved, at: now)
            return TransferProgress(
                transferred, of: state.count.total, bytesPerSecond: rate, resumed: state.count.resumed)
        }
        if let progress { listener.onProgress(progress) }
    }
}
