import Synchronization

/// Lets tasks through as long as what they hold together fits its capacity. The others wait, without a thread, in the
/// order they came: one that needs much is not overtaken by those behind it that need little.
///
/// One that needs more than the whole capacity gets it when nobody holds anything, and is then alone.
final class AsyncSemaphore: Sendable {
    private typealias Continuation = CheckedContinuation<Void, any Error>

    private struct State {
        var capacity: Int
        var held = 0
        /// The tasks that wait, by their place in the queue.
        var waiters: [UInt64: (count: Int, continuation: Continuation)] = [:]
        var nextTicket: UInt64 = 0
        /// No ticket before this one waits any more.
        var nowServing: UInt64 = 0

        func hasRoom(for count: Int) -> Bool { held == 0 || count <= capacity - held }

        /// Takes waiters out of the queue, from its front, as long as there is room. They hold what they asked for.
        mutating func admit() -> [Continuation] {
            var admitted: [Continuation] = []
            while !waiters.isEmpty {
                guard let first = waiters[nowServing] else {
                    nowServing += 1
                    continue
                }
                guard hasRoom(for: first.count) else { break }
                waiters[nowServing] = nil
                held += first.count
                admitted.append(first.continuation)
            }
            return admitted
        }
    }

    private let state: Mutex<State>

    /// Makes a semaphore with so many permits, at least one.
    init(_ capacity: Int) {
        state = Mutex(State(capacity: max(1, capacity)))
    }

    /// Waits for a permit, runs `body`, and gives the permit back, however `body` ends.
    ///
    /// - Throws: what `body` throws, or `CancellationError` when the task was cancelled before it got its permit.
    func withPermit<T: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async throws -> T {
        let permit = try await acquire()
        defer { permit.release() }
        return try await body()
    }

    /// Waits for permits, which are held until the reservation is released.
    ///
    /// - Throws: `CancellationError` when the task was cancelled before it got them.
    func acquire(
        _ count: Int = 1, isolation: isolated (any Actor)? = #isolation
    ) async throws -> Permit {
        try Task.checkCancellation()
        let count = max(0, count)
        let ticket: UInt64? = state.withLock { state in
            guard !state.waiters.isEmpty || !state.hasRoom(for: count) else {
                state.held += count
                return nil
            }
            state.nextTicket += 1
            return state.nextTicket - 1
        }
        if let ticket { try await wait(for: count, ticket) }
        return Permit(of: count, in: self)
    }

    /// Takes permits without waiting, and past those who wait.
    ///
    /// - Parameter count: Decides how many from the number that is free, which is negative after more were taken than there
    ///   are.
    func take(_ count: (_ free: Int) -> Int) -> Permit {
        let count = state.withLock { state in
            let count = max(0, count(state.capacity - state.held))
            state.held += count
            return count
        }
        return Permit(of: count, in: self)
    }

    /// Gives back what a reservation held. Only the reservation calls this.
    func release(_ count: Int) {
        change { $0.held -= count }
    }

    /// How many permits there are. When it falls below what is held, nobody is let through until enough was given back.
    var capacity: Int {
        get { state.withLock { $0.capacity } }
        set { change { $0.capacity = max(1, newValue) } }
    }

    /// How many permits are free.
    var available: Int { state.withLock { max(0, $0.capacity - $0.held) } }

    /// How many tasks wait. For tests, which wait on this instead of sleeping.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    private func wait(
        for count: Int, _ ticket: UInt64, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A task is marked as cancelled before its handler runs, and the handler takes this lock. So either
                // the mark is seen here, or the handler finds the waiter: it cannot fall between the two.
                let isCancelled = change { state in
                    guard !Task.isCancelled else { return true }
                    state.waiters[ticket] = (count, continuation)
                    // Between drawing the ticket and waiting, later tickets may have been served past this one.
                    state.nowServing = min(state.nowServing, ticket)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            // Whoever takes the waiter out of the table resumes it, so permits that were handed over at the same
            // moment are neither lost nor given twice. Those behind it may need less, and fit.
            let waiter = change { $0.waiters.removeValue(forKey: ticket) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Changes the state, and lets those through for whom there is room then.
    private func change<T>(_ body: (inout State) -> sending T) -> sending T {
        let (result, admitted) = state.withLock { state in
            let result = body(&state)
            return (result, state.admit())
        }
        for continuation in admitted { continuation.resume() }
        return result
    }
}

extension AsyncSemaphore? {
    /// Runs `body` with a permit, where there is something to share.
    ///
    /// - Throws: as ``AsyncSemaphore/withPermit(isolation:_:)``.
    func withPermit<T: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async throws -> T {
        guard let self else { return try await body() }
        return try await self.withPermit(body)
    }
}

/// Permits of an ``AsyncSemaphore`` that somebody holds.
///
/// They go back with ``release()``. One that is forgotten gives them back when it is deallocated, which may be as early as
/// its last use: whoever works under a reservation keeps it and releases it.
final class Permit: Sendable {
    private let held: Atomic<Int>
    private let semaphore: AsyncSemaphore

    /// Made by the semaphore, which counts the permits as held already.
    init(of count: Int, in semaphore: AsyncSemaphore) {
        held = Atomic(count)
        self.semaphore = semaphore
    }

    deinit {
        release()
    }

    /// The number of permits that are held.
    var count: Int { held.load(ordering: .acquiring) }

    /// Gives the permits back. Calling it again does nothing.
    func release() { shrink(to: 0) }

    /// Keeps at most so many permits and gives back the others.
    func shrink(to count: Int) {
        let (before, after) = held.min(max(0, count), ordering: .acquiringAndReleasing)
        if before > after { semaphore.release(before - after) }
    }
}
