import Dispatch
import Synchronization

/// When a request has taken too long: the limits and the two moments they are counted from. Pure, so it is a table test.
///
/// The clock does not advance while the machine sleeps, so closing a laptop's lid ends no transfer by itself.
struct TimeoutClock {
    typealias Instant = SuspendingClock.Instant

    /// Which limit ran out.
    enum Limit: String {
        case connect, response, idle, total
    }

    let timeouts: HTTPTimeouts
    /// Whether the request has a body, the first byte of which shows that there is a connection.
    let hasBody: Bool
    let started: Instant
    /// When a byte last moved in either direction; `nil` before the first.
    var lastMoved: Instant?
    /// Whether the response has not begun yet.
    var awaitsReply = true

    /// The next moment at which a limit runs out if nothing moves until then, and which limit that is.
    var deadline: (instant: Instant, limit: Limit) {
        let quiet: (instant: Instant, limit: Limit) =
            if let lastMoved {
                if awaitsReply, let response = timeouts.response {
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

    /// The limit that has run out at a moment, if any has.
    func expired(at now: Instant) -> Limit? {
        let next = deadline
        return next.instant <= now ? next.limit : nil
    }

    /// Without a body, connecting and waiting for the response look the same: URLSession says nothing in between. A service
    /// that copies a large object is silent for longer than connecting may take, and must not be cut off for it.
    private var untilFirstByte: Duration {
        hasBody ? timeouts.connect : max(timeouts.connect, untilResponse)
    }

    private var untilResponse: Duration { timeouts.response ?? timeouts.idle }

    /// The error for a limit that ran out.
    func error(for limit: Limit) -> HTTPTransportError {
        switch limit {
        case .connect: HTTPTransportError(.timedOut, "no connection and no response within \(untilFirstByte)")
        case .response: HTTPTransportError(.timedOut, "nothing moved for \(untilResponse), and there was no response")
        case .idle: HTTPTransportError(.timedOut, "nothing moved for \(timeouts.idle)")
        case .total:
            HTTPTransportError(.timedOut, "not complete within \(timeouts.total.map { "\($0)" } ?? "its limit")")
        }
    }
}

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
