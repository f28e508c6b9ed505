/// A clock that evaluates a request's time limits.
///
/// The clock does not advance while the machine sleeps, so closing a laptop's lid does not end a transfer by itself.
struct TimeoutClock {
    typealias Instant = SuspendingClock.Instant

    /// A kind of time limit.
    enum Limit: String {
        case connect, response, idle, total
        /// The time for which the reader of a body may stop the transfer.
        case reader
    }

    var timeouts: HTTPTimeouts
    /// Whether the request has a body. Its first byte shows that a connection exists.
    let hasBody: Bool
    let started: Instant
    /// The instant at which a byte was last transferred in either direction; `nil` before the first byte.
    var lastMoved: Instant?
    /// Whether the request is still waiting for the response to start.
    var awaitsResponse = true
    /// The time for which the reader may stop the transfer, if the body is delivered while it is being received.
    var readerLimit: Duration?
    /// The instant at which the reader stopped the transfer; `nil` while bytes can be received.
    var stopped: Instant?

    /// The next limit to be exceeded if no bytes are transferred, and the instant at which it is exceeded.
    var deadline: (instant: Instant, limit: Limit) {
        let quiet: (instant: Instant, limit: Limit) =
            if let stopped {
                (stopped + (readerLimit ?? timeouts.idle), .reader)
            } else if let lastMoved {
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

    /// Returns the instant at which the limits must be checked again. A byte that moves before the deadline can start a
    /// shorter limit, so this may be earlier than the deadline.
    func nextCheck(after now: Instant) -> Instant {
        min(deadline.instant, now + min(timeouts.idle, untilResponse, readerLimit ?? timeouts.idle))
    }

    /// Returns the limit that has been exceeded at an instant, if any.
    func expired(at now: Instant) -> Limit? {
        let next = deadline
        return next.instant <= now ? next.limit : nil
    }

    /// The time limit for transferring the first byte. Without a body, connecting cannot be distinguished from waiting
    /// for the response, because URLSession reports nothing in between. A service that copies a large object can be
    /// silent for longer than the connect limit.
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
        case .reader: HTTPTransportError(.timedOut, "the body was not read for \(readerLimit ?? timeouts.idle)")
        case .total:
            HTTPTransportError(
                .timedOut, "the request did not complete within \(timeouts.total.map { "\($0)" } ?? "its limit")")
        }
    }
}
