import Foundation
import OSSPrimitives
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One request in flight: what was counted of it, why it was stopped, and who waits for its end.
///
/// Its caller is resumed by ``complete(_:)`` alone, which the session calls last. So once the caller has its answer,
/// nothing is written to its file or read from it any more, whatever ended the request.
final class InFlightRequest: Sendable {
    /// Why a request was ended from this side.
    enum StopReason {
        case cancelled
        case timedOut(HTTPTransportError)
        case shutDown
        /// Its body could not be read, or its response not be taken.
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
        /// Whether the task has been told to end with the redirect that it has received.
        var endsByItself = false
    }

    let request: HTTPRequest
    private let control: DispatchQueue
    private let watchdog: Watchdog
    private let state = Mutex(State())
    /// Apart from the state, so that whoever cancels never waits for a slow disk.
    private let sink: Mutex<ResponseBodyWriter>

    /// Makes an exchange whose task is only ever created, resumed and cancelled on `control`.
    init(_ request: HTTPRequest, control: DispatchQueue, watchdog: Watchdog) {
        self.request = request
        self.control = control
        self.watchdog = watchdog
        sink = Mutex(ResponseBodyWriter(request.destination))
    }

    // MARK: The caller's side

    /// Keeps the continuation to resume at the end.
    func begin(_ continuation: CheckedContinuation<HTTPResponse, any Error>) {
        state.withLock { $0.continuation = continuation }
    }

    /// Takes the task that is about to be resumed; the time limits count from now.
    func start(_ task: URLSessionTask) {
        state.withLock {
            $0.task = task
            $0.clock = TimeoutClock(
                timeouts: request.timeouts, hasBody: request.body.length > 0, started: .now)
        }
        watchdog.watch(self)
    }

    /// Ends the request. The first reason counts.
    func stop(_ reason: StopReason) {
        let isFirst = state.withLock { state in
            guard state.stopReason == nil, !state.isOver else { return false }
            state.stopReason = reason
            return true
        }
        guard isFirst else { return }
        // Never from here: on Linux cancel() waits for the queue that this may be running on, and for good.
        control.async {
            let task = self.state.withLock { state -> URLSessionTask? in
                guard !state.endsByItself else { return nil }
                state.isCancelling = true
                return state.task
            }
            task?.cancel()
        }
    }

    /// Decides whether a redirect may be refused, after which the task ends without being cancelled.
    ///
    /// Foundation on Linux traps when the answer to a redirect comes after a cancellation (HTTPURLProtocol.swift: "Received
    /// callback for HTTP redirection, but we're not waiting for it"), so that a task gets the one or the other.
    func mayRefuseRedirect() -> Bool {
        state.withLock { state in
            guard !state.isCancelling else { return false }
            state.endsByItself = true
            return true
        }
    }

    /// Whether the request was stopped or has ended: its body is not to be read any further.
    var isOver: Bool {
        state.withLock { $0.isOver || $0.stopReason != nil }
    }

    // MARK: Time

    /// When the next limit runs out, if nothing moves until then; `nil` when the request is over.
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

    /// A stream at the start of the body. Its counts replace those of an earlier one.
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

    /// Whether the response's status and headers are still to come.
    var awaitsHead: Bool {
        state.withLock { $0.head == nil }
    }

    func didReceive(_ head: HTTPResponseHead) {
        let isNew = state.withLock { state in
            defer { state.head = head }
            return state.head == nil && !state.isOver
        }
        guard isNew else { return }
        moved { $0.clock?.awaitsReply = false }
        if let refusal = URLSessionErrorClassifier.refusal(of: head, to: request.method) {
            return stop(.failed(refusal))
        }
        let announced = head.hasBody(for: request.method) ? head.announcedLength : 0
        if let failure = use({ sink throws(HTTPTransportError) in
            try sink.open(status: head.status, announced: announced)
        }) {
            stop(.failed(failure))
        }
    }

    func didReceive(_ bytes: UnsafeRawBufferPointer) {
        guard !isOver else { return }
        if let failure = use({ sink throws(HTTPTransportError) in try sink.receive(bytes) }) {
            return stop(.failed(failure))
        }
        moved { $0.receivedLength += Int64(bytes.count) }
    }

    func wasChallenged() {
        state.withLock { $0.wasChallenged = true }
    }

    /// Ends the exchange and resumes its caller. The session calls this once, after everything else.
    func complete(_ error: (any Error)?) {
        let keepsWhatCame = state.withLock { state in
            state.isOver = true
            return switch state.stopReason {
            // What came before the silence is good: the next attempt can go on behind it.
            case nil, .timedOut: true
            case .cancelled, .shutDown, .failed: false
            }
        }
        if keepsWhatCame, let failure = use({ sink throws(HTTPTransportError) in try sink.finish() }) {
            state.withLock { $0.stopReason = .failed(failure) }
        }
        let (body, checksum, isInFile) = sink.withLock { ($0.body, $0.checksum, $0.isInFile) }
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
        // Once stopped, bytes were passed over: whatever the session says at the end, the response is not complete.
        switch state.stopReason {
        case .cancelled: return .failure(CancellationError())
        case .timedOut(let failure), .failed(let failure): return .failure(failure)
        case .shutDown: return .failure(HTTPTransportError(.shutDown, "the transport was shut down"))
        case nil: break
        }
        let verdict = URLSessionErrorClassifier(
            method: request.method, head: state.head, bytesReceived: state.receivedLength, bytesSent: state.sentLength,
            bodyLength: request.body.length)
        // A challenge comes after the whole response, and saying no to it looks like a cancellation.
        if error == nil || (state.wasChallenged && state.head != nil) {
            if let failure = verdict.ofComplete { return .failure(failure) }
            if let head = state.head { return .success(response(head)) }
        }
        let code = (error as? URLError)?.code ?? .unknown
        return .failure(verdict.ofFailure(code: code, text: error?.localizedDescription ?? "unknown error"))
    }

    /// Lets the sink do something, and returns its failure.
    private func use(_ body: (inout ResponseBodyWriter) throws(HTTPTransportError) -> Void) -> HTTPTransportError? {
        sink.withLock { sink in
            do throws(HTTPTransportError) {
                try body(&sink)
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
        // The first byte puts the idle limit in the place of the one for connecting, which may be the longer one.
        if let earlier { watchdog.look(by: earlier) }
        request.onProgress?(progress)
    }
}
