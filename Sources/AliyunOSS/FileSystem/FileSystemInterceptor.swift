import Dispatch
import Foundation

/// Stands between this library and the file system in tests: sees each call before it is made, and may let it fail or
/// move fewer bytes than it could.
package protocol FileSystemInterceptor: Sendable {
    /// Decides about a call. Called from many threads.
    func verdict(on call: FileSystemCall) -> FileSystemVerdict
}

/// A call to the file system that is about to be made.
package struct FileSystemCall: Sendable, Hashable {
    /// What is called.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case open, create, read, write, truncate, synchronize, rename, unlink, makeDirectory, status, list
        case setPermissions, setTime, lock, allocate, link
    }

    package var kind: Kind
    package var path: String

    package init(_ kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }
}

/// What becomes of a call.
package enum FileSystemVerdict: Sendable, Hashable {
    case proceed
    /// It is not made, and fails with this `errno`.
    case fail(Int32)
    /// It moves at most so many bytes: what POSIX permits every read and write to do.
    case short(Int)
}

/// Where tests put an interceptor. Files and folders keep the one that was there when they were opened, because they are
/// used from threads that belong to no task.
package enum FileSystemSeam {
    @TaskLocal package static var interceptor: (any FileSystemInterceptor)?
}

extension Optional where Wrapped == any FileSystemInterceptor {
    /// Makes a call as the interceptor wants it, or as it is when there is none.
    ///
    /// - Parameters:
    ///   - count: How many bytes it is to move.
    ///   - call: Makes it with so many bytes; a negative result is a failure, with the cause in `errno`.
    func perform<Result: SignedInteger>(
        _ kind: FileSystemCall.Kind, _ path: @autoclosure () -> String, count: Int = 0, _ call: (Int) -> Result
    ) -> Result {
        guard let self else { return call(count) }
        switch self.verdict(on: FileSystemCall(kind, path: path())) {
        case .proceed: return call(count)
        case .short(let limit): return call(Swift.min(limit, count))
        case .fail(let code):
            errno = code
            return -1
        }
    }
}

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
