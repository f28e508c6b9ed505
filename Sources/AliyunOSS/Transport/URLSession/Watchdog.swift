import Dispatch
import Synchronization

/// A timer that ends requests when they exceed their time limits. One pending wake-up serves all requests of a
/// transport, and none is pending while no request is in flight.
///
/// URLSession's own timers do not suffice on Linux: they count whole seconds, start while a request still waits for a
/// connection, and have no limits for connecting and for the entire request.
final class Watchdog: Sendable {
    private struct State {
        var watched: [ObjectIdentifier: InFlightRequest] = [:]
        /// The instant of the pending wake-up; `nil` if there is none.
        var wakeUp: TimeoutClock.Instant?
    }

    private let state = Mutex(State())
    private let queue: DispatchQueue

    init(queue: DispatchQueue) {
        self.queue = queue
    }

    /// Adds a request that has just started.
    func watch(_ inFlight: InFlightRequest) {
        state.withLock { $0.watched[ObjectIdentifier(inFlight)] = inFlight }
        if let deadline = inFlight.deadline { look(by: deadline) }
    }

    /// Removes a request that has ended.
    func forget(_ inFlight: InFlightRequest) {
        state.withLock { _ = $0.watched.removeValue(forKey: ObjectIdentifier(inFlight)) }
    }

    /// Ensures that the requests are checked no later than `deadline`.
    func look(by deadline: TimeoutClock.Instant) {
        let isSooner = state.withLock { state in
            if let wakeUp = state.wakeUp, wakeUp <= deadline { return false }
            state.wakeUp = deadline
            return true
        }
        guard isSooner else { return }
        // At most one hour, in milliseconds: Int has 32 bits on some watches, and Dispatch adds nanoseconds in 64 bits.
        let wait = min(max(deadline - .now, .zero), .seconds(3600))
        let (seconds, attoseconds) = wait.components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000) + 1
        queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [weak self] in
            self?.lookNow(at: deadline)
        }
    }

    private func lookNow(at wakeUp: TimeoutClock.Instant) {
        let watched: [InFlightRequest] = state.withLock { state in
            // An earlier wake-up has replaced this one.
            guard state.wakeUp == wakeUp else { return [] }
            state.wakeUp = nil
            return Array(state.watched.values)
        }
        let now = TimeoutClock.Instant.now
        for inFlight in watched { inFlight.stopIfExpired(at: now) }
        if let next = watched.compactMap(\.deadline).min() { look(by: next) }
    }
}
