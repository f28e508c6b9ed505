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
