import Synchronization

/// The limit on a bucket's concurrent requests. It is the configured maximum, or less while the service throttles
/// requests.
///
/// Additive increase, multiplicative decrease: a throttled request halves the limit, and each success raises it slightly.
final class AdaptiveLimit: Sendable {
    /// The value of the limit and the rules that change it, without tasks or locks.
    struct Level: Sendable {
        let maximum: Int
        private(set) var value: Double
        private var decreased: ContinuousClock.Instant?

        /// Creates a level at the maximum, or at 1 if the maximum is less than 1.
        init(maximum: Int) {
            self.maximum = max(1, maximum)
            value = Double(self.maximum)
        }

        /// Number of concurrent requests that the limit allows.
        var requests: Int { Int(value) }

        /// Raises the limit slightly after a success. The limit grows by about 1 per round trip.
        mutating func succeeded() {
            value = min(Double(maximum), value + 1 / value)
        }

        /// Halves the limit, unless the throttled request was sent before the limit last decreased. Such a request says
        /// nothing about the current limit.
        ///
        /// - Parameters:
        ///   - started: Time at which the throttled request was sent.
        ///   - now: Time of the response.
        mutating func throttled(startedAt started: ContinuousClock.Instant, now: ContinuousClock.Instant) {
            if let decreased, started <= decreased { return }
            value = max(1, value / 2)
            decreased = now
        }
    }

    private let level: Mutex<Level>
    private let semaphore: AsyncSemaphore
    private let now: @Sendable () -> ContinuousClock.Instant
    private let onChange: @Sendable (Int) -> Void

    /// Creates a limit that starts at its maximum.
    ///
    /// - Parameter onChange: A closure that receives each new number of requests.
    init(
        maximum: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        onChange: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.onChange = onChange
        let level = Level(maximum: maximum)
        semaphore = AsyncSemaphore(level.requests)
        self.level = Mutex(level)
        self.now = now
    }

    /// Waits for a permit to send a request. The caller must release it.
    ///
    /// - Throws: `CancellationError` if the task was cancelled before it got a permit.
    func acquire() async throws -> Permit {
        try await semaphore.acquire()
    }

    /// Records a successful request.
    func succeeded() {
        change { $0.succeeded() }
    }

    /// Records a throttled request that was sent at `started`.
    func throttled(at started: ContinuousClock.Instant) {
        let now = now()
        change { $0.throttled(startedAt: started, now: now) }
    }

    /// Number of concurrent requests currently permitted.
    var current: Int { level.withLock { $0.requests } }

    /// The number of waiting tasks, used by tests.
    var waiterCount: Int { semaphore.waiterCount }

    private func change(_ body: (inout Level) -> Void) {
        let changed: Int? = level.withLock { level in
            let before = level.requests
            body(&level)
            guard level.requests != before else { return nil }
            // The lock is held so that the semaphore receives concurrent changes in order.
            semaphore.capacity = level.requests
            return level.requests
        }
        if let changed { onChange(changed) }
    }
}
