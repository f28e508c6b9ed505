/// The pace of a bucket's requests in folder runs: how fast they follow each other while the service throttles, and when
/// one may be tried while it does not answer at all. Pure, so that a table and a simulation can test it.
///
/// A limit of concurrency is not enough against a limiter of rate: one connection to a server nearby already makes a few
/// hundred requests a second.
struct RequestPace: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The meaning of one outcome for the service as a whole.
    enum Sign: Equatable, Sendable {
        /// The service answers, if only with a refusal of this request.
        case answer
        /// There are too many requests, or nobody is behind the front end: 429, 502, 503, 504.
        case overload
        /// There is no connection.
        case silence
        /// A failure that may concern this request alone: 500, a lost connection, a timeout.
        case doubt
    }

    /// A time in which nothing is answered. Requests are then tried one at a time.
    struct Outage: Equatable, Sendable {
        /// Counted from 1.
        var number: Int
        var began: Instant
        /// The number of requests that were tried since it began.
        var probes = 0
        /// When the last of them was sent.
        var probed: Instant
    }

    /// The number of doubts in a row that make an outage. Five overloads or refused connections do, too: those are about the service,
    /// while three files that each meet a 500 five times are no outage yet.
    private static let doubtsOfOutage = 20
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(15)
    private static let leastRate = 1.0
    /// Faster than this is not paced: waits of less than half a millisecond cost more than they do.
    private static let greatestRate = 2000.0
    private static let rateAfterOutage = 20.0
    /// The time by which a request may be early, so that late timers do not add up.
    private static let slack = Duration.milliseconds(20)

    /// The number of requests that may be sent per second; `nil` is no limit.
    private(set) var rate: Double?
    private(set) var outage: Outage?
    /// Whether the service has answered at all. Before that, a connection that cannot be made is a wrong address.
    private(set) var hasAnswered = false
    private var doubts = 0
    private var outages = 0
    private var nextTurn: Instant?
    private var slowed: Instant?
    private var sent = Frequency()
    private var answered = Frequency()

    /// Whether requests may be sent as they come.
    var isUnlimited: Bool { outage == nil && rate == nil && nextTurn == nil }

    /// Takes the next turn, if it has come.
    ///
    /// - Returns: how long to wait until asking again; zero when the request may be sent now.
    mutating func turn(at now: Instant) -> Duration {
        if let nextTurn, nextTurn > now { return nextTurn - now }
        if outage != nil {
            outage?.probes += 1
            outage?.probed = now
        } else {
            nextTurn = rate.map { max(nextTurn ?? now, now - Self.slack) + .seconds(1 / $0) }
        }
        noteSent(at: now)
        return .zero
    }

    /// Counts a request that is sent without asking for its turn.
    mutating func noteSent(at now: Instant) { sent.count(at: now) }

    /// Learns from what became of a request.
    ///
    /// - Parameters:
    ///   - sign: the outcome.
    ///   - start: when the request was sent.
    ///   - requested: how long the service asks to wait, if it does.
    ///   - random: a number from 0 to 1.
    mutating func note(
        _ sign: Sign, sentAt start: Instant, now: Instant, requested: Duration? = nil, random: Double
    ) {
        guard sign != .answer else { return noteAnswer(sentAt: start, now: now) }
        if sign == .overload { hasAnswered = true }
        if let outage {
            // What was in flight when it began says nothing new.
            guard start >= outage.probed else { return }
            nextTurn = now + Self.pause(after: outage.probes, requested: requested, random: random)
            return
        }
        if sign == .overload {
            slowDown(sentAt: start, now: now)
            if let requested { nextTurn = max(nextTurn ?? now, now + requested) }
        }
        doubts += sign == .doubt ? 1 : Self.doubtsOfOutage / 5
        guard doubts >= Self.doubtsOfOutage else { return }
        outages += 1
        outage = Outage(number: outages, began: now, probed: now)
        nextTurn = now + Self.pause(after: 0, requested: requested, random: random)
    }

    private mutating func noteAnswer(sentAt start: Instant, now: Instant) {
        hasAnswered = true
        doubts = 0
        answered.count(at: now)
        if let outage {
            // A large part that was on its way before is no sign that the service is back.
            guard start >= outage.began else { return }
            self.outage = nil
            nextTurn = nil
            // So long a silence was no limit of rate: the way back to full speed is short.
            if now - outage.began > .seconds(3) { slowed = nil }
            rate = min(rate ?? Self.rateAfterOutage, Self.rateAfterOutage)
            return
        }
        guard let rate else { return }
        // A limit that is not used proves nothing: it does not grow without end.
        guard rate < 2 * sent.perSecond(at: now) + 10 else { return }
        // Added to each answer, so per second it is a share of the rate: 15 % near a limit, and a multiple far from one.
        let isNearLimit = slowed.map { now - $0 < .seconds(10) } ?? false
        self.rate = rate + (isNearLimit ? 0.15 : 2)
        if rate >= Self.greatestRate { (self.rate, nextTurn) = (nil, nil) }
    }

    /// Lowers the rate to a little less than what was answered in the last second, or to half of what was sent.
    mutating func slowDown(sentAt start: Instant, now: Instant) {
        // What was in flight already when the rate last fell says nothing about the rate since.
        if let slowed, start <= slowed { return }
        slowed = now
        let current = min(rate ?? .infinity, sent.perSecond(at: now))
        rate = max(Self.leastRate, current / 2, 0.85 * min(current, answered.perSecond(at: now)))
    }

    /// The pause before the next probe: doubled with each, and half of it random.
    private static func pause(after probes: Int, requested: Duration?, random: Double) -> Duration {
        let longest = min(firstPause * (1 << min(probes, 10)), longestPause)
        return max(longest * (0.5 + random / 2), requested ?? .zero)
    }
}

/// The rate of an event over the last second.
struct Frequency: Sendable {
    private var start: ContinuousClock.Instant?
    private var current = 0.0
    private var previous = 0.0

    /// Counts one.
    mutating func count(at now: ContinuousClock.Instant) {
        advance(to: now)
        current += 1
    }

    /// The number per second.
    func perSecond(at now: ContinuousClock.Instant) -> Double {
        var copy = self
        copy.advance(to: now)
        let share = copy.start.map { (now - $0) / .seconds(1) } ?? 0
        return copy.current + copy.previous * (1 - min(1, max(0, share)))
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let start else {
            self.start = now
            return
        }
        let seconds = ((now - start) / .seconds(1)).rounded(.down)
        guard seconds >= 1 else { return }
        previous = seconds < 2 ? current : 0
        current = 0
        self.start = start + .seconds(seconds)
    }
}
