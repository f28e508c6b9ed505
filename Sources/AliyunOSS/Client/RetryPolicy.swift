import Synchronization

/// How often and how patiently a failed request is sent again.
///
/// Only failures that another attempt can mend are retried: lost connections, timeouts, 5xx, 429, throttling and a
/// checksum that did not match. Any other refusal (4xx) is final at once.
public struct RetryPolicy: Sendable, Hashable {
    /// How often a request is sent at most, the first time included. Default: 5. 1 turns retries off.
    public var maximumAttempts: Int
    /// The longest wait before the first retry; it doubles with each one. The actual wait is a random part of it
    /// ("full jitter"), so that many clients do not come back at the same moment. After an answer that throttles it is four
    /// times as long, because a limiter of rate needs time and not persistence. Default: 200 ms.
    public var baseDelay: Duration
    /// The longest wait before any retry, also when the service asks for more. Default: 20 seconds.
    public var maximumDelay: Duration
    /// How many retries may be spent at once by all calls on a bucket together. When the service is down, this is what
    /// keeps thirty tasks from multiplying the load by five. Default: 100.
    public var budget: Int
    /// How many retries flow back into the budget per second; each request that succeeds gives one back as well.
    /// Default: 10.
    public var budgetRefillPerSecond: Double

    /// Makes a policy.
    public init(
        maximumAttempts: Int = 5, baseDelay: Duration = .milliseconds(200), maximumDelay: Duration = .seconds(20),
        budget: Int = 100, budgetRefillPerSecond: Double = 10
    ) {
        self.maximumAttempts = maximumAttempts
        self.baseDelay = baseDelay
        self.maximumDelay = maximumDelay
        self.budget = budget
        self.budgetRefillPerSecond = budgetRefillPerSecond
    }

    /// The wait before the next attempt.
    ///
    /// - Parameters:
    ///   - failures: how many attempts have failed, at least 1.
    ///   - requested: what the service asked for (`Retry-After`, `x-oss-qos-delay-time`), if anything.
    ///   - isOverload: whether the service asked for fewer requests.
    ///   - random: a number from 0 to 1.
    func delay(
        afterFailures failures: Int, requested: Duration?, isOverload: Bool = false, random: Double
    ) -> Duration {
        let doublings = min(max(failures - 1, 0), 28) + (isOverload ? 2 : 0)
        let ceiling = min(baseDelay * (1 << doublings), maximumDelay)
        return max(ceiling * random, min(requested ?? .zero, maximumDelay))
    }
}

/// The retries that all calls on one bucket may still spend. It refills with time and with successes, up to
/// its capacity.
final class RetryBudget: Sendable {
    private struct State {
        var available: Double
        var updated: ContinuousClock.Instant
    }

    private let capacity: Double
    private let refillPerSecond: Double
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    init(
        capacity: Int, refillPerSecond: Double, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.capacity = Double(capacity)
        self.refillPerSecond = refillPerSecond
        self.now = now
        state = Mutex(State(available: Double(capacity), updated: now()))
    }

    /// Gives one retry back: the service answers again.
    func reward() {
        state.withLock { $0.available = min(capacity, $0.available + 1) }
    }

    /// Takes one retry out of the budget, if there is one.
    func spend() -> Bool {
        state.withLock { state in
            let instant = now()
            let elapsed = (instant - state.updated) / .seconds(1)
            state.available = min(capacity, state.available + max(0, elapsed) * refillPerSecond)
            state.updated = instant
            guard state.available >= 1 else { return false }
            state.available -= 1
            return true
        }
    }
}

/// What to do about a failed attempt. Decided here, without any I/O, from the failure alone.
enum RetryVerdict: Equatable, Sendable {
    /// The failure is final.
    case fail
    /// Another attempt may succeed.
    case retry
    /// The clock is wrong: set it by the service's and send again at once.
    case correctClock
    /// The service does not accept these credentials (any more): ask the provider for new ones and send again at once.
    case renewCredentials

    /// Judges an error.
    init(on error: OSSError, isIdempotent: Bool) {
        if let serviceError = error.serviceError {
            if serviceError.isClockSkew {
                self = .correctClock
                return
            }
            if Self.rejectedCredentialCodes.contains(serviceError.code) {
                self = .renewCredentials
                return
            }
        }
        switch error.code {
        case .throttled:
            // The service refuses these before it does anything: repeating is safe for every operation.
            self = .retry
        case .connectionFailed:
            // Nothing was sent. But a certificate that is refused once is refused again, and so is a client by its proxy.
            let failure = error.underlying as? HTTPTransportError
            let isFinal =
                failure.flatMap(TLSFailure.init) == .refused || failure?.isRefusedByProxy == true
                || error.serviceError != nil
            self = isFinal ? .fail : .retry
        case .serviceUnavailable, .connectionLost, .timedOut, .truncatedBody, .checksumMismatch:
            self = isIdempotent ? .retry : .fail
        case .invalidResponse:
            // Garbage instead of HTTP is worth another attempt; a response that was understood is not.
            self = isIdempotent && error.underlying is HTTPTransportError ? .retry : .fail
        default:
            self = .fail
        }
    }

    private static let rejectedCredentialCodes: Set<String> = [
        "SecurityTokenExpired", "InvalidSecurityToken", "InvalidAccessKeyId",
    ]
}

extension OSSError.ServiceError {
    /// Whether the service refused because of this machine's clock.
    var isClockSkew: Bool {
        code == "RequestTimeTooSkewed" || (code == "InvalidArgument" && message.hasPrefix("Invalid signing date"))
    }
}
