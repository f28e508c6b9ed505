import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Sends requests through Foundation's URLSession, on Linux and on Apple's systems.
///
/// Foundation on Linux has traps that lose data or hang the process; `Docs/LinuxTransport.md` lists them, what this type
/// does about each, and the test that proves it.
///
/// On Linux the environment's `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are honoured by libcurl, and
/// neither this type nor Foundation can set them aside; on Apple's systems the system's proxy settings apply.
public final class URLSessionTransport: HTTPTransport {
    /// How a transport behaves.
    public struct Configuration: Sendable {
        /// The number of requests in flight at a time. More of them wait, and their waiting counts for no timeout.
        /// Each may hold one connection and about 300 KiB of buffers. Default: 64; the least is 1.
        public var maximumConnections = 64
        /// The `User-Agent` of requests that have none of their own. The library's own requests have one: its name and
        /// version. Default: the name of this type.
        public var userAgent = "URLSessionTransport"

        /// The defaults.
        public init() {}
    }

    /// A session and the delegate that it reports to. Each session needs its own: the identifiers of tasks are unique within
    /// one session only.
    private struct Pool {
        let session: URLSession
        let delegate: SessionDelegate
    }

    private struct Lifecycle {
        var isShutDown = false
        var isInvalidated = false
        var running: [ObjectIdentifier: InFlightRequest] = [:]

        /// Whether it is now that the session must be invalidated: creating a task on an invalidated one is a trap.
        mutating func shouldInvalidate() -> Bool {
            guard isShutDown, running.isEmpty, !isInvalidated else { return false }
            isInvalidated = true
            return true
        }
    }

    private let configuration: Configuration
    /// The session that requests start on, with its connections.
    private let pool: Mutex<Pool>
    private let makePool: @Sendable () -> Pool
    private let slots: AsyncSemaphore
    private let watchdog: Watchdog
    /// Where tasks are created, resumed and cancelled. Each of these waits for the queue that drives all networking of
    /// the process, so they run neither there, which would wait for ever, nor on the threads that run Swift's tasks.
    private let control = DispatchQueue(label: "HTTP transport", qos: .userInitiated)
    private let lifecycle = Mutex(Lifecycle())

    /// Makes a transport with a connection pool of its own.
    ///
    /// - Parameter configuration: how it behaves. Default: see ``Configuration``.
    public init(configuration: Configuration = Configuration()) {
        var configuration = configuration
        configuration.maximumConnections = max(1, configuration.maximumConnections)
        self.configuration = configuration
        slots = AsyncSemaphore(configuration.maximumConnections)
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
        // The session keeps its delegate until it is invalidated. No request is running: each holds this object.
        if lifecycle.withLock({ !$0.isInvalidated }) { pool.withLock { $0.session.finishTasksAndInvalidate() } }
    }

    /// Sends a request and returns once the whole response has arrived at its destination.
    ///
    /// - Returns: the response, whatever its status.
    /// - Throws: ``HTTPTransportError``, or `CancellationError` when the task was cancelled. By the time it throws,
    ///   nothing is written to the destination and the body's file is not read any more.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try Task.checkCancellation()
        let translated = try request.translated(userAgent: configuration.userAgent)
        if lifecycle.withLock({ $0.isShutDown }) { throw Self.shutDownError }
        return try await slots.withPermit { try await perform(request, translated) }
    }

    /// Ends every request in flight with ``HTTPTransportError/Kind/shutDown``, refuses new ones, and closes the
    /// connections. Calling it again does nothing.
    public func shutDown() {
        let (running, invalidates) = lifecycle.withLock { lifecycle in
            lifecycle.isShutDown = true
            return (Array(lifecycle.running.values), lifecycle.shouldInvalidate())
        }
        for exchange in running { exchange.stop(.shutDown) }
        if invalidates { invalidate() }
    }

    /// Starts the next requests on new connections, and closes the old ones when their requests have ended.
    public func discardConnections() {
        // On `control`, where tasks are created: on an invalidated session that is a trap.
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
        let exchange = InFlightRequest(request, control: control, watchdog: watchdog)
        try enter(exchange)
        defer { leave(exchange) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                exchange.begin(continuation)
                control.async { self.start(exchange, translated) }
            }
        } onCancel: {
            exchange.stop(.cancelled)
        }
    }

    /// Runs on `control`, as every cancellation does, so a cancellation comes wholly before this or wholly after.
    private func start(_ exchange: InFlightRequest, _ translated: URLRequest) {
        guard !exchange.isOver else { return exchange.complete(nil) }
        var translated = translated
        if exchange.request.body.length > 0 { translated.httpBodyStream = exchange.makeBodyStream() }
        let task = pool.withLock { pool in
            let task = pool.session.dataTask(with: translated)
            pool.delegate.add(exchange, for: task)
            return task
        }
        exchange.start(task)
        task.resume()
    }

    private func enter(_ exchange: InFlightRequest) throws(HTTPTransportError) {
        let isShutDown = lifecycle.withLock { lifecycle in
            if !lifecycle.isShutDown { lifecycle.running[ObjectIdentifier(exchange)] = exchange }
            return lifecycle.isShutDown
        }
        if isShutDown { throw Self.shutDownError }
    }

    private func leave(_ exchange: InFlightRequest) {
        let invalidates = lifecycle.withLock { lifecycle in
            lifecycle.running[ObjectIdentifier(exchange)] = nil
            return lifecycle.shouldInvalidate()
        }
        if invalidates { invalidate() }
    }

    private func invalidate() {
        control.async { self.pool.withLock { $0.session.finishTasksAndInvalidate() } }
    }

    private static var shutDownError: HTTPTransportError {
        HTTPTransportError(.shutDown, "the transport was shut down")
    }
}

extension URLSessionTransport: CustomReflectable {
    /// Shows nothing: the session leads to the requests in flight, which have tokens and signatures in them.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension URLSessionConfiguration {
    /// Nothing is remembered between requests, and no setting of the user's or the system's gets in.
    fileprivate static func plain(maximumConnections: Int) -> URLSessionConfiguration {
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

    /// Runs the session's delegate calls where they arise, on the thread that drives libcurl.
    ///
    /// An ordinary queue copies every 16 KiB of a response into an operation of its own and keeps as many as the network can
    /// deliver: a slow disk then fills the memory with the whole object. Run inline, libcurl waits for the write. The
    /// price is that a delegate call must never block on the network, and never cancel, create or resume a task.
    final class InlineOperationQueue: OperationQueue, @unchecked Sendable {
        // Unchecked, because OperationQueue is: this subclass adds no state of its own.

        override func addOperation(_ block: @escaping @Sendable () -> Void) {
            block()
        }
    }
#endif
