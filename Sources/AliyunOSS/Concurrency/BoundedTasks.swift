/// Works through a stream with a fixed number of tasks at most.
enum BoundedTasks {
    /// Whether to go on after an outcome.
    enum Step {
        case keepGoing
        /// Start nothing more, cancel what runs and wait for its end.
        case stop
    }

    /// Takes items one at a time, works on at most `limit` of them at once, and hands over each outcome as it comes.
    ///
    /// `next` and `handle` are called from one task, never at the same time, so they can share state. An item is taken
    /// only when there is a task free for it: nothing piles up. When `next` throws, what runs is finished and handed over
    /// before the error is thrown. When the surrounding task is cancelled, so is everything that runs.
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
}
