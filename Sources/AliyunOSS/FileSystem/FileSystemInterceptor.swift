import Dispatch
import Foundation

/// A test hook that receives each file system call before it is made, and can make the call fail or transfer fewer
/// bytes.
package protocol FileSystemInterceptor: Sendable {
    /// Decides how a call proceeds. This method is called from many threads.
    func verdict(on call: FileSystemCall) -> FileSystemVerdict

    /// Whether syncing an entire file system is as safe as syncing each file; `nil` if that depends on
    /// the system.
    var hasReliableSharedSync: Bool? { get }
}

extension FileSystemInterceptor {
    /// `nil`, so that it depends on the system.
    package var hasReliableSharedSync: Bool? { nil }
}

/// A file system call that is about to be made.
package struct FileSystemCall: Sendable, Hashable {
    /// A kind of file system call.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case open, create, read, write, truncate, synchronize, synchronizeFileSystem, rename, unlink, makeDirectory,
            status, list
        case setPermissions, setTime, lock, allocate, link
    }

    package var kind: Kind
    package var path: String

    package init(_ kind: Kind, path: String) {
        self.kind = kind
        self.path = path
    }
}

/// A decision about how a file system call proceeds.
package enum FileSystemVerdict: Sendable, Hashable {
    case proceed
    /// Make no call, and fail with this `errno` value.
    case fail(Int32)
    /// Make the call, but transfer at most this many bytes, as POSIX allows for every read and write.
    case short(Int)
}

/// A namespace for the current interceptor. Files and directories keep the interceptor that was current when they were
/// opened, because they are used on threads without a task.
package enum FileSystemSeam {
    @TaskLocal package static var interceptor: (any FileSystemInterceptor)?
}

extension Optional where Wrapped == any FileSystemInterceptor {
    /// Makes a call according to the interceptor's verdict, or directly if there is no interceptor.
    ///
    /// - Parameters:
    ///   - count: The number of bytes to transfer.
    ///   - call: A closure that makes the call with a number of bytes. A negative result is a failure, with the cause
    ///     in `errno`.
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
