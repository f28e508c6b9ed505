#if os(Linux)
    import CLibcurl
    import Foundation
    import Synchronization

    /// A request to be started on the transport's thread, with all data that can be prepared on another thread.
    ///
    /// It is a class, so that its fields are not copied at each step on the way to the thread.
    final class LibcurlJob: Sendable {
        let request: HTTPRequest
        /// Header lines in libcurl's format.
        let headerLines: LibcurlLines
        /// The body if it is small; `nil` if the body is read while it is being sent.
        let smallBody: Data?
        let smallBodyChecksum: UInt64
        let ticket: LibcurlTicket
        /// The channel for the body of a successful response, if it is delivered while it is being received.
        let channel: ResponseChannel?
        let continuation: CheckedContinuation<HTTPResponse, any Error>

        init(
            _ request: HTTPRequest, _ headerLines: LibcurlLines, smallBody: Data?, smallBodyChecksum: UInt64,
            _ ticket: LibcurlTicket, _ channel: ResponseChannel?,
            _ continuation: CheckedContinuation<HTTPResponse, any Error>
        ) {
            (self.request, self.headerLines, self.smallBody) = (request, headerLines, smallBody)
            (self.smallBodyChecksum, self.ticket) = (smallBodyChecksum, ticket)
            (self.channel, self.continuation) = (channel, continuation)
        }
    }

    /// A request identifier that exists before the request's job is created.
    final class LibcurlTicket: Sendable {
        /// Whether the request's task was cancelled.
        let isCancelled = Atomic(false)
    }

    /// A queue of commands for the thread of a transport. Any thread can send commands.
    final class LibcurlMailbox: Sendable {
        enum Command: Sendable {
            case start(LibcurlJob)
            case cancel(LibcurlTicket)
            /// Receives more bytes of a body, because its reader has emptied the buffer.
            case resume(LibcurlTicket)
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

        /// A descriptor that becomes readable when the thread must process commands.
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

        /// Adds a command and wakes the thread if it is waiting. A busy thread finds the command without being woken,
        /// which saves two system calls per request. After the thread has ended, a request fails immediately.
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

        /// Closes the mailbox unless it contains commands, and returns whether it is closed.
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
