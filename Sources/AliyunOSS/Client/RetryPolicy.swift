import Synchronization

/// A policy for retrying failed requests.
///
/// Lost connections, timeouts, 5xx, 429, throttling and checksum mismatches are retried. Any other refusal (4xx) is
/// final.
public struct RetryPolicy: Sendable, Hashable {
    /// Maximum number of attempts, including the first one; 1 disables retries. Default: 5.
    public var maximumAttempts: Int
    /// Maximum delay before the first retry. It doubles with each further retry. The actual delay is a random fraction
    /// of the maximum ("full jitter"), which keeps many clients from retrying simultaneously. After a throttled
    /// request, the maximum is four times as long. Default: 200 milliseconds.
    public var baseDelay: Duration
    /// Maximum delay before any retry, even if the service requests a longer one. Default: 20 seconds.
    public var maximumDelay: Duration
    /// Maximum combined number of immediate retries by all calls on a bucket. It limits the load on a service that is
    /// down. Default: 100.
    public var budget: Int
    /// Number of retries added back to the budget per second. Each successful request also adds one. Default: 10.
    public var budgetRefillPerSecond: Double

    /// Creates a policy.
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

    /// Returns the delay before the next attempt.
    ///
    /// - Parameters:
    ///   - failures: Number of failed attempts, at least 1.
    ///   - requested: Delay that the service requested (`Retry-After`, `x-oss-qos-delay-time`), if any.
    ///   - isOverload: Whether the service throttled the request.
    ///   - random: Number from 0 to 1.
    func delay(
        afterFailures failures: Int, requested: Duration?, isOverload: Bool = false, random: Double
    ) -> Duration {
        let doublings = min(max(failures - 1, 0), 28) + (isOverload ? 2 : 0)
        let ceiling = min(baseDelay * (1 << doublings), maximumDelay)
        return max(ceiling * random, min(requested ?? .zero, maximumDelay))
    }
}

/// The retry budget that all calls on a bucket share. The budget refills with time and with successes, up to its
/// capacity.
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

    /// Adds one retry back to the budget after a success.
    func reward() {
        state.withLock { $0.available = min(capacity, $0.available + 1) }
    }

    /// Takes one retry from the budget, and returns whether one was available.
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

/// A decision about a failed attempt, based only on its error.
enum RetryVerdict: Equatable, Sendable {
    /// Fail, because the error is permanent or a retry would not be safe.
    case fail
    /// Retry, because another attempt may succeed.
    case retry
    /// Correct the clock offset using the service's clock and retry immediately, because this machine's clock is wrong.
    case correctClock
    /// Get new credentials from the provider and retry immediately, because the service rejected the current ones.
    case renewCredentials

    /// Creates a verdict on a failed attempt from its error.
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
            // The service throttles before it performs anything, so that a retry is safe for every operation.
            self = .retry
        case .connectionFailed:
            // Nothing was sent. A refused certificate and a refusing proxy are permanent.
            let failure = error.underlying as? HTTPTransportError
            let isFinal =
                failure.flatMap(TLSFailure.init) == .refused || failure?.isRefusedByProxy == true
                || error.serviceError != nil
            self = isFinal ? .fail : .retry
        case .serviceUnavailable, .connectionLost, .timedOut, .truncatedBody, .checksumMismatch:
            self = isIdempotent ? .retry : .fail
        case .invalidResponse:
            // A response that is not HTTP is retried; a response that was understood is final.
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
    /// Whether the service refused the request because this machine's clock is wrong.
    var isClockSkew: Bool {
        code == "RequestTimeTooSkewed" || (code == "InvalidArgument" && message.hasPrefix("Invalid signing date"))
    }
}
