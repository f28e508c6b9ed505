#if os(Linux)
    import CLibcurl
    import Foundation
    import Synchronization

    /// A request on its way to the thread of the transport, with everything that can be prepared on another thread.
    struct LibcurlJob: Sendable {
        let request: HTTPRequest
        /// The header lines, as libcurl expects them.
        let headerLines: [String]
        /// The body, if it is small; `nil` if it is read while it is being sent.
        let smallBody: Data?
        let smallBodyChecksum: UInt64
        let ticket: LibcurlTicket
        let continuation: CheckedContinuation<HTTPResponse, any Error>
    }

    /// The identity of a request, known before its job exists.
    final class LibcurlTicket: Sendable {
        /// Whether the task of the request was cancelled.
        let isCancelled = Atomic(false)
    }

    /// The commands for the thread of a transport, sent from any thread.
    final class LibcurlMailbox: Sendable {
        enum Command: Sendable {
            case start(LibcurlJob)
            case cancel(LibcurlTicket)
            case discardConnections
            case shutDown
            /// Ends the thread after its last request.
            case end
        }

        private struct State {
            var commands: [Command] = []
            /// Whether the thread waits for events and must be woken up.
            var isWaiting = false
            /// Whether the thread has ended.
            var isClosed = false
        }

        /// A descriptor that is readable when the thread must look for commands.
        let wakeup: Int32
        private let state = Mutex(State())

        /// Creates an empty mailbox.
        ///
        /// - Throws: ``HTTPTransportError`` if there is no free descriptor.
        init() throws(HTTPTransportError) {
            wakeup = oss_wakeup_create()
            guard wakeup >= 0 else {
                throw HTTPTransportError(.unavailable, "eventfd failed: \(String(cString: strerror(errno)))")
            }
        }

        deinit { close(wakeup) }

        /// Adds a command and wakes the thread up if it waits. A thread that is busy finds the command by itself, which
        /// saves two system calls per request. After the thread has ended, a request fails at once.
        func send(_ command: Command) {
            let (mustWake, isClosed) = state.withLock { state in
                if !state.isClosed { state.commands.append(command) }
                defer { state.isWaiting = false }
                return (state.isWaiting, state.isClosed)
            }
            if mustWake { oss_wakeup_signal(wakeup) }
            if isClosed, case .start(let job) = command {
                job.continuation.resume(throwing: LibcurlTransport.shutDownError)
            }
        }

        /// Closes the mailbox unless it contains commands. Returns whether it is closed.
        func closeIfEmpty() -> Bool {
            state.withLock { state in
                state.isClosed = state.commands.isEmpty
                return state.isClosed
            }
        }

        /// Removes and returns all commands.
        func takeAll() -> [Command] {
            state.withLock { state in
                state.isWaiting = false
                guard !state.commands.isEmpty else { return [] }
                defer { state.commands.removeAll(keepingCapacity: true) }
                return state.commands
            }
        }

        /// Returns whether the thread may wait for events because there is no command.
        func prepareToWait() -> Bool {
            state.withLock { state in
                state.isWaiting = state.commands.isEmpty
                return state.isWaiting
            }
        }
    }
#endif
