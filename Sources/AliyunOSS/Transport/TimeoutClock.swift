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
