/// Functions that process a stream of items with a limited number of concurrent tasks.
enum TaskPool {
    /// The step that the pool takes after an outcome has been handled.
    enum Step {
        case keepGoing
        /// Start no more tasks, cancel the running ones and wait for them.
        case stop
    }

    /// Takes items one at a time, processes at most `limit` of them concurrently, and delivers each outcome as soon as
    /// it is available.
    ///
    /// `next` and `handle` are called from one task, never concurrently, so they can share state. An item is taken only
    /// when a task is free for it, so items do not accumulate. When `next` throws, running tasks complete and their
    /// outcomes are delivered before the error is thrown. Cancelling the surrounding task cancels all running tasks.
    static func run<Item: Sendable, Outcome: Sendable>(
        limit: Int, next: () async throws -> Item?, work: @escaping @Sendable (Item) async -> Outcome,
        handle: (Outcome) -> Step
    ) async throws {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            var running = 0
            var stopped = false
            func finishOne(_ group: inout ThrowingTaskGroup<Outcome, any Error>) async throws {
                guard let outcome = try await group.next() else { return }
                running -= 1
                if handle(outcome) == .stop, !stopped {
                    stopped = true
                    group.cancelAll()
                }
            }
            var failure: (any Error)?
            do {
                while !stopped, !Task.isCancelled, let item = try await next() {
                    group.addTask { await work(item) }
                    running += 1
                    if running == limit { try await finishOne(&group) }
                }
            } catch {
                failure = error
            }
            while running > 0 { try await finishOne(&group) }
            if let failure { throw failure }
        }
        try Task.checkCancellation()
    }

    /// Runs a throwing operation for each item. The first failure cancels all other tasks, and is thrown after they
    /// have ended.
    ///
    /// - Parameters:
    ///   - onFailure: A closure that the failing task calls before the others are cancelled. A caller that cancels the
    ///     surrounding task here, because `next` may wait forever, still receives the original failure.
    ///   - onValue: A closure that receives each value, called from the same task as `next`.
    static func forEach<Item: Sendable, Value: Sendable>(
        limit: Int, onFailure: (@Sendable () -> Void)? = nil, next: () async throws -> Item?,
        work: @escaping @Sendable (Item) async throws -> Value, onValue: (Value) -> Void
    ) async throws {
        var failure: (any Error)?
        do {
            try await run(limit: limit, next: next) { item -> Result<Value, any Error> in
                do {
                    return .success(try await work(item))
                } catch {
                    onFailure?()
                    return .failure(error)
                }
            } handle: { result in
                switch result {
                case .success(let value):
                    onValue(value)
                    return .keepGoing
                case .failure(let error):
                    // Tasks that are cancelled because of the first failure report a cancellation, which is not the
                    // cause.
                    if failure == nil || failure is CancellationError { failure = error }
                    return .stop
                }
            }
        } catch is CancellationError where onFailure != nil {
            throw failure ?? CancellationError()
        }
        if let failure { throw failure }
    }
}
