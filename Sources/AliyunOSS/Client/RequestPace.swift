/// A pacer for the requests of folder transfers. It determines the rate while the service throttles requests, and the
/// timing of probes while the service does not respond.
///
/// The type uses no tasks or locks, and can therefore be tested with tables and simulations. A concurrency limit alone
/// does not satisfy a rate limiter: one connection to a nearby server already makes several hundred requests per
/// second.
struct RequestPace: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// A sign of the service's condition, derived from the outcome of a request.
    enum Sign: Equatable, Sendable {
        /// A response from the service, possibly a refusal.
        case answer
        /// An overloaded service, or a front end that cannot reach its back end (429, 502, 503, 504).
        case overload
        /// A failure to establish a connection.
        case silence
        /// A failure that may concern only the request (500, a lost connection or a timeout).
        case doubt
    }

    /// A period without responses, during which requests are sent one at a time as probes.
    struct Outage: Equatable, Sendable {
        /// Number of the outage, counted from 1.
        var number: Int
        var began: Instant
        /// Number of probes sent so far.
        var probes = 0
        /// Time of the last probe.
        var probed: Instant
    }

    /// Number of consecutive ``Sign/doubt`` outcomes after which an outage is declared. Five overloads or silences have
    /// the same effect, because they concern the service, while three files with five failures (500) each are not an
    /// outage yet.
    private static let doubtsOfOutage = 20
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(15)
    private static let leastRate = 1.0
    /// The rate above which requests are not paced, in requests per second. The service limits an account to 10,000.
    private static let greatestRate = 10_000.0
    private static let rateAfterOutage = 20.0
    /// Minimum time between a decrease of the rate and the start of a request that can cause the next one. Before that,
    /// the service may still be counting the requests that were sent at the higher rate.
    private static let settlingTime = Duration.milliseconds(50)
    /// Maximum time before its turn at which a request may be sent. Without this tolerance, timer delays would add up.
    private static let slack = Duration.milliseconds(20)

    /// Maximum number of requests per second; `nil` for no limit.
    private(set) var rate: Double?
    private(set) var outage: Outage?
    /// Whether the service has ever responded. Until then, a failed connection indicates a wrong address.
    private(set) var hasAnswered = false
    private var doubts = 0
    private var outages = 0
    private var nextTurn: Instant?
    private var slowed: Instant?
    /// Number of responses per second when the rate was last lowered, which is about the limit of the service. Infinite
    /// if it had not been measured for long enough: a rate limiter admits a burst first, and then refuses everything
    /// until its bucket has refilled.
    private var ceiling = Double.infinity
    private var sent = Frequency()
    private var answered = Frequency()

    /// Whether requests may be sent immediately.
    var isUnlimited: Bool { outage == nil && rate == nil && nextTurn == nil }

    /// Takes the next turn to send a request, or returns the time to wait until that turn.
    ///
    /// - Returns: Time to wait before asking again; zero if the request may be sent now.
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

    /// Counts a request that is sent without waiting for a turn.
    mutating func noteSent(at now: Instant) { sent.count(at: now) }

    /// Records the outcome of a request.
    ///
    /// - Parameters:
    ///   - sign: Outcome.
    ///   - start: Time at which the request was sent.
    ///   - requested: Delay that the service requested, if any.
    ///   - random: Number from 0 to 1.
    mutating func note(
        _ sign: Sign, sentAt start: Instant, now: Instant, requested: Duration? = nil, random: Double
    ) {
        guard sign != .answer else { return noteAnswer(sentAt: start, now: now) }
        if sign == .overload { hasAnswered = true }
        if let outage {
            // A request from before the last probe has no new information.
            guard start >= outage.probed else { return }
            nextTurn = now + Self.pause(after: outage.probes, requested: requested, random: random)
            return
        }
        if sign == .overload {
            let isAtCurrentRate = slowed.map { start > $0 } ?? true
            slowDown(sentAt: start, now: now)
            if let requested { nextTurn = max(nextTurn ?? now, now + requested) }
            // A rate limiter refuses all requests that are in flight when it is exceeded, which is not an outage.
            guard isAtCurrentRate else { return }
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
            // A response to a request from before the outage does not show that the service is back.
            guard start >= outage.began else { return }
            self.outage = nil
            nextTurn = nil
            // Such a long outage was not caused by a rate limiter, so the rate recovers quickly.
            if now - outage.began > .seconds(3) { slowed = nil }
            rate = min(rate ?? Self.rateAfterOutage, Self.rateAfterOutage)
            return
        }
        guard let rate else { return }
        // A rate that is not used must not grow.
        guard rate < 2 * sent.perSecond(at: now) + 10 else { return }
        // Added per response, so that the rate grows by 15 % per second near a limit, and by a multiple otherwise.
        let isLimited = slowed.map { now - $0 < .seconds(10) } ?? false
        self.rate = rate + (!isLimited ? 2 : rate < 0.8 * ceiling ? 1 : 0.15)
        if rate >= Self.greatestRate { (self.rate, nextTurn) = (nil, nil) }
    }

    /// Lowers the rate to slightly below the response rate of the last second, but not below a fourth of the request
    /// rate.
    mutating func slowDown(sentAt start: Instant, now: Instant) {
        // A request from before the last decrease has no information about the current rate.
        if let slowed, start <= slowed + Self.settlingTime { return }
        slowed = now
        let current = min(rate ?? .infinity, sent.perSecond(at: now))
        let admitted = min(current, answered.perSecond(at: now))
        ceiling = answered.coversSecond(at: now) ? admitted : .infinity
        rate = max(Self.leastRate, current / 4, 0.9 * admitted)
    }

    /// Returns the pause before the next probe. The maximum pause doubles with each probe, and half of it is random.
    private static func pause(after probes: Int, requested: Duration?, random: Double) -> Duration {
        let longest = min(firstPause * (1 << min(probes, 10)), longestPause)
        return max(longest * (0.5 + random / 2), requested ?? .zero)
    }
}

/// A counter of the events in the last second.
struct Frequency: Sendable {
    private var first: ContinuousClock.Instant?
    private var start: ContinuousClock.Instant?
    private var current = 0.0
    private var previous = 0.0

    /// Counts one event.
    mutating func count(at now: ContinuousClock.Instant) {
        first = first ?? now
        advance(to: now)
        current += 1
    }

    /// Returns the number of events in the last second. In the first second, returns the number of events per second
    /// since the first event.
    func perSecond(at now: ContinuousClock.Instant) -> Double {
        var copy = self
        copy.advance(to: now)
        let share = copy.start.map { min(1, max(0, (now - $0) / .seconds(1))) } ?? 0
        // Few events in a few milliseconds are not yet a rate.
        return coversSecond(at: now) ? copy.current + copy.previous * (1 - share) : copy.current / max(share, 0.05)
    }

    /// Whether events have been counted for at least one second.
    func coversSecond(at now: ContinuousClock.Instant) -> Bool { first.map { now - $0 >= .seconds(1) } ?? false }

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
