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
}
