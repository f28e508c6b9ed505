import Dispatch

/// Runs calls that wait for a disk outside the cooperative pool.
///
/// The pool has one thread a core, and an fsync may take a second on a slow disk: thirty of them at once would stop
/// every other task of the process.
enum BlockingWork {
    private static let queue = DispatchQueue(label: "oss.blocking-work", attributes: .concurrent)

    /// Runs the work on a thread of its own kind and waits for it. Cancelling does not interrupt it.
    static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
