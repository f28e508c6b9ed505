import Dispatch
import Synchronization

/// Counts what the parts of a transfer move, and tells its user.
///
/// The user's closure runs on a queue of the meter's own, with the newest value, never twice at a time and at the pace of a
/// ``ProgressPace``. It may take as long as it likes: it delays its own next call and the end of ``finish()``, and nothing
/// else.
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

    private let state: Mutex<State>
    private let onProgress: (@Sendable (TransferProgress) -> Void)?
    private let now: @Sendable () -> ContinuousClock.Instant
    private let queue = DispatchQueue(label: "AliyunOSS.ProgressMeter")

    /// Makes a meter, whose time begins now.
    ///
    /// - Parameters:
    ///   - total: the size of the whole, as far as it is known.
    ///   - onProgress: whom to tell.
    ///   - now: the clock.
    init(
        total: Int64?, onProgress: (@Sendable (TransferProgress) -> Void)?,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.onProgress = onProgress
        self.now = now
        state = Mutex(State(count: TransferCount(total: total), rate: TransferRate(at: now())))
    }

    /// The current attempt of a part has moved so many bytes in all. Cheap enough for the transport's thread.
    func part(_ number: Int, moved bytes: Int64) {
        change { $0.part(number, moved: bytes) }
    }

    /// A part is complete, with so many bytes.
    func finishPart(_ number: Int, bytes: Int64) {
        change { $0.finishPart(number, bytes: bytes) }
    }

    /// So many more bytes have moved, of no part in particular.
    func move(bytes: Int64) {
        change { $0.move(bytes) }
    }

    /// So many bytes were there already, from an earlier transfer that this one goes on with.
    func skip(bytes: Int64) {
        change { $0.skip(bytes) }
    }

    /// The size of the whole has become known.
    func setTotal(_ total: Int64) {
        change { $0.setTotal(total) }
    }

    /// The transfer begins again, from its first byte.
    func restart() {
        change { $0.restart() }
    }

    /// Says that everything is there: the closure is called for the last time, with the total. Returns after that call.
    func finish() async {
        guard onProgress != nil else { return }
        state.withLock { state in
            guard state.phase == .running else { return }
            state.count.finish()
            state.phase = .finished
        }
        await withCheckedContinuation { continuation in
            queue.async {
                self.deliver()
                continuation.resume()
            }
        }
    }

    /// Says that the transfer has failed: no call of the closure begins any more.
    func stop() {
        state.withLock { $0.phase = .over }
    }

    /// Does the work of a transfer and ends with it, one way or the other.
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
        guard onProgress != nil else { return }
        let isDue = state.withLock { state in
            guard state.phase == .running else { return false }
            body(&state.count)
            guard !state.isDeliveryPending, state.pace.isDue(state.count.transferred, at: now()) else { return false }
            state.isDeliveryPending = true
            return true
        }
        if isDue { queue.async { self.deliver() } }
    }

    /// Runs on the queue.
    private func deliver() {
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
            return TransferProgress(transferred, of: state.count.total, bytesPerSecond: rate)
        }
        if let progress { onProgress?(progress) }
    }
}

/// Decides when the user of a transfer is told how far it is. Pure.
///
/// Bytes move in pieces of 16 KiB, thousands a second. Whoever draws a line for each does nothing else.
struct ProgressPace: Sendable {
    /// The least time from one call to the next.
    static let interval = Duration.milliseconds(200)

    /// What the last call said, and when.
    private var last: (count: Int64, time: ContinuousClock.Instant)?

    /// Whether the last call said just that.
    func hasTold(_ count: Int64) -> Bool { last?.count == count }

    /// Whether it is time for a call that says that so many bytes have been transferred.
    func isDue(_ count: Int64, at now: ContinuousClock.Instant) -> Bool {
        guard let last else { return true }
        return count != last.count && now >= last.time + Self.interval
    }

    /// A call says it now.
    mutating func tell(_ count: Int64, at now: ContinuousClock.Instant) { last = (count, now) }
}

/// Adds up the bytes of the parts of a transfer. What it reports never exceeds the total, and never falls unless the total
/// does.
struct TransferCount: Sendable {
    private struct Part {
        var bytes: Int64
        var isFinished: Bool
    }

    /// The size of the whole, as far as it is known.
    private(set) var total: Int64?
    /// What has been reported or may be now.
    private(set) var transferred: Int64 = 0
    private var parts: [Int: Part] = [:]
    private var sum: Int64 = 0
    private var skipped: Int64 = 0

    init(total: Int64?) {
        self.total = total
    }

    /// What of it this transfer has moved itself.
    var moved: Int64 { max(0, transferred - skipped) }

    /// The current attempt of a part has moved so many bytes. A new attempt begins at zero again; what is heard of a part
    /// after it was finished is of an attempt that is over.
    mutating func part(_ number: Int, moved bytes: Int64) {
        guard parts[number]?.isFinished != true else { return }
        set(number, Part(bytes: bytes, isFinished: false))
    }

    /// A part has all its bytes.
    mutating func finishPart(_ number: Int, bytes: Int64) {
        set(number, Part(bytes: bytes, isFinished: true))
    }

    /// So many more bytes have moved, of no part in particular.
    mutating func move(_ bytes: Int64) {
        sum += bytes
        rise()
    }

    /// So many bytes had been there before.
    mutating func skip(_ bytes: Int64) {
        skipped += bytes
        sum += bytes
        rise()
    }

    /// The size of the whole has become known, or is another one since the object was replaced.
    mutating func setTotal(_ newTotal: Int64) {
        total = newTotal
        transferred = min(max(transferred, sum), newTotal)
    }

    /// Every part begins again, and nothing is skipped any more. What was reported stays until it is reached again.
    mutating func restart() {
        parts = [:]
        sum = 0
    }

    /// Everything is there.
    mutating func finish() {
        transferred = total ?? transferred
        total = transferred
    }

    private mutating func set(_ number: Int, _ part: Part) {
        sum += part.bytes - (parts[number]?.bytes ?? 0)
        parts[number] = part
        rise()
    }

    private mutating func rise() {
        transferred = max(transferred, min(sum, total ?? sum))
    }
}
