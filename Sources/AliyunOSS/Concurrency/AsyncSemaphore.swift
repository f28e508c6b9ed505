import Synchronization

/// A semaphore for tasks. Tasks wait without blocking a thread, in order of arrival: a task that needs many permits is
/// not overtaken by later tasks that need few.
///
/// A task that needs more permits than the capacity gets them when no others are held, and then runs alone.
final class AsyncSemaphore: Sendable {
    private typealias Continuation = CheckedContinuation<Void, any Error>

    private struct State {
        var capacity: Int
        var held = 0
        /// The waiting tasks, keyed by ticket.
        var waiters: [UInt64: (count: Int, continuation: Continuation)] = [:]
        var nextTicket: UInt64 = 0
        /// The lowest ticket that may still be waiting.
        var nowServing: UInt64 = 0

        func hasRoom(for count: Int) -> Bool { held == 0 || count <= capacity - held }

        /// Removes waiters from the front of the queue while enough permits are free, and counts their permits as held.
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

    /// Creates a semaphore with the given number of permits, at least one.
    init(_ capacity: Int) {
        state = Mutex(State(capacity: max(1, capacity)))
    }

    /// Waits for permits, runs `body`, and then releases the permits, even if `body` throws an error.
    ///
    /// - Throws: The error of `body`, or `CancellationError` if the task was cancelled before it got the permits.
    func withPermit<T>(
        count: Int = 1, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async throws -> T {
        let permit = try await acquire(count)
        defer { permit.release() }
        return try await body()
    }

    /// Waits for permits, and holds them until the returned value is released.
    ///
    /// - Throws: `CancellationError` if the task was cancelled before it got the permits.
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
        return Permit(of: count, in: self, hasWaited: ticket != nil)
    }

    /// Takes permits without waiting, ahead of the waiting tasks.
    ///
    /// - Parameter count: A closure that returns the number of permits to take. Its argument is the number of free
    ///   permits, which is negative while more permits are held than the capacity.
    func take(_ count: (_ free: Int) -> Int) -> Permit {
        let count = state.withLock { state in
            let count = max(0, count(state.capacity - state.held))
            state.held += count
            return count
        }
        return Permit(of: count, in: self)
    }

    fileprivate func release(_ count: Int) {
        change { $0.held -= count }
    }

    /// The total number of permits. If it falls below the number of held permits, no task is admitted until enough
    /// permits are released.
    var capacity: Int {
        get { state.withLock { $0.capacity } }
        set { change { $0.capacity = max(1, newValue) } }
    }

    /// The number of free permits.
    var available: Int { state.withLock { max(0, $0.capacity - $0.held) } }

    /// The number of waiting tasks, used by tests.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    private func wait(
        for count: Int, _ ticket: UInt64, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A task is marked as cancelled before its handler runs, and the handler takes this lock. Therefore
                // either the mark is visible here, or the handler finds the waiter.
                let isCancelled = change { state in
                    guard !Task.isCancelled else { return true }
                    state.waiters[ticket] = (count, continuation)
                    // Later tickets may have been served between drawing this ticket and waiting.
                    state.nowServing = min(state.nowServing, ticket)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            // The code that removes a waiter from the table resumes it, so permits that are granted at the same moment
            // are neither lost nor granted twice. `change` then admits waiters behind it that need less.
            let waiter = change { $0.waiters.removeValue(forKey: ticket) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Changes the state, and then admits the waiters for which enough permits are free.
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
    /// Runs `body` with a permit, or without one if there is no semaphore.
    ///
    /// - Throws: The same errors as ``AsyncSemaphore/withPermit(count:isolation:_:)``.
    func withPermit<T: Sendable>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async throws -> T {
        guard let self else { return try await body() }
        return try await self.withPermit(body)
    }
}

// MARK: Memory for ranges

extension AsyncSemaphore {
    /// Minimum size, in bytes, of a range that is read into memory.
    static let smallestRange = 64 << 10

    /// Returns how many bytes of a range to read into memory, given the number wanted and the number free. The memory
    /// may be held for any length of time. Each permit stands for one byte.
    ///
    /// A range takes at most half of the free bytes, so that later readers find some. It is never smaller than
    /// ``smallestRange``, even if less is free: readers that wait for each other's memory could wait forever.
    static func rangeSize(wanted: Int, free: Int) -> Int { min(wanted, max(smallestRange, free / 2)) }

    /// Reserves memory for a range without waiting. Together, all ranges never exceed the capacity by more than
    /// ``smallestRange`` for each range.
    func reserveRange(upTo bytes: Int) -> Permit {
        take { Self.rangeSize(wanted: bytes, free: $0) }
    }
}

/// A set of permits taken from an ``AsyncSemaphore``.
///
/// The permits are returned by ``release()``, or when this object is deallocated. Deallocation can happen as early as
/// the last use, so code that depends on a permit must release it explicitly.
final class Permit: Sendable {
    /// Whether the task waited for the permits.
    let hasWaited: Bool
    private let held: Atomic<Int>
    private let semaphore: AsyncSemaphore

    fileprivate init(of count: Int, in semaphore: AsyncSemaphore, hasWaited: Bool = false) {
        self.hasWaited = hasWaited
        held = Atomic(count)
        self.semaphore = semaphore
    }

    deinit {
        release()
    }

    /// The number of permits that are still held.
    var count: Int { held.load(ordering: .acquiring) }

    /// Returns the permits to the semaphore. Calling this method again does nothing.
    func release() { shrink(to: 0) }

    /// Keeps at most `count` permits and returns the others.
    func shrink(to count: Int) {
        let (before, after) = held.min(max(0, count), ordering: .acquiringAndReleasing)
        if before > after { semaphore.release(before - after) }
    }
}
