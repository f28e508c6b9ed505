import Synchronization

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
