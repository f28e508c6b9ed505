import Foundation
import OSSPrimitives
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A request in flight, with its byte counts, the reason for stopping it, and the continuation of its caller.
///
/// Only ``complete(_:)``, which the session calls last, resumes the caller. After that, its file is neither written nor
/// read.
final class InFlightRequest: Sendable {
    /// The reason that the client ended a request.
    enum StopReason {
        case cancelled
        case timedOut(HTTPTransportError)
        case shutDown
        /// The request's body could not be read, or the response was not accepted.
        case failed(HTTPTransportError)
    }

    private struct State {
        var continuation: CheckedContinuation<HTTPResponse, any Error>?
        var task: URLSessionTask?
        var clock: TimeoutClock?
        var stopReason: StopReason?
        var head: HTTPResponseHead?
        var pass = 0
        var sentLength: Int64 = 0
        var sentChecksum = CRC64()
        var receivedLength: Int64 = 0
        var wasChallenged = false
        var isOver = false
        /// Whether the task is being cancelled.
        var isCancelling = false
        /// Whether the task will end by itself, with a redirect as its response.
        var endsByItself = false
    }

    let request: HTTPRequest
    private let control: DispatchQueue
    private let watchdog: Watchdog
    private let state = Mutex(State())
    /// The writer of the response body. The writer has its own lock, so that a cancellation never waits for a slow
    /// disk.
    private let writer: Mutex<ResponseBodyWriter>

    /// Creates a request. Its task is created, resumed and cancelled only on `control`.
    init(_ request: HTTPRequest, control: DispatchQueue, watchdog: Watchdog) {
        self.request = request
        self.control = control
        self.watchdog = watchdog
        writer = Mutex(ResponseBodyWriter(request.destination))
    }

    // MARK: The caller's side

    /// Stores the continuation to resume when the request ends.
    func begin(_ continuation: CheckedContinuation<HTTPResponse, any Error>) {
        state.withLock { $0.continuation = continuation }
    }

    /// Stores the task that is about to be resumed. The time limits start now.
    func start(_ task: URLSessionTask) {
        state.withLock {
            $0.task = task
            $0.clock = TimeoutClock(
                timeouts: request.timeouts, hasBody: request.body.length > 0, started: .now)
        }
        watchdog.watch(self)
    }

    /// Ends the request for the given reason. Only the first reason is recorded.
    func stop(_ reason: StopReason) {
        let isFirst = state.withLock { state in
            guard state.stopReason == nil, !state.isOver else { return false }
            state.stopReason = reason
            return true
        }
        guard isFirst else { return }
        // On Linux, cancel() waits for the queue that may be executing this call, so a direct call would deadlock (see
        // LinuxTransport.md).
        control.async {
            let task = self.state.withLock { state -> URLSessionTask? in
                guard !state.endsByItself else { return nil }
                state.isCancelling = true
                return state.task
            }
            task?.cancel()
        }
    }

    /// Returns whether a redirect may be refused. If it may, the task ends without being cancelled.
    ///
    /// Foundation on Linux traps when a redirect is refused after a cancellation (HTTPURLProtocol.swift: "Received
    /// callback for HTTP redirection, but we're not waiting for it"), so a task gets either the refusal or the
    /// cancellation.
    func mayRefuseRedirect() -> Bool {
        state.withLock { state in
            guard !state.isCancelling else { return false }
            state.endsByItself = true
            return true
        }
    }

    /// Whether the request was stopped or has ended, in which case its body must no longer be read.
    var isOver: Bool {
        state.withLock { $0.isOver || $0.stopReason != nil }
    }

    // MARK: Time

    /// The instant at which the next time limit is exceeded if no bytes are transferred; `nil` after the request has
    /// ended.
    var deadline: TimeoutClock.Instant? {
        state.withLock { state in
            state.isOver || state.stopReason != nil ? nil : state.clock?.deadline.instant
        }
    }

    func stopIfExpired(at now: TimeoutClock.Instant) {
        let error = state.withLock { state in
            state.clock.flatMap { clock in clock.expired(at: now).map(clock.error(for:)) }
        }
        if let error { stop(.timedOut(error)) }
    }

    // MARK: The session's side

    /// Creates a stream that starts at the beginning of the request's body. Its counts replace those of an earlier
    /// stream.
    func makeBodyStream() -> BodyStream {
        let pass = state.withLock { state in
            state.pass += 1
            state.sentLength = 0
            state.sentChecksum = CRC64()
            return state.pass
        }
        return BodyStream(request.body, pass: pass, for: self)
    }

    func didSend(_ bytes: UnsafeRawBufferPointer, pass: Int) {
        moved { state in
            guard state.pass == pass else { return }
            state.sentLength += Int64(bytes.count)
            state.sentChecksum.update(bytes)
        }
    }

    /// Whether the request is still waiting for the status and headers of the response.
    var awaitsHead: Bool {
        state.withLock { $0.head == nil }
    }

    func didReceive(_ head: HTTPResponseHead) {
        let isNew = state.withLock { state in
            defer { state.head = head }
            return state.head == nil && !state.isOver
        }
        guard isNew else { return }
        moved { $0.clock?.awaitsResponse = false }
        if let refusal = HTTPErrorClassifier.refusal(of: head, to: request.method) {
            return stop(.failed(refusal))
        }
        let announced = head.hasBody(for: request.method) ? head.announcedLength : 0
        if let failure = use({ writer throws(HTTPTransportError) in
            try writer.open(status: head.status, announced: announced)
        }) {
            stop(.failed(failure))
        }
    }

    func didReceive(_ bytes: UnsafeRawBufferPointer) {
        guard !isOver else { return }
        if let failure = use({ writer throws(HTTPTransportError) in try writer.receive(bytes) }) {
            return stop(.failed(failure))
        }
        moved { $0.receivedLength += Int64(bytes.count) }
    }

    func wasChallenged() {
        state.withLock { $0.wasChallenged = true }
    }

    /// Ends the request and resumes its caller. The session calls this once, after all other calls.
    func complete(_ error: (any Error)?) {
        let keepsReceivedBytes = state.withLock { state in
            state.isOver = true
            return switch state.stopReason {
            // The bytes received before the timeout are valid: the next attempt can continue after them.
            case nil, .timedOut: true
            case .cancelled, .shutDown, .failed: false
            }
        }
        if keepsReceivedBytes, let failure = use({ writer throws(HTTPTransportError) in try writer.finish() }) {
            state.withLock { $0.stopReason = .failed(failure) }
        }
        let (body, checksum, isInFile) = writer.withLock { ($0.body, $0.checksum, $0.isInFile) }
        let (continuation, result) = state.withLock { state in
            var result = outcome(state, error: error) { head in
                HTTPResponse(
                    status: head.status, headers: head.headers, body: body, bodyLength: state.receivedLength,
                    bodyChecksum: checksum.value, sentLength: state.sentLength,
                    sentChecksum: state.sentChecksum.value, bodyPasses: state.pass > 0 ? state.pass : nil)
            }
            if case .failure(var failure as HTTPTransportError) = result, let head = state.head {
                failure.status = head.status
                if isInFile {
                    failure.partial = HTTPPartialResponse(
                        status: head.status, headers: head.headers, bodyLength: state.receivedLength,
                        bodyChecksum: checksum.value)
                }
                result = .failure(failure)
            }
            let continuation = state.continuation
            state.continuation = nil
            state.task = nil
            return (continuation, result)
        }
        watchdog.forget(self)
        continuation?.resume(with: result)
    }

    private func outcome(
        _ state: State, error: (any Error)?, response: (HTTPResponseHead) -> HTTPResponse
    ) -> Result<HTTPResponse, any Error> {
        // After a stop, received bytes are skipped, so the response is incomplete whatever the session reports.
        switch state.stopReason {
        case .cancelled: return .failure(CancellationError())
        case .timedOut(let failure), .failed(let failure): return .failure(failure)
        case .shutDown: return .failure(HTTPTransportError(.shutDown, "the transport has been shut down"))
        case nil: break
        }
        let classifier = HTTPErrorClassifier(
            method: request.method, head: state.head, bytesReceived: state.receivedLength, bytesSent: state.sentLength,
            bodyLength: request.body.length)
        // A challenge arrives after the complete response, and its rejection is reported as a cancellation.
        if error == nil || (state.wasChallenged && state.head != nil) {
            if let failure = classifier.ofComplete { return .failure(failure) }
            if let head = state.head { return .success(response(head)) }
        }
        let code = (error as? URLError)?.code ?? .unknown
        return .failure(classifier.ofFailure(code: code, text: error?.localizedDescription ?? "unknown error"))
    }

    /// Performs an operation on the writer, and returns its error, or `nil` if it succeeds.
    private func use(_ body: (inout ResponseBodyWriter) throws(HTTPTransportError) -> Void) -> HTTPTransportError? {
        writer.withLock { writer in
            do throws(HTTPTransportError) {
                try body(&writer)
                return nil
            } catch { return error }
        }
    }

    private func moved(_ count: (inout State) -> Void) {
        let (progress, earlier): (HTTPProgress, TimeoutClock.Instant?) = state.withLock { state in
            let isFirst = state.clock?.lastMoved == nil
            state.clock?.lastMoved = .now
            count(&state)
            return (
                HTTPProgress(bytesSent: state.sentLength, bytesReceived: state.receivedLength),
                isFirst ? state.clock?.deadline.instant : nil
            )
        }
        // The first byte replaces the connect limit with the idle limit, which may be shorter.
        if let earlier { watchdog.look(by: earlier) }
        request.onProgress?(progress)
    }
}
