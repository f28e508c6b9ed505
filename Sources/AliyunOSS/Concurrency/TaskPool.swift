/// Functions that process a stream of items with a limited number of concurrent tasks.
enum TaskPool {
    /// The step that the pool takes after an outcome has been handled.
    enum Step {
        case keepGoing
        /// Start no more tasks, cancel the running ones and wait for them.
        case stop
    }

    /// The turn of a task, which other tasks wait for. A task that only waits for others, for example to share a slow
    /// operation with them, ends its turn early.
    final class Turn: Sendable {
        /// A stream that finishes with the turn; `nil` if no task waits for it.
        private let end: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)?

        init(isAwaited: Bool = true) {
            end = isAwaited ? AsyncStream.makeStream(of: Void.self) : nil
        }

        /// Ends the turn. Calling this method again does nothing.
        func finish() { end?.continuation.finish() }

        fileprivate func wait() async {
            guard let end else { return }
            for await _ in end.stream {}
        }
    }

    /// Takes items one at a time, processes at most `limit` of them concurrently, and delivers each outcome as soon as
    /// it is available.
    ///
    /// See ``run(limit:waitingLimit:next:work:handle:onIdle:)``.
    static func run<Item: Sendable, Outcome: Sendable>(
        limit: Int, next: () async throws -> Item?, work: @escaping @Sendable (Item) async -> Outcome,
        handle: (Outcome) -> Step
    ) async throws {
        try await run(limit: limit, waitingLimit: 0, next: next, work: { item, _ in await work(item) }, handle: handle)
    }

    private enum Event<Outcome: Sendable>: Sendable {
        case finished(Int, Outcome, Turn)
        case endedTurn(Int)
    }

    /// Takes items one at a time, processes at most `limit` of them concurrently, and delivers each outcome as soon as
    /// it is available.
    ///
    /// `next`, `handle` and `onIdle` are called from one task, never concurrently, so they can share state. An item is
    /// taken only when a task is free for it, so items do not accumulate. When `next` throws, running tasks complete
    /// and their outcomes are delivered before the error is thrown. Cancelling the surrounding task cancels all running
    /// tasks.
    ///
    /// - Parameters:
    ///   - waitingLimit: Maximum number of additional tasks, which have ended their turn early.
    ///   - onIdle: A closure that is called when there are no more items and all remaining tasks have ended their turn.
    static func run<Item: Sendable, Outcome: Sendable>(
        limit: Int, waitingLimit: Int, next: () async throws -> Item?,
        work: @escaping @Sendable (Item, Turn) async -> Outcome, handle: (Outcome) -> Step, onIdle: () -> Void = {}
    ) async throws {
        try await withThrowingTaskGroup(of: Event<Outcome>.self) { group in
            var (count, running) = (0, 0)
            /// The numbers of the tasks whose turn has not ended.
            var active: Set<Int> = []
            var stopped = false
            func processEvent(_ group: inout ThrowingTaskGroup<Event<Outcome>, any Error>) async throws {
                switch try await group.next() {
                case .finished(let number, let outcome, let turn):
                    running -= 1
                    let step = handle(outcome)
                    // Only now, so that no task starts between a failure that stops the pool and its handling.
                    active.remove(number)
                    turn.finish()
                    if step == .stop, !stopped {
                        stopped = true
                        group.cancelAll()
                    }
                case .endedTurn(let number): active.remove(number)
                case nil: break
                }
            }
            var failure: (any Error)?
            do {
                while !stopped, !Task.isCancelled, let item = try await next() {
                    count += 1
                    let (number, turn) = (count, Turn(isAwaited: waitingLimit > 0))
                    group.addTask { .finished(number, await work(item, turn), turn) }
                    if waitingLimit > 0 {
                        group.addTask {
                            await turn.wait()
                            return .endedTurn(number)
                        }
                    }
                    active.insert(number)
                    running += 1
                    while !stopped, active.count >= limit || running - waitingLimit >= limit {
                        try await processEvent(&group)
                    }
                }
            } catch {
                failure = error
            }
            while running > 0 {
                if active.isEmpty { onIdle() }
                try await processEvent(&group)
            }
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
