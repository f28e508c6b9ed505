import AliyunOSS
import Foundation
import Synchronization

/// Lets calls to the local file system fail or come up short, and records all of them in order.
///
/// ```swift
/// let disk = FaultyFileSystem()
/// disk.add(.fail(ENOSPC), to: .write, skip: 2)
/// await disk.run { … }
/// #expect(disk.unused.isEmpty)
/// ```
package final class FaultyFileSystem: FileSystemInterceptor {
    /// A fault and the calls it happens to.
    package struct Fault: Sendable, Equatable {
        package var verdict: FileSystemVerdict
        /// `nil` is any call.
        package var kind: FileSystemCall.Kind?
        /// The end of the path; empty is any path.
        package var pathSuffix: String
        /// How many matching calls go through first.
        package var skip: Int
        /// How often it still happens; `nil` is every time.
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

    package init() {}

    /// Every call that was about to be made, in order.
    package var calls: [FileSystemCall] { state.withLock { $0.calls } }

    /// The faults that have not happened as often as they should.
    package var unused: [Fault] {
        state.withLock { $0.faults.filter { $0.times ?? ($0.hasHappened ? 0 : 1) > 0 } }
    }

    /// Adds a fault.
    package func add(
        _ verdict: FileSystemVerdict, to kind: FileSystemCall.Kind? = nil, path pathSuffix: String = "", skip: Int = 0,
        times: Int? = 1
    ) {
        state.withLock {
            $0.faults.append(
                Fault(verdict: verdict, kind: kind, pathSuffix: pathSuffix, skip: skip, times: times))
        }
    }

    /// Runs something on this file system.
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
