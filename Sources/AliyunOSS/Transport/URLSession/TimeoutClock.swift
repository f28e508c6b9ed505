import Dispatch
import Synchronization

/// A clock that evaluates a request's time limits.
///
/// The clock does not advance while the machine sleeps, so closing a laptop's lid does not end a transfer by itself.
struct TimeoutClock {
    typealias Instant = SuspendingClock.Instant

    /// A kind of time limit.
    enum Limit: String {
        case connect, response, idle, total
    }

    let timeouts: HTTPTimeouts
    /// Whether the request has a body. Its first byte shows that a connection exists.
    let hasBody: Bool
    let started: Instant
    /// The instant at which a byte was last transferred in either direction; `nil` before the first byte.
    var lastMoved: Instant?
    /// Whether the request is still waiting for the response to start.
    var awaitsResponse = true

    /// The limit that will be exceeded next if no bytes are transferred, and the instant at which this happens.
    var deadline: (instant: Instant, limit: Limit) {
        let quiet: (instant: Instant, limit: Limit) =
            if let lastMoved {
                if awaitsResponse, let response = timeouts.response {
                    (lastMoved + response, .response)
                } else {
                    (lastMoved + timeouts.idle, .idle)
                }
            } else {
                (started + untilFirstByte, .connect)
            }
        guard let total = timeouts.total, started + total < quiet.instant else { return quiet }
        return (started + total, .total)
    }

    /// Returns the limit that has been exceeded at an instant, if any.
    func expired(at now: Instant) -> Limit? {
        let next = deadline
        return next.instant <= now ? next.limit : nil
    }

    /// The time limit for the first byte. Without a body, connecting cannot be distinguished from waiting for the
    /// response, because URLSession reports nothing in between. A service that copies a large object can be silent for
    /// longer than the connect limit.
    private var untilFirstByte: Duration {
        hasBody ? timeouts.connect : max(timeouts.connect, untilResponse)
    }

    private var untilResponse: Duration { timeouts.response ?? timeouts.idle }

    /// Returns the error for an exceeded limit.
    func error(for limit: Limit) -> HTTPTransportError {
        switch limit {
        case .connect: HTTPTransportError(.timedOut, "no connection or response within \(untilFirstByte)")
        case .response:
            HTTPTransportError(.timedOut, "no data transferred for \(untilResponse) while waiting for the response")
        case .idle: HTTPTransportError(.timedOut, "no data transferred for \(timeouts.idle)")
        case .total:
            HTTPTransportError(
                .timedOut, "the request did not complete within \(timeouts.total.map { "\($0)" } ?? "its limit")")
        }
    }
}

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

    /// Ensures that the requests are checked no later than at `deadline`.
    func look(by deadline: TimeoutClock.Instant) {
        let isSooner = state.withLock { state in
            if let wakeUp = state.wakeUp, wakeUp <= deadline { return false }
            state.wakeUp = deadline
            return true
        }
        guard isSooner else { return }
        // At most one hour, so that a limit of centuries does not overflow Dispatch's nanoseconds.
        let wait = min(max(deadline - .now, .zero), .seconds(3600))
        let (seconds, attoseconds) = wait.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000) + 1
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak self] in
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
