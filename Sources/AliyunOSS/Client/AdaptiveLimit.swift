import Synchronization

/// How many requests of a bucket may be in flight: as many as configured, and fewer while the service throttles.
///
/// Additive increase, multiplicative decrease: an answer that throttles halves the limit, each success adds a little.
final class AdaptiveLimit: Sendable {
    /// The limit as a number that grows and shrinks. Pure, so that a table can test it.
    struct Level: Sendable {
        let maximum: Int
        private(set) var value: Double
        private var decreased: ContinuousClock.Instant?

        /// Begins at the maximum, at least one.
        init(maximum: Int) {
            self.maximum = max(1, maximum)
            value = Double(self.maximum)
        }

        /// The whole number of requests.
        var requests: Int { Int(value) }

        /// Grows by one in as many successes as the limit has requests, which is about one round trip.
        mutating func succeeded() {
            value = min(Double(maximum), value + 1 / value)
        }

        /// Halves. What was in flight already when the limit last fell says nothing about the limit since.
        ///
        /// - Parameters:
        ///   - started: when the request that was throttled was sent.
        ///   - now: when its answer came.
        mutating func throttled(startedAt started: ContinuousClock.Instant, now: ContinuousClock.Instant) {
            if let decreased, started <= decreased { return }
            value = max(1, value / 2)
            decreased = now
        }
    }

    private let level: Mutex<Level>
    private let semaphore: AsyncSemaphore
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Makes a limit that begins at its maximum.
    init(maximum: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        let level = Level(maximum: maximum)
        semaphore = AsyncSemaphore(level.requests)
        self.level = Mutex(level)
        self.now = now
    }

    /// Waits for a permit, which is held until the reservation is released.
    ///
    /// - Throws: `CancellationError` when the task was cancelled before it got its permit.
    func acquire() async throws -> Permit {
        try await semaphore.acquire()
    }

    /// The service carried a request out.
    func succeeded() {
        change { $0.succeeded() }
    }

    /// The service refused a request, sent at `started`, because there were too many.
    func throttled(at started: ContinuousClock.Instant) {
        let now = now()
        change { $0.throttled(startedAt: started, now: now) }
    }

    /// How many requests may be in flight now.
    var current: Int { level.withLock { $0.requests } }

    /// How many tasks wait. For tests, which wait on this instead of sleeping.
    var waiterCount: Int { semaphore.waiterCount }

    private func change(_ body: (inout Level) -> Void) {
        level.withLock { level in
            let before = level.requests
            body(&level)
            // Under the lock, so that of two changes the later one is what the semaphore keeps.
            if level.requests != before { semaphore.capacity = level.requests }
        }
    }
}
