import Synchronization

/// Bounds a wait.
enum TimeLimit {
    /// Runs an operation that waits, until an instant at most.
    ///
    /// - Parameters:
    ///   - deadline: when to stop waiting; `nil` is never.
    ///   - operation: what waits. It is cancelled at the deadline; when it succeeds all the same, that counts.
    /// - Returns: what the operation returned, or `nil` when the deadline came first.
    /// - Throws: what the operation throws before the deadline, or `CancellationError`.
    static func wait<T: Sendable>(
        until deadline: ContinuousClock.Instant?, for operation: @escaping @Sendable () async throws -> T
    ) async throws -> T? {
        guard let deadline else { return try await operation() }
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                // A cancellation ends it early. It is for the operation to say so, unless it has succeeded already: what it
                // then holds must not be lost.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            let first = try await group.next()
            group.cancelAll()
            if let result = first ?? nil { return result }
            do {
                return try await group.next() ?? nil
            } catch is CancellationError where !Task.isCancelled {
                return nil
            }
        }
    }

    /// Runs somebody else's operation, until an instant or a cancellation at most, whether it heeds them or not.
    ///
    /// A task that is a child is waited for, and a closure that waits for an answer which never comes would hold up its
    /// caller for good. So the operation runs in a task of its own, which is cancelled and left to itself then.
    ///
    /// - Returns: what the operation returned, or `nil` when the deadline came first.
    /// - Throws: what the operation throws before the deadline, or `CancellationError`.
    static func waitForStranger<T: Sendable>(
        until deadline: ContinuousClock.Instant?, for operation: @escaping @Sendable () async throws -> T
    ) async throws -> T? {
        let end = FirstEnd<T>()
        let task = Task {
            do { end.come(.success(try await operation())) } catch { end.come(.failure(error)) }
        }
        return try await wait(until: deadline) {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { end.await($0) }
            } onCancel: {
                task.cancel()
                end.come(.failure(CancellationError()))
            }
        }
    }

    /// The first of several ends of a wait, before or after somebody waits for it.
    private final class FirstEnd<T: Sendable>: Sendable {
        private struct State {
            var result: Result<T, any Error>?
            var waiter: CheckedContinuation<T, any Error>?
        }

        private let state = Mutex(State())

        func await(_ waiter: CheckedContinuation<T, any Error>) {
            let result = state.withLock { state in
                if state.result == nil { state.waiter = waiter }
                return state.result
            }
            if let result { waiter.resume(with: result) }
        }

        func come(_ result: Result<T, any Error>) {
            let waiter = state.withLock { state -> CheckedContinuation<T, any Error>? in
                guard state.result == nil else { return nil }
                state.result = result
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(with: result)
        }
    }
}

/// Work that must be done although the task that wants it was cancelled: the clean-up behind a cancelled transfer.
enum Shielded {
    /// Does the work, waits for its end, and gives up after a time.
    ///
    /// It is the one place with a task that is nobody's child, because a child would be born cancelled. It is waited for,
    /// so it does not outlive the call.
    ///
    /// - Returns: whether it was done.
    static func run(within limit: Duration, _ work: @escaping @Sendable () async throws -> Void) async -> Bool {
        await Task {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        try await work()
                        return true
                    } catch {
                        return false
                    }
                }
                group.addTask {
                    try? await Task.sleep(for: limit)
                    return false
                }
                let isDone = await group.next() ?? false
                group.cancelAll()
                return isDone
            }
        }.value
    }
}

/// Work that can be ended from inside.
enum Interruptible {
    /// Does work, some task of which may find out that the rest is in vain, and says so with `interrupt`: everything in the
    /// work is cancelled then, also what waits for somebody who may never come, and its end is waited for.
    ///
    /// - Throws: what the work throws, which after an interruption may be a `CancellationError` of its own; or
    ///   `CancellationError` when the surrounding task was cancelled.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable (_ interrupt: @escaping @Sendable () -> Void) async throws -> Value
    ) async throws -> Value {
        let (interruption, source) = AsyncStream.makeStream(of: Void.self)
        do {
            return try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    defer { source.finish() }
                    return try await work { source.finish() }
                }
                group.addTask {
                    for await _ in interruption {}
                    return nil
                }
                while let ended = try await group.next() {
                    if let value = ended { return value }
                    // Interrupted, or the work has just ended by itself.
                    group.cancelAll()
                }
                throw CancellationError()
            }
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }
}
