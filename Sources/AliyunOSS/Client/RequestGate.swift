import Synchronization

/// A gate that holds back the requests of folder transfers for as long as ``RequestPace`` requires. All calls on a
/// bucket report the outcomes of their requests; only calls of a run with ``Patience`` wait.
final class RequestGate: Sendable {
    private struct State {
        var pace = RequestPace()
        /// Most recent error of the current or previous outage; `nil` before the first one.
        var failure: OSSError?
    }

    private enum Step {
        case go(isProbe: Bool)
        case wait(Duration, RequestPace.Outage?)
        case giveUp
    }

    private let state = Mutex(State())
    /// Semaphore that lets one request wait at a time, so that a changed pace applies to all requests behind it. A
    /// probe during an outage holds the permit until its outcome is known.
    private let turnstile = AsyncSemaphore(1)
    private let sleep: @Sendable (Duration) async throws -> Void
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// Waits until a request may be sent.
    ///
    /// - Returns: For a probe during an outage, a permit to release after the outcome has been recorded; otherwise,
    ///   `nil`.
    /// - Throws: ``OSSError`` if the service has not responded for too long, or `CancellationError`.
    func pass(_ patience: Patience?, since start: ContinuousClock.Instant) async throws -> Permit? {
        let isOpen = state.withLock { state in
            guard patience == nil || state.pace.isUnlimited else { return false }
            state.pace.noteSent(at: now())
            return true
        }
        guard !isOpen, let patience else { return nil }
        let turn = try await turnstile.acquire()
        defer { withExtendedLifetime(turn) {} }
        while true {
            switch step(patience, since: start) {
            case .go(let isProbe):
                guard !isProbe else { return turn }
                turn.release()
                return nil
            case .wait(let duration, let outage):
                if let outage, now() - outage.began >= .seconds(2) || outage.probes > 1 { tell(patience, of: outage) }
                try await sleep(duration)
            case .giveUp:
                patience.exhaust()
                throw (state.withLock { $0.failure } ?? OSSError(.serviceUnavailable, "the service is not responding"))
                    .explained(
                        "gave up after \(patience.limit.inWords) without a response; run the command again to continue"
                    )
            }
        }
    }

    /// Records the outcome of a request. `error` is `nil` if the request succeeded.
    func note(_ error: OSSError?, sentAt start: ContinuousClock.Instant, requested: Duration? = nil) {
        guard let sign = RequestPace.Sign(error) else { return }
        // A random number takes a system call, and a response needs none.
        let random = sign == .answer ? 0 : Double.random(in: 0...1)
        state.withLock { state in
            state.pace.note(sign, sentAt: start, now: now(), requested: requested, random: random)
            if sign != .answer { state.failure = error }
        }
    }

    /// Reduces the rate of requests.
    func slowDown() {
        state.withLock { $0.pace.slowDown(sentAt: now(), now: now()) }
    }

    /// Whether the service is currently not responding.
    var isOutage: Bool { state.withLock { $0.pace.outage != nil } }

    /// Returns whether an error is caused by the state of the service rather than by the request.
    func excuses(_ error: OSSError) -> Bool {
        state.withLock { state in
            switch RequestPace.Sign(error) {
            case .overload: true
            case .silence: state.pace.hasAnswered
            case .doubt: state.pace.outage != nil
            case .answer, nil: false
            }
        }
    }

    private func step(_ patience: Patience, since start: ContinuousClock.Instant) -> Step {
        state.withLock { state in
            let now = now()
            let outage = state.pace.outage
            // The outage may be older than the call if no request was sent since.
            let end = outage.map { max($0.began, start) + patience.limit }
            if let end, end <= now { return .giveUp }
            let wait = state.pace.turn(at: now)
            guard wait > .zero else { return .go(isProbe: outage != nil) }
            return .wait(end.map { min(wait, $0 - now) } ?? wait, outage)
        }
    }

    private func tell(_ patience: Patience, of outage: RequestPace.Outage) {
        guard let failure = state.withLock({ $0.failure }) else { return }
        var cause = failure.message
        if let response = failure.serviceError {
            cause += " (\(response.status)\(response.code.isEmpty ? "" : " " + response.code))"
        }
        patience.tell(ofOutage: outage.number, "the service is not responding properly: \(cause)")
    }
}

extension RequestPace.Sign {
    /// Creates a sign from the outcome of a request, or returns `nil` if the outcome says nothing about the service.
    init?(_ error: OSSError?) {
        guard let error else {
            self = .answer
            return
        }
        switch error.code {
        case .throttled: self = .overload
        case .serviceUnavailable:
            self = error.serviceError.map { [502, 503, 504].contains($0.status) } ?? false ? .overload : .doubt
        case .connectionFailed: self = RetryVerdict(on: error, isIdempotent: true) == .retry ? .silence : .doubt
        case .connectionLost, .timedOut: self = .doubt
        default:
            guard let response = error.serviceError, response.status < 500 else { return nil }
            self = .answer
        }
    }
}
