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
