#if os(Linux)
    import CLibcurl
    import Foundation
    import OSSPrimitives
    import Synchronization

    /// A transport for Linux that is based on the system's libcurl.
    ///
    /// It uses a fraction of the processor time of ``URLSessionTransport``, which uses the same libcurl through
    /// Foundation, and none while it waits. See `Docs/LinuxTransport.md`.
    ///
    /// ```swift
    /// var configuration = BucketConfiguration()
    /// configuration.transport = try .libcurl()
    /// ```
    public final class LibcurlTransport: HTTPTransport {
        private let configuration: Configuration
        /// The mailboxes of the threads, of which each has its own connections.
        private let mailboxes: [LibcurlMailbox]
        private let nextMailbox = Atomic(0)
        private let slots: AsyncSemaphore
        private let isShutDown = Atomic(false)

        /// Creates a transport with its own thread and connections.
        ///
        /// - Parameter configuration: The configuration.
        /// - Throws: ``HTTPTransportError`` with kind ``HTTPTransportError/Kind/unavailable`` if this machine has no
        ///   suitable libcurl, or with kind ``HTTPTransportError/Kind/invalidRequest`` if the configuration is not valid.
        public init(configuration: Configuration = Configuration()) throws {
            _ = try Libcurl.load()
            try configuration.validate()
            self.configuration = configuration
            slots = AsyncSemaphore(configuration.maximumConnections)
            let threadCount = min(configuration.threadCount, configuration.maximumConnections)
            var shared = configuration
            shared.maximumConnections = (configuration.maximumConnections + threadCount - 1) / threadCount
            mailboxes = try (0..<threadCount).map { _ in try LibcurlMailbox() }
            var started: [LibcurlMailbox] = []
            do {
                for mailbox in mailboxes {
                    try LibcurlLoop.start(shared, mailbox)
                    started.append(mailbox)
                }
            } catch {
                for mailbox in started { mailbox.send(.end) }
                throw error
            }
        }

        deinit { sendToAll(.end) }

        private func sendToAll(_ command: LibcurlMailbox.Command) {
            for mailbox in mailboxes { mailbox.send(command) }
        }

        private func takeMailbox() -> LibcurlMailbox {
            mailboxes[(nextMailbox.wrappingAdd(1, ordering: .relaxed).oldValue & .max) % mailboxes.count]
        }

        /// Sends a request and returns after the entire response has been received and its body stored in the destination of the request.
        ///
        /// - Returns: The response, with any status.
        /// - Throws: ``HTTPTransportError``, or `CancellationError` if the task was cancelled. By the time an error is
        ///   thrown, the destination is no longer written to, and the file of the body is no longer read.
        public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
            try await slots.withPermit { try await perform(request, LibcurlTicket(), takeMailbox()) }
        }

        func stream(_ request: HTTPRequest, capacity: Int) async throws -> HTTPResponse {
            let permit = try await slots.acquire()
            defer { withExtendedLifetime(permit) {} }
            let (ticket, mailbox) = (LibcurlTicket(), takeMailbox())
            let channel = ResponseChannel(capacity: capacity) {
                mailbox.send(.resume(ticket))
            } cancel: {
                mailbox.send(.cancel(ticket))
            }
            let response = try await perform(request, ticket, mailbox, channel)
            if response.stream != nil { channel.hold(permit) } else { permit.release() }
            return response
        }

        private func perform(
            _ request: HTTPRequest, _ ticket: LibcurlTicket, _ mailbox: LibcurlMailbox,
            _ channel: ResponseChannel? = nil
        ) async throws -> HTTPResponse {
            try Task.checkCancellation()
            let lines = try request.headerLines(userAgent: configuration.userAgent)
            if isShutDown.load(ordering: .acquiring) { throw Self.shutDownError }
            // A small body is read here, so that the transport's thread does not wait for the disk.
            let body = try request.smallBody()
            let checksum = body.map { CRC64.checksum($0) } ?? 0
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    mailbox.send(
                        .start(
                            LibcurlJob(
                                request, lines, smallBody: body, smallBodyChecksum: checksum, ticket, channel,
                                continuation)))
                }
            } onCancel: {
                // The flag cancels a job that the thread has not yet started, and the command cancels one that it has.
                ticket.isCancelled.store(true, ordering: .releasing)
                mailbox.send(.cancel(ticket))
            }
        }

        /// Ends all requests in flight with ``HTTPTransportError/Kind/shutDown``, rejects new ones and closes the
        /// connections. Calling this method again does nothing.
        public func shutDown() {
            isShutDown.store(true, ordering: .releasing)
            sendToAll(.shutDown)
        }

        /// Uses new connections for further requests, and closes the old ones after their requests have ended.
        public func discardConnections() { sendToAll(.discardConnections) }

        /// Whether the environment variables specify the proxy.
        var usesProxyOfEnvironment: Bool { if case .environment = configuration.proxy.source { true } else { false } }

        /// The URL of the proxy in the configuration; `nil` if there is none.
        var configuredProxy: String? {
            if case .url(let url, _, _) = configuration.proxy.source { url } else { nil }
        }

        static var shutDownError: HTTPTransportError {
            HTTPTransportError(.shutDown, "the transport has been shut down")
        }
    }

    extension HTTPRequest {
        /// Returns the header lines in libcurl's format.
        ///
        /// - Throws: ``HTTPTransportError/Kind/invalidRequest`` if the request cannot be sent exactly as given.
        fileprivate func headerLines(userAgent: String) throws(HTTPTransportError) -> LibcurlLines {
            var lines = LibcurlLines()
            var hasContentType = false
            for (name, value) in try checkedFields(userAgent: userAgent) {
                // libcurl adds the length itself.
                if name.equalsIgnoringASCIICase("Content-Length") { continue }
                if name.equalsIgnoringASCIICase("Content-Type") { hasContentType = true }
                // A name without a value would remove a header.
                if value.isEmpty { lines.append(name, ";") } else { lines.append(name, ": ", value) }
            }
            // Headers that libcurl would add: a name without a value removes them.
            lines.append("Accept:")
            lines.append("Expect:")
            if !hasContentType { lines.append("Content-Type:") }
            return lines
        }

        /// Reads a body of at most 64 KiB, or returns `nil` if the body is longer. libcurl sends such a body together
        /// with the headers.
        ///
        /// - Throws: ``HTTPTransportError/Kind/bodyReadFailed``.
        fileprivate func smallBody() throws(HTTPTransportError) -> Data? {
            guard body.length <= 64 << 10 else { return nil }
            switch body {
            case .none: return Data()
            case .data(let data): return data
            case .file:
                var data = Data(count: Int(body.length))
                let failure = data.withUnsafeMutableBytes { buffer -> HTTPTransportError? in
                    do throws(HTTPTransportError) {
                        try body.read(into: buffer, at: 0)
                        return nil
                    } catch { return error }
                }
                if let failure { throw failure }
                return data
            }
        }
    }

    extension LibcurlTransport: CustomReflectable {
        /// An empty mirror, because requests in flight contain tokens and signatures.
        public var customMirror: Mirror { Mirror(self, children: [:]) }
    }
#endif
