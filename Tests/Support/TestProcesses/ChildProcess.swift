import CSpawn
import Dispatch
import Foundation
import Synchronization

/// A program that a test started.
///
/// This and not Foundation's `Process`: on Linux its `run()` looks for the highest open descriptor of the process, and copies
/// each entry of `/proc/self/fd` as 256 bytes of name whatever its length. With more than about 1,350 descriptors, which tests
/// that run in parallel have, it reads past the end of what it was given, and sometimes that ends the whole test run.
package final class ChildProcess: Sendable {
    /// How it ended.
    package enum End: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// It could not be started.
    package struct StartFailure: Error, CustomStringConvertible {
        package let path: String
        package let code: Int32

        package var description: String { "\(path): \(String(cString: strerror(code)))" }
    }

    private enum State {
        case running(waiting: [CheckedContinuation<End, Never>])
        case ended(End)
    }

    package let processIdentifier: Int32
    private let state = Mutex<State>(.running(waiting: []))

    /// Starts a program, which gets no descriptor of this process but those named here.
    ///
    /// - Parameters:
    ///   - environment: everything that is set for it; what is set for this process when `nil`.
    ///   - directory: the current directory of this process when `nil`.
    ///   - standardInput: `/dev/null` when `nil`, as for the other two. A pipe's end stays open in this process as well, until
    ///     it is closed here.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String]? = nil, directory: String? = nil,
        standardInput: FileHandle? = nil, standardOutput: FileHandle? = nil,
        standardError: FileHandle? = .standardError
    ) throws {
        let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0)=\($1)" }
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let settings = variables.map { strdup($0) } + [nil]
        defer { for string in words + settings { free(string) } }
        let streams = [standardInput, standardOutput, standardError]
        var identifier: Int32 = 0
        let code = withExtendedLifetime(streams) {
            oss_spawn(&identifier, path, words, settings, directory ?? ".", streams.map { $0?.fileDescriptor ?? -1 })
        }
        guard code == 0 else { throw StartFailure(path: path, code: code) }
        processIdentifier = identifier
        // A queue of its own has a thread of its own while it waits.
        DispatchQueue(label: "child-process.\(identifier)").async { self.reap() }
    }

    /// Sends it a signal, unless it has ended.
    package func send(_ signal: Int32) {
        state.withLock { state in
            // Its number stays its own until it is reaped, and that happens under the same lock.
            guard case .running = state else { return }
            kill(processIdentifier, signal)
        }
    }

    /// Waits until it has ended, and for nothing else: cancelling the task does not end it.
    @discardableResult
    package func end() async -> End {
        await withCheckedContinuation { continuation in
            let end: End? = state.withLock { state in
                switch state {
                case .running(let waiting):
                    state = .running(waiting: waiting + [continuation])
                    return nil
                case .ended(let end):
                    return end
                }
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) == -1 {
            precondition(errno == EINTR, "somebody else has reaped process \(processIdentifier)")
        }
        let (end, waiting) = state.withLock { state in
            guard case .running(let waiting) = state else { preconditionFailure("reaped twice") }
            var status: Int32 = 0
            while waitpid(processIdentifier, &status, 0) == -1 {
                precondition(errno == EINTR, "somebody else has reaped process \(processIdentifier)")
            }
            // WIFEXITED and its like are macros, which Swift does not see.
            let signal = status & 0x7f
            let end: End = signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
            state = .ended(end)
            return (end, waiting)
        }
        for continuation in waiting { continuation.resume(returning: end) }
    }
}
