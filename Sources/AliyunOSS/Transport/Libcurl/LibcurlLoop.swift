#if os(Linux)
    import CLibcurl
    import Foundation
    import Synchronization

    /// The event loop of a transport, which starts requests, waits for events on their sockets and ends the requests.
    ///
    /// An instance exists only on its own thread. Other threads reach it through its ``LibcurlMailbox``.
    final class LibcurlLoop {
        let configuration: LibcurlTransport.Configuration
        private let mailbox: LibcurlMailbox
        /// The epoll descriptor that the thread uses to wait for events.
        private let events: Int32
        private let share: UnsafeMutableRawPointer?
        private let settings: LibcurlSettings
        /// The pool for new requests; `nil` until the next request.
        private var current: LibcurlConnections?
        /// All pools. Those other than the current one are closed after their requests have ended.
        private var pools: [LibcurlConnections] = []
        private var sockets: [Int32: Socket] = [:]
        /// The descriptors of connections. libcurl reports when it closes one of them, but not when it closes another
        /// descriptor, such as those of its resolver.
        private var connectionDescriptors: Set<Int32> = []
        private var transfers: [UnsafeMutableRawPointer: Running] = [:]
        private var handles: [LibcurlHandle] = []
        /// The time of the last event, stored so that the clock is not read each time an event is handled. Code that may
        /// wait for the disk updates it, so that the wait does not count as inactivity of the network.
        var now = TimeoutClock.Instant.now
        /// The next instant at which the requests' time limits are checked.
        private var nextCheck: TimeoutClock.Instant?
        private var isEnding = false

        private struct Running {
            let transfer: LibcurlTransfer
            let connections: LibcurlConnections
        }

        /// A socket that libcurl uses.
        private struct Socket {
            /// Events that libcurl waits for; 0 while the connection is idle.
            var wanted: UInt32 = 0
            /// Events that are registered with the kernel. They stay registered while a connection is idle, which saves
            /// two system calls per request.
            var registered: UInt32 = 0
            unowned var connections: LibcurlConnections
        }

        /// Starts the thread of a transport.
        ///
        /// - Throws: ``HTTPTransportError`` if there is no free descriptor or the thread cannot be
        /// started.
        static func start(
            _ configuration: LibcurlTransport.Configuration, _ mailbox: LibcurlMailbox
        ) throws(HTTPTransportError) {
            let events = oss_events_create()
            guard events >= 0, oss_events_set(events, mailbox.wakeup, false, UInt32(EVENT_READ), .max) == 0 else {
                if events >= 0 { close(events) }
                throw HTTPTransportError(.unavailable, "epoll failed: \(String(cString: strerror(errno)))")
            }
            let isStarted = SystemThread.start(name: "libcurl", stackLength: 8 << 20) {
                // With OpenSSL, a write to a connection that the peer has closed raises SIGPIPE, which would end the
                // process. While it is blocked, the write only fails.
                var signals = sigset_t()
                sigemptyset(&signals)
                sigaddset(&signals, SIGPIPE)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                LibcurlLoop(configuration, mailbox, events).run()
            }
            guard isStarted else {
                close(events)
                throw HTTPTransportError(
                    .unavailable, "cannot start a thread; raise the limit of processes and threads (ulimit -u)")
            }
        }

        private init(_ configuration: LibcurlTransport.Configuration, _ mailbox: LibcurlMailbox, _ events: Int32) {
            self.configuration = configuration
            self.mailbox = mailbox
            self.events = events
            share = oss_curl_share_create()
            settings = LibcurlSettings(configuration, share: share)
        }

        private func run() {
            var ready = [oss_event](repeating: oss_event(), count: 128)
            while true {
                let count = oss_events_wait(events, &ready, Int32(ready.count), waitingTime())
                now = .now
                for event in ready.prefix(Int(max(0, count))) { handle(event) }
                for command in mailbox.takeAll() { perform(command) }
                fireTimers()
                collectEnded()
                checkTimeLimits()
                if isEnding, transfers.isEmpty, mailbox.closeIfEmpty() { break }
            }
            // Closing connections calls back, so it must not happen in a deinitializer.
            handles = []
            current = nil
            pools = []
            if let share { oss_curl_share_destroy(share) }
            close(events)
        }

        // MARK: Commands

        private func perform(_ command: LibcurlMailbox.Command) {
            switch command {
            case .start(let job): start(job)
            case .cancel(let ticket):
                if let running = running(ticket) { stop(running, CancellationError()) }
            case .resume(let ticket):
                guard let running = running(ticket) else { return }
                running.transfer.resumeReceiving()
                act(running.connections, -1, 0)
            case .discardConnections:
                let previous = current
                current = nil
                if let previous { closeIfUnused(previous) }
            case .shutDown:
                for running in transfers.values { stop(running, LibcurlTransport.shutDownError) }
                isEnding = true
            case .end: isEnding = true
            }
        }

        private func running(_ ticket: LibcurlTicket) -> Running? {
            transfers.values.first { $0.transfer.job.ticket === ticket }
        }

        private func start(_ job: LibcurlJob) {
            if job.ticket.isCancelled.load(ordering: .acquiring) {
                return job.continuation.resume(throwing: CancellationError())
            }
            if isEnding { return job.continuation.resume(throwing: LibcurlTransport.shutDownError) }
            guard let connections = connectionsForRequests(), let handle = handles.popLast() ?? LibcurlHandle() else {
                return job.continuation.resume(
                    throwing: HTTPTransportError(
                        .connectionFailed, "libcurl cannot allocate memory for another request"))
            }
            handle.clearError()
            let transfer = LibcurlTransfer(job, handle, self)
            transfer.prepare {
                handle.reset()
                settings.apply(to: handle)
                setSocketCallbacks(handle)
            }
            guard oss_curl_multi_add(connections.pointer, handle.pointer) == 0 else {
                transfer.stop(HTTPTransportError(.connectionFailed, "libcurl cannot start the request"))
                return transfer.complete(nil)
            }
            connections.count += 1
            transfers[handle.pointer] = Running(transfer: transfer, connections: connections)
            check(by: transfer.clock.nextCheck(after: now))
        }

        /// Ends a request immediately. libcurl closes its connection.
        private func stop(_ running: Running, _ reason: any Error) {
            running.transfer.stop(reason)
            end(running, code: nil)
        }

        private func end(_ running: Running, code: Int32?) {
            let handle = running.transfer.handle
            _ = oss_curl_multi_remove(running.connections.pointer, handle.pointer)
            transfers[handle.pointer] = nil
            running.connections.count -= 1
            running.transfer.complete(code)
            if handles.count < configuration.maximumConnections { handles.append(handle) }
            closeIfUnused(running.connections)
        }

        private func connectionsForRequests() -> LibcurlConnections? {
            if let current { return current }
            current = LibcurlConnections(self, maximum: configuration.maximumConnections)
            if let current { pools.append(current) }
            return current
        }

        private func closeIfUnused(_ connections: LibcurlConnections) {
            guard connections.count == 0, connections !== current else { return }
            pools.removeAll { $0 === connections }
        }

        // MARK: Events

        private func handle(_ event: oss_event) {
            guard event.data != .max else { return oss_wakeup_clear(mailbox.wakeup) }
            let descriptor = Int32(truncatingIfNeeded: event.data)
            guard let socket = sockets[descriptor] else { return }
            guard socket.wanted != 0 else {
                // The server closed an idle connection or sent unexpected bytes. libcurl detects that before it uses
                // the connection again. Until then, the event would be reported repeatedly.
                return register(0, descriptor)
            }
            act(socket.connections, descriptor, Int32(event.events))
        }

        private func act(_ connections: LibcurlConnections, _ descriptor: Int32, _ events: Int32) {
            _ = oss_curl_multi_act(connections.pointer, descriptor, events)
            connections.mayHaveEnded = true
        }

        fileprivate func setWanted(_ wanted: UInt32, _ descriptor: Int32, _ connections: LibcurlConnections) {
            guard wanted != 0 || sockets[descriptor] != nil else { return }
            sockets[descriptor, default: Socket(connections: connections)].wanted = wanted
            if wanted != 0 {
                register(wanted, descriptor)
            } else if !connectionDescriptors.contains(descriptor) {
                register(0, descriptor)
                sockets[descriptor] = nil
            }
        }

        private func register(_ wanted: UInt32, _ descriptor: Int32) {
            guard let registered = sockets[descriptor]?.registered, registered != wanted else { return }
            sockets[descriptor]?.registered = wanted
            _ = oss_events_set(events, descriptor, registered != 0, wanted, UInt64(UInt32(bitPattern: descriptor)))
        }

        fileprivate func noteConnection(_ descriptor: Int32, isOpen: Bool) {
            // Closing a descriptor removes it from epoll, and the system can reuse its number.
            sockets[descriptor] = nil
            if isOpen { connectionDescriptors.insert(descriptor) } else { connectionDescriptors.remove(descriptor) }
        }

        private func setSocketCallbacks(_ handle: LibcurlHandle) {
            let context = Unmanaged.passUnretained(self).toOpaque()
            _ = oss_curl_easy_set_open_callback(handle.pointer, Libcurl.Option.openSocketFunction.rawValue) {
                context, _, address in
                guard let context, let address else { return -1 }
                let (family, type) = (address.pointee.family, address.pointee.type)
                // Without CLOEXEC, a child process would inherit the connection and keep it open.
                let descriptor = socket(family, type | Libcurl.closesOnExec, address.pointee.protocol)
                Unmanaged<LibcurlLoop>.fromOpaque(context).takeUnretainedValue().noteConnection(
                    descriptor, isOpen: true)
                return descriptor
            }
            handle.set(.openSocketContext, context)
            _ = oss_curl_easy_set_close_callback(handle.pointer, Libcurl.Option.closeSocketFunction.rawValue) {
                context, descriptor in
                if let context {
                    let loop = Unmanaged<LibcurlLoop>.fromOpaque(context).takeUnretainedValue()
                    loop.noteConnection(descriptor, isOpen: false)
                }
                return close(descriptor)
            }
            handle.set(.closeSocketContext, context)
        }

        // MARK: Time

        /// Returns the time to wait for an event, in milliseconds, or -1 for no limit.
        private func waitingTime() -> Int32 {
            guard mailbox.prepareToWait() else { return 0 }
            var deadline = nextCheck
            for connections in pools {
                if let timer = connections.timer { deadline = min(timer, deadline ?? timer) }
            }
            guard let deadline else { return -1 }
            let (seconds, attoseconds) = max(deadline - .now, .zero).components
            guard seconds < 3600 else { return 3_600_000 }
            // Rounded up, so that the deadline has passed when the thread wakes up.
            return Int32(seconds) * 1000 + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        }

        private func fireTimers() {
            for connections in pools {
                // An action may set a timer for another immediate action, so each pool acts at most four times per
                // round.
                for _ in 0..<4 {
                    guard let timer = connections.timer, timer <= now else { break }
                    connections.timer = nil
                    act(connections, -1, 0)
                }
            }
        }

        private func collectEnded() {
            for connections in pools where connections.mayHaveEnded {
                connections.mayHaveEnded = false
                var code: Int32 = 0
                while let pointer = oss_curl_multi_next_ended(connections.pointer, &code) {
                    if let running = transfers[pointer] { end(running, code: code) }
                }
            }
        }

        private func check(by deadline: TimeoutClock.Instant) {
            nextCheck = min(nextCheck ?? deadline, deadline)
        }

        private func checkTimeLimits() {
            guard let due = nextCheck, due <= now else { return }
            nextCheck = nil
            for running in transfers.values {
                let clock = running.transfer.clock
                if let limit = clock.expired(at: now) {
                    stop(running, limit == .reader ? UnreadBodyError() : clock.error(for: limit))
                } else {
                    check(by: clock.nextCheck(after: now))
                }
            }
        }
    }

    /// A connection pool, implemented by a libcurl multi handle.
    private final class LibcurlConnections {
        let pointer: UnsafeMutableRawPointer
        /// The number of requests in flight.
        var count = 0
        /// The time at which libcurl must be called; `nil` if it has set no timer.
        var timer: TimeoutClock.Instant?
        /// Whether a request may have ended since the last check.
        var mayHaveEnded = false
        private unowned let loop: LibcurlLoop

        /// Creates a pool, or returns `nil` if there is not enough memory.
        init?(_ loop: LibcurlLoop, maximum: Int) {
            guard let pointer = oss_curl_multi_create() else { return nil }
            self.pointer = pointer
            self.loop = loop
            // CURLMOPT_MAXCONNECTS: without it, libcurl keeps four times as many connections open as there were requests.
            _ = oss_curl_multi_set_integer(pointer, 6, maximum)
            _ = oss_curl_multi_set_callbacks(
                pointer,
                { _, descriptor, events, context, _ in
                    guard let context else { return -1 }
                    let connections = Unmanaged<LibcurlConnections>.fromOpaque(context).takeUnretainedValue()
                    // CURL_POLL_REMOVE is 4.
                    connections.loop.setWanted(events == 4 ? 0 : UInt32(events), descriptor, connections)
                    return 0
                },
                { _, milliseconds, context in
                    guard let context else { return -1 }
                    let connections = Unmanaged<LibcurlConnections>.fromOpaque(context).takeUnretainedValue()
                    connections.timer = milliseconds < 0 ? nil : connections.loop.now + .milliseconds(milliseconds)
                    return 0
                }, Unmanaged.passUnretained(self).toOpaque())
        }

        deinit {
            // No call back to an object that no longer exists.
            _ = oss_curl_multi_set_callbacks(pointer, nil, nil, nil)
            oss_curl_multi_destroy(pointer)
        }
    }
#endif
