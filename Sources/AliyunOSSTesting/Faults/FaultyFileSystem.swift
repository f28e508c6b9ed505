import AliyunOSS
import Foundation
import Synchronization

/// A file system interceptor that makes calls fail or transfer fewer bytes, and records every call.
///
/// ```swift
/// let disk = FaultyFileSystem()
/// disk.add(.fail(ENOSPC), to: .write, skip: 2)
/// await disk.run { … }
/// #expect(disk.unused.isEmpty)
/// ```
package final class FaultyFileSystem: FileSystemInterceptor {
    /// A fault and the calls that it applies to.
    package struct Fault: Sendable, Equatable {
        package var verdict: FileSystemVerdict
        /// Kind of call to match; `nil` matches any call.
        package var kind: FileSystemCall.Kind?
        /// Suffix of the paths to match; an empty suffix matches any path.
        package var pathSuffix: String
        /// Number of matching calls to skip before the fault applies.
        package var skip: Int
        /// Remaining number of times that the fault occurs; `nil` means every time.
        package var times: Int?
        fileprivate var hasHappened = false

        fileprivate mutating func takes(_ call: FileSystemCall) -> Bool {
            guard kind == nil || kind == call.kind, call.path.hasSuffix(pathSuffix), times != 0 else { return false }
            if skip > 0 {
                skip -= 1
                return false
            }
            hasHappened = true
            times = times.map { $0 - 1 }
            return true
        }
    }

    private struct State {
        var calls: [FileSystemCall] = []
        var faults: [Fault] = []
    }

    private let state = Mutex(State())

    package let hasReliableSharedSync: Bool?

    /// Creates a file system without faults.
    ///
    /// - Parameter hasReliableSharedSync: Whether it can be synced as a whole; `nil` if that depends on
    ///   the system.
    package init(hasReliableSharedSync: Bool? = nil) {
        self.hasReliableSharedSync = hasReliableSharedSync
    }

    /// All intercepted calls, in order.
    package var calls: [FileSystemCall] { state.withLock { $0.calls } }

    /// Faults that have occurred fewer times than requested.
    package var unused: [Fault] {
        state.withLock { $0.faults.filter { $0.times ?? ($0.hasHappened ? 0 : 1) > 0 } }
    }

    /// Adds a fault that applies to the next matching calls.
    package func add(
        _ verdict: FileSystemVerdict, to kind: FileSystemCall.Kind? = nil, path pathSuffix: String = "", skip: Int = 0,
        times: Int? = 1
    ) {
        state.withLock {
            $0.faults.append(
                Fault(verdict: verdict, kind: kind, pathSuffix: pathSuffix, skip: skip, times: times))
        }
    }

    /// Runs an operation and intercepts its file system calls.
    package func run<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await FileSystemSeam.$interceptor.withValue(self, operation: body)
    }

    package func verdict(on call: FileSystemCall) -> FileSystemVerdict {
        state.withLock { state in
            state.calls.append(call)
            for index in state.faults.indices where state.faults[index].takes(call) {
                return state.faults[index].verdict
            }
            return .proceed
        }
    }
}
