import Synchronization

/// Runs an operation, and cancels it if a deadline passes first.
///
/// - Parameters:
///   - deadline: The instant at which the operation is cancelled; `nil` for no deadline.
///   - operation: The operation. If it returns a result despite the cancellation, that result is used.
/// - Returns: The result of the operation, or `nil` if the deadline passed first.
/// - Throws: The error that the operation threw before the deadline, or `CancellationError`.
func withDeadline<T: Sendable>(
    _ deadline: ContinuousClock.Instant?, _ operation: @escaping @Sendable () async throws -> T
) async throws -> T? {
    guard let deadline else { return try await operation() }
    return try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            // A cancellation ends the sleep early. Only the operation reports it, because a result that the operation
            // has already produced must not be lost.
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

/// Runs an operation provided by the user, and returns no later than a deadline or a cancellation, even if the
/// operation ignores both.
///
/// A child task is always awaited, so an operation that never returns would block its caller forever. The operation
/// therefore runs in an unstructured task, which is cancelled and then abandoned.
///
/// - Returns: The result of the operation, or `nil` if the deadline passed first.
/// - Throws: The error that the operation threw before the deadline, or `CancellationError`.
func withDeadlineAbandoning<T: Sendable>(
    _ deadline: ContinuousClock.Instant?, _ operation: @escaping @Sendable () async throws -> T
) async throws -> T? {
    let outcome = FirstOutcome<T>()
    let task = Task {
        do { outcome.set(.success(try await operation())) } catch { outcome.set(.failure(error)) }
    }
    return try await withDeadline(deadline) {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { outcome.resume($0) }
        } onCancel: {
            task.cancel()
            outcome.set(.failure(CancellationError()))
        }
    }
}

/// A box for whichever outcome of a wait occurs first. The outcome may be set before or after the wait starts.
private final class FirstOutcome<T: Sendable>: Sendable {
    private struct State {
        var result: Result<T, any Error>?
        var waiter: CheckedContinuation<T, any Error>?
    }

    private let state = Mutex(State())

    func resume(_ waiter: CheckedContinuation<T, any Error>) {
        let result = state.withLock { state in
            if state.result == nil { state.waiter = waiter }
            return state.result
        }
        if let result { waiter.resume(with: result) }
    }

    func set(_ result: Result<T, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<T, any Error>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: result)
    }
}

/// Runs work, such as cleaning up after a cancelled transfer, that must finish even if the surrounding task is
/// cancelled.
///
/// The work runs in an unstructured task, because a child of a cancelled task starts cancelled. The task is awaited, so
/// it does not outlive the call.
///
/// - Parameter limit: Maximum duration of the work.
/// - Returns: Whether the work completed without an error.
func withCancellationShield(
    limit: Duration, _ work: @escaping @Sendable () async throws -> Void
) async -> Bool {
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

/// Runs a closure that can cancel its own work. Calling `cancel` cancels everything in the closure, including waits
/// that would never end.
///
/// - Throws: The error of the work, which can be a `CancellationError` after a call of `cancel`; or `CancellationError`
///   if the surrounding task was cancelled.
func withCancellableScope<Value: Sendable>(
    _ work: @escaping @Sendable (_ cancel: @escaping @Sendable () -> Void) async throws -> Value
) async throws -> Value {
    let (cancellation, source) = AsyncStream.makeStream(of: Void.self)
    do {
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                defer { source.finish() }
                return try await work { source.finish() }
            }
            group.addTask {
                for await _ in cancellation {}
                return nil
            }
            while let ended = try await group.next() {
                if let value = ended { return value }
                // The work called `cancel`, or has just ended.
                group.cancelAll()
            }
            throw CancellationError()
        }
    } catch {
        try Task.checkCancellation()
        throw error
    }
}
