import CSystem
import Dispatch
import Foundation
import Synchronization

/// A program that a test started.
///
/// Foundation's `Process` is not used: on Linux its `run()` copies each entry of `/proc/self/fd` as a name of 256 bytes, and
/// with more than about 1,350 open descriptors, which parallel tests have, it reads past a buffer and may crash.
package final class ChildProcess: Sendable {
    /// The result of a process.
    package enum End: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// An error for a program that could not be started.
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

    /// Starts a program, which inherits only the given descriptors.
    ///
    /// - Parameters:
    ///   - environment: Entire environment of the program; `nil` for that of this process.
    ///   - directory: Current directory of the program; `nil` for that of this process.
    ///   - standardInput: Standard input of the program; `nil` for `/dev/null`, as for the other two streams. This
    ///     process must close its own copy of the end of a pipe.
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
            oss_spawn(
                &identifier, path, words, settings, directory, streams.map { $0?.fileDescriptor ?? -1 }, 0)
        }
        guard code == 0 else { throw StartFailure(path: path, code: code) }
        processIdentifier = identifier
        // A separate queue, because waiting blocks a thread.
        DispatchQueue(label: "child-process.\(identifier)").async { self.reap() }
    }

    /// Returns whether the program has opened the file or pipe with the given name. Without `/proc`, returns `true`.
    package func hasOpen(_ name: String) -> Bool {
        #if os(Linux)
            let directory = "/proc/\(processIdentifier)/fd"
            let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
            return descriptors.contains {
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)"))?
                    .hasSuffix("/\(name)") ?? false
            }
        #else
            return true
        #endif
    }

    /// Sends a signal, unless the process has ended.
    package func send(_ signal: Int32) {
        state.withLock { state in
            // The process ID cannot be reused before the process is reaped, which happens under the same lock.
            guard case .running = state else { return }
            kill(processIdentifier, signal)
        }
    }

    /// Waits until the process has ended. Cancelling the task does not end the wait.
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

    /// Finds an executable product of this package in the directory of the tests.
    package static func builtExecutable(_ name: String) throws -> URL {
        // On Linux the tests are an executable; on Apple platforms a bundle that another program loads.
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        let directory = (bundle ?? Bundle.main.executableURL ?? Bundle.main.bundleURL).deletingLastPathComponent()
        let url = directory.appendingPathComponent(name)
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            throw CocoaError(.executableNotLoadable, userInfo: [NSFilePathErrorKey: url.path])
        }
        return url
    }

    private func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(processIdentifier), &information, WEXITED | WNOWAIT) == -1 {
            precondition(errno == EINTR, "another caller has reaped process \(processIdentifier)")
        }
        let (end, waiting) = state.withLock { state in
            guard case .running(let waiting) = state else { preconditionFailure("reaped twice") }
            var status: Int32 = 0
            while waitpid(processIdentifier, &status, 0) == -1 {
                precondition(errno == EINTR, "another caller has reaped process \(processIdentifier)")
            }
            // WIFEXITED and similar macros are not imported into Swift.
            let signal = status & 0x7f
            let end: End = signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
            state = .ended(end)
            return (end, waiting)
        }
        for continuation in waiting { continuation.resume(returning: end) }
    }
}

/// A pipe to or from a program. Other programs do not inherit its ends. An end is closed when its last reference is
/// released.
///
/// A reader reaches the end only when all writing ends are closed, including the one in this process.
package struct ChildPipe: Sendable {
    package let reading: FileHandle
    package let writing: FileHandle

    package init() throws {
        var ends: [Int32] = [-1, -1]
        let code = oss_pipe(&ends)
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EMFILE) }
        reading = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        writing = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }
}
