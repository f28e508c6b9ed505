import Dispatch
import Synchronization

/// Ends requests that have run out of time. One pending wake-up serves every request of a transport, and there is none
/// while nothing is in flight.
///
/// URLSession's own timers cannot do this on Linux: they count whole seconds, start while a request still queues for a
/// connection, and know neither a limit for connecting nor one for the whole request.
final class Watchdog: Sendable {
    private struct State {
        var watched: [ObjectIdentifier: InFlightRequest] = [:]
        /// When the pending wake-up comes; `nil` when there is none.
        var wakeUp: TimeoutClock.Instant?
    }

    private let state = Mutex(State())
    private let queue: DispatchQueue

    init(queue: DispatchQueue) {
        self.queue = queue
    }

    /// Watches a request that has just been started.
    func watch(_ exchange: InFlightRequest) {
        state.withLock { $0.watched[ObjectIdentifier(exchange)] = exchange }
        if let deadline = exchange.deadline { look(by: deadline) }
    }

    /// Forgets a request that has ended.
    func forget(_ exchange: InFlightRequest) {
        state.withLock { _ = $0.watched.removeValue(forKey: ObjectIdentifier(exchange)) }
    }

    /// Makes sure that the requests are looked at no later than at `deadline`.
    func look(by deadline: TimeoutClock.Instant) {
        let isSooner = state.withLock { state in
            if let wakeUp = state.wakeUp, wakeUp <= deadline { return false }
            state.wakeUp = deadline
            return true
        }
        guard isSooner else { return }
        // Never further ahead than an hour, so that a limit of centuries does not overflow Dispatch's nanoseconds.
        let wait = min(max(deadline - .now, .zero), .seconds(3600))
        let (seconds, attoseconds) = wait.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000) + 1
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak self] in
            self?.lookNow(at: deadline)
        }
    }

    private func lookNow(at wakeUp: TimeoutClock.Instant) {
        let watched: [InFlightRequest] = state.withLock { state in
            // A sooner wake-up has taken the place of this one.
            guard state.wakeUp == wakeUp else { return [] }
            state.wakeUp = nil
            return Array(state.watched.values)
        }
        let now = TimeoutClock.Instant.now
        for exchange in watched { exchange.stopIfExpired(at: now) }
        if let next = watched.compactMap(\.deadline).min() { look(by: next) }
    }
}
