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
