import Synchronization

/// Lets a bounded number of tasks through at a time. The others wait, without a thread, in the order they came.
final class AsyncSemaphore: Sendable {
    private struct State {
        var permits: Int
        /// The tasks that wait, by their place in the queue.
        var waiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        var nextTicket: UInt64 = 0
        /// No ticket before this one waits any more.
        var nowServing: UInt64 = 0
    }

    private let state: Mutex<State>

    /// Makes a semaphore for so many tasks at a time, at least one.
    init(_ permits: Int) {
        state = Mutex(State(permits: max(1, permits)))
    }

    /// Waits for a permit, runs `body`, and gives the permit back, however `body` ends.
    ///
    /// - Throws: what `body` throws, or `CancellationError` when the task was cancelled before it got its permit.
    func withPermit<T: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async throws -> T {
        try await acquire()
        defer { release() }
        return try await body()
    }

    /// How many tasks wait. For tests, which wait on this instead of sleeping.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    private func acquire(isolation: isolated (any Actor)? = #isolation) async throws {
        try Task.checkCancellation()
        let ticket: UInt64? = state.withLock { state in
            guard state.permits == 0 else {
                state.permits -= 1
                return nil
            }
            state.nextTicket += 1
            return state.nextTicket - 1
        }
        guard let ticket else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A task is marked as cancelled before its handler runs, and the handler takes this lock. So either
                // the mark is seen here, or the handler finds the waiter: it cannot fall between the two.
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.permits > 0 {
                        state.permits -= 1
                        return .success(())
                    }
                    state.waiters[ticket] = continuation
                    // Between drawing the ticket and waiting, later tickets may have been served past this one.
                    state.nowServing = min(state.nowServing, ticket)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            // Whoever takes the waiter out of the table resumes it, so a permit that was handed over at the same
            // moment is neither lost nor given twice.
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume(throwing: CancellationError())
        }
    }

    private func release() {
        let next: CheckedContinuation<Void, any Error>? = state.withLock { state in
            while !state.waiters.isEmpty {
                let ticket = state.nowServing
                state.nowServing += 1
                if let waiter = state.waiters.removeValue(forKey: ticket) { return waiter }
            }
            state.permits += 1
            return nil
        }
        next?.resume()
    }
}
