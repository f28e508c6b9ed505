import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A transport based on Foundation's URLSession, for Linux and Apple platforms.
///
/// Foundation on Linux has defects that lose data or block the process. `Docs/LinuxTransport.md` lists them with their
/// workarounds and tests.
///
/// On Linux, libcurl uses the environment variables `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, and
/// neither this type nor Foundation can disable that. On Apple platforms the system's proxy settings apply.
public final class URLSessionTransport: HTTPTransport {
    /// The configuration of a transport.
    public struct Configuration: Sendable {
        /// Maximum number of concurrent requests, at least 1. Further requests wait, and waiting does not count toward
        /// timeouts. Each request uses at most one connection and about 300 KiB of buffers. Default: 64.
        public var maximumConnections = 64
        /// The `User-Agent` for requests that do not specify one. The library's own requests specify the name and
        /// version of the library. Default: the name of this type.
        public var userAgent = "URLSessionTransport"

        /// Creates the default configuration.
        public init() {}
    }

    /// A session and its delegate. Each session needs its own delegate, because task identifiers are unique within one
    /// session.
    private struct Pool {
        let session: URLSession
        let delegate: SessionDelegate
    }

    private struct Lifecycle {
        var isShutDown = false
        var isInvalidated = false
        var running: [ObjectIdentifier: InFlightRequest] = [:]

        /// Returns whether the caller must invalidate the session now; `true` at most once. Creating a task on an
        /// invalidated session traps.
        mutating func shouldInvalidate() -> Bool {
            guard isShutDown, running.isEmpty, !isInvalidated else { return false }
            isInvalidated = true
            return true
        }
    }

    private let configuration: Configuration
    /// The pool that holds the session for new requests.
    private let pool: Mutex<Pool>
    private let makePool: @Sendable () -> Pool
    /// Semaphore that limits concurrent requests; `nil` if the owner limits them.
    private let slots: AsyncSemaphore?
    private let watchdog: Watchdog
    /// The queue on which tasks are created, resumed and cancelled. Each of these calls waits for the queue that drives
    /// all networking of the process, so they must run neither there, where they would deadlock, nor on the threads of
    /// Swift's tasks.
    private let control = DispatchQueue(label: "HTTP transport", qos: .userInitiated)
    private let lifecycle = Mutex(Lifecycle())

    /// Creates a transport with its own connection pool.
    ///
    /// - Parameter configuration: The configuration.
    public convenience init(configuration: Configuration = Configuration()) {
        self.init(configuration, isLimitedByOwner: false)
    }

    /// Creates a transport with its own connection pool.
    ///
    /// - Parameter isLimitedByOwner: Whether the caller sends at most `maximumConnections` requests at a time, so that
    ///   the transport does not count them, too.
    init(_ configuration: Configuration, isLimitedByOwner: Bool) {
        var configuration = configuration
        configuration.maximumConnections = max(1, configuration.maximumConnections)
        self.configuration = configuration
        slots = isLimitedByOwner ? nil : AsyncSemaphore(configuration.maximumConnections)
        watchdog = Watchdog(queue: control)
        #if canImport(FoundationNetworking)
            let queue: OperationQueue? = InlineOperationQueue()
        #else
            let queue: OperationQueue? = nil
        #endif
        let (control, maximumConnections) = (control, configuration.maximumConnections)
        makePool = {
            let delegate = SessionDelegate(control: control)
            let session = URLSession(
                configuration: .plain(maximumConnections: maximumConnections), delegate: delegate, delegateQueue: queue)
            return Pool(session: session, delegate: delegate)
        }
        pool = Mutex(makePool())
    }

    deinit {
        // The session retains its delegate until it is invalidated. No request is in flight, because each retains this
        // object.
        if lifecycle.withLock({ !$0.isInvalidated }) { pool.withLock { $0.session.finishTasksAndInvalidate() } }
    }

    /// Sends a request and returns after the entire response has been received and its body stored in the destination of the request.
    ///
    /// - Returns: The response, with any status.
    /// - Throws: ``HTTPTransportError``, or `CancellationError` if the task was cancelled. By the time an error is
    ///   thrown, the destination is no longer written to, and the file of the body is no longer read.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try Task.checkCancellation()
        let translated = try request.translated(userAgent: configuration.userAgent)
        if lifecycle.withLock({ $0.isShutDown }) { throw Self.shutDownError }
        return try await slots.withPermit { try await perform(request, translated) }
    }

    /// Ends all requests in flight with ``HTTPTransportError/Kind/shutDown``, rejects new ones and closes the
    /// connections. Calling this method again does nothing.
    public func shutDown() {
        let (running, invalidates) = lifecycle.withLock { lifecycle in
            lifecycle.isShutDown = true
            return (Array(lifecycle.running.values), lifecycle.shouldInvalidate())
        }
        for inFlight in running { inFlight.stop(.shutDown) }
        if invalidates { invalidate() }
    }

    /// Uses new connections for further requests, and closes the old ones after their requests have ended.
    public func discardConnections() {
        // On `control`, where tasks are created: creating one on an invalidated session traps.
        control.async { [self] in
            guard lifecycle.withLock({ !$0.isInvalidated }) else { return }
            let old = pool.withLock { pool in
                defer { pool = makePool() }
                return pool
            }
            old.session.finishTasksAndInvalidate()
        }
    }

    private func perform(_ request: HTTPRequest, _ translated: URLRequest) async throws -> HTTPResponse {
        let inFlight = InFlightRequest(request, control: control, watchdog: watchdog)
        try enter(inFlight)
        defer { leave(inFlight) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                inFlight.begin(continuation)
                control.async { self.start(inFlight, translated) }
            }
        } onCancel: {
            inFlight.stop(.cancelled)
        }
    }

    /// Starts a request. It runs on `control`, as every cancellation does, so a cancellation comes entirely before or
    /// after it.
    private func start(_ inFlight: InFlightRequest, _ translated: URLRequest) {
        guard !inFlight.isOver else { return inFlight.complete(nil) }
        var translated = translated
        if inFlight.request.body.length > 0 { translated.httpBodyStream = inFlight.makeBodyStream() }
        let task = pool.withLock { pool in
            let task = pool.session.dataTask(with: translated)
            pool.delegate.add(inFlight, for: task)
            return task
        }
        inFlight.start(task)
        task.resume()
    }

    private func enter(_ inFlight: InFlightRequest) throws(HTTPTransportError) {
        let isShutDown = lifecycle.withLock { lifecycle in
            if !lifecycle.isShutDown { lifecycle.running[ObjectIdentifier(inFlight)] = inFlight }
            return lifecycle.isShutDown
        }
        if isShutDown { throw Self.shutDownError }
    }

    private func leave(_ inFlight: InFlightRequest) {
        let invalidates = lifecycle.withLock { lifecycle in
            lifecycle.running[ObjectIdentifier(inFlight)] = nil
            return lifecycle.shouldInvalidate()
        }
        if invalidates { invalidate() }
    }

    private func invalidate() {
        control.async { self.pool.withLock { $0.session.finishTasksAndInvalidate() } }
    }

    private static var shutDownError: HTTPTransportError {
        HTTPTransportError(.shutDown, "the transport has been shut down")
    }
}

extension URLSessionTransport: CustomReflectable {
    /// An empty mirror, because the session refers to requests in flight, which contain tokens and signatures.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension URLSessionConfiguration {
    /// Returns a configuration without caches, cookies or stored credentials.
    fileprivate static func plain(maximumConnections: Int) -> URLSessionConfiguration {
        #if canImport(FoundationNetworking)
            FoundationDirectories.removeAtExit()
        #endif
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.urlCredentialStorage = nil
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpMaximumConnectionsPerHost = maximumConnections
        configuration.timeoutIntervalForRequest = 1_000_000
        configuration.timeoutIntervalForResource = 1_000_000
        return configuration
    }
}

#if canImport(FoundationNetworking)

    /// A queue that runs the session's delegate calls inline, on the thread that drives libcurl.
    ///
    /// An ordinary queue copies every 16 KiB of a response into an operation and buffers as many as the network
    /// delivers, so a slow disk fills the memory with the entire object. Inline, libcurl waits for the write. In
    /// exchange, a delegate call must not block on the network, and must not cancel, create or resume a task.
    final class InlineOperationQueue: OperationQueue, @unchecked Sendable {
        // Unchecked because OperationQueue is. This subclass adds no state.

        override func addOperation(_ block: @escaping @Sendable () -> Void) {
            block()
        }
    }
#endif
