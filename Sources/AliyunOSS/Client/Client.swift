import Foundation

/// Carries out operations on one bucket: credentials, signature, transport, verdict, retry.
///
/// Everything here is shared by all calls on the bucket and safe to use from any number of tasks at once.
final class Client: Sendable {
    let bucket: String
    let configuration: BucketConfiguration
    let endpoint: Endpoint
    private let signer: Signer
    private let provider: any CredentialsProvider
    private let transport: any HTTPTransport
    private let clock: ClockOffset
    let budget: RetryBudget
    let limit: AdaptiveLimit
    let gate: RequestGate
    /// For the parts that are gathered from sequences.
    let partMemory: AsyncSemaphore
    /// For the windows of objects that are read. Not the same: whoever gathers a part holds its memory while it waits for the
    /// sequence, which may be an object that needs memory for its next window.
    let readMemory: AsyncSemaphore
    let bandwidth: BandwidthLimiter?

    init(
        bucket: String, endpoint: Endpoint, signer: Signer, provider: any CredentialsProvider,
        transport: any HTTPTransport, configuration: BucketConfiguration
    ) {
        self.bucket = bucket
        self.endpoint = endpoint
        self.signer = signer
        self.provider = provider
        self.transport = transport
        self.configuration = configuration
        clock = ClockOffset(clock: configuration.clock)
        budget = RetryBudget(
            capacity: configuration.retry.budget, refillPerSecond: configuration.retry.budgetRefillPerSecond)
        partMemory = AsyncSemaphore(configuration.memoryBudget)
        readMemory = AsyncSemaphore(configuration.memoryBudget)
        limit = AdaptiveLimit(maximum: configuration.maximumConnections)
        gate = RequestGate(now: configuration.now, sleep: configuration.sleep)
        bandwidth = configuration.maximumBandwidth.map {
            BandwidthLimiter(bytesPerSecond: $0, sleep: configuration.sleep)
        }
    }

    /// The time by the service's clock, as far as it is known.
    var now: Date { clock.now }

    /// Sends an operation until it succeeds, fails for good, or has used up its attempts, budget or time.
    ///
    /// - Throws: ``OSSError`` with everything known about the last attempt, or `CancellationError`.
    func perform(_ operation: Operation) async throws -> HTTPResponse {
        try check(operation)
        let original = operation
        var operation = operation
        let deadline = configuration.deadline.map { ContinuousClock.now + $0 }
        var history = History(began: configuration.now())
        while true {
            try Task.checkCancellation()
            let credentials = try await fetchCredentials(operation, attempts: history.attempts, before: deadline)
            guard let admission = try await admit(operation, before: deadline, history) else {
                throw history.lastError?.explained("not sent again, because its deadline came before its turn")
                    ?? describe(
                        OSSError(.timedOut, "its deadline came before its turn to be sent"), operation, attempts: 0)
            }
            history.attempts += 1
            let failure: Failure
            let start = configuration.now()
            let result = try await attempt(operation, credentials, admission.permit, deadline: deadline)
            gate.note(result.error, sentAt: start, requested: result.requestedDelay(atMost: configuration.retry))
            admission.turn?.release()
            switch result {
            case .success(let response):
                budget.reward()
                return response
            case .failure(let reason): failure = reason
            }
            if failure.isMisplaced { transport.discardConnections() }
            var error = describe(failure.error, operation, attempts: history.attempts)
            if let credentials { error = error.redacting(credentials) }
            error.elapsed = ContinuousClock.now - history.start
            history.lastError = error
            var verdict = RetryVerdict(on: error, isIdempotent: operation.isIdempotent)
            // What another server or the last request's response put in the place of this one need not come again.
            if failure.isForeign, operation.isIdempotent { verdict = .retry }
            switch try await operation.settle?(error, history.attempts > 1 || !failure.wasSentOnce) {
            case .stored(let response): return response
            case .notStored: verdict = .retry
            case nil: break
            }
            try await prepareRepeat(verdict, after: failure, error, credentials, deadline: deadline, &history)
            if var refusal = operation.refusesReplay?() {
                refusal.message += "; not sent again after: \(error.message)"
                refusal.underlying = error
                throw describe(refusal, operation, attempts: history.attempts)
            }
            if let partial = failure.partial {
                operation = operation.resumption?.operation(operation, after: partial) ?? original
            } else if failure.error.code == .checksumMismatch {
                // Which of the pieces is wrong is not known.
                operation = original
            }
        }
    }

    /// What a call has already used up.
    struct History {
        let start = ContinuousClock.now
        /// The start by the configuration's clock: a run's patience with the service counts from it, and not from an attempt.
        let began: ContinuousClock.Instant
        var attempts = 0
        /// The number of attempts that failed because of the service's state, which a folder run waits for.
        var excused = 0
        var lastError: OSSError?
        var hasCorrectedClock = false
        var hasRenewedCredentials = false
    }

    fileprivate struct Failure: Error {
        var error: OSSError
        var requestedDelay: Duration?
        var dateHeader: String?
        var partial: HTTPPartialResponse?
        /// Whether a response came that is not one of the service to this request.
        var isMisplaced = false
        /// Whether a success came that the service did not send to this operation.
        var isForeign = false
        /// Whether the network stack is known not to have sent the request a second time by itself.
        var wasSentOnce = false
    }

    private func check(_ operation: Operation) throws(OSSError) {
        if let name = operation.headers.firstInvalidName {
            let problem = OSSError(.invalidArgument, "header '\(name.onOneLine)' has a character that cannot be sent")
            throw describe(problem, operation, attempts: 0)
        }
        do throws(OSSError) {
            try operation.key?.validate()
            try check(bucket: operation.bucket)
        } catch {
            throw describe(error, operation, attempts: 0)
        }
    }

    private func check(bucket other: String?) throws(OSSError) {
        guard let other, other != bucket else { return }
        try BucketName.validate(other)
        // There the request would silently go to the bucket that the domain belongs to.
        guard endpoint.addressing != .cname else {
            throw OSSError(
                .invalidArgument,
                "'\(endpoint.host)' leads to one bucket; for the bucket '\(other)' use the region's endpoint")
        }
    }

    private func fetchCredentials(
        _ operation: Operation, attempts: Int, before deadline: ContinuousClock.Instant?
    ) async throws -> Credentials? {
        do {
            let credentials = try await withDeadlineAbandoning(deadline) { [provider] in
                try await provider.credentials()
            }
            if let credentials { return credentials }
            throw OSSError(.timedOut, "the credentials provider did not answer before the deadline")
        } catch let error as CancellationError {
            throw error
        } catch let error as OSSError {
            throw describe(error, operation, attempts: attempts)
        } catch {
            let problem = OSSError(
                .credentialsUnavailable, "the credentials provider failed: \(type(of: error))", underlying: error)
            throw describe(problem, operation, attempts: attempts)
        }
    }

    private func attempt(
        _ operation: Operation, _ credentials: Credentials?, _ permit: Permit, deadline: ContinuousClock.Instant?
    ) async throws -> Result<HTTPResponse, Failure> {
        defer { permit.release() }
        let start = ContinuousClock.now
        // Signed after the wait: the service takes a signature's date for the time of sending.
        var request = makeRequest(operation, credentials)
        if let deadline {
            let remaining = deadline - start
            request.timeouts.total = max(.zero, min(request.timeouts.total ?? remaining, remaining))
        }
        let moved = ByteCounter()
        if bandwidth != nil { request = moved.following(request) }
        var response: HTTPResponse
        do {
            response = try await transport.send(request)
        } catch {
            let partial = await (error as? HTTPTransportError)?.partial?.completingChecksum(of: request)
            charge(max(moved.count, partial?.bodyLength ?? 0), to: operation)
            return .failure(try failure(error, partial))
        }
        charge(response.sentLength + response.bodyLength, to: operation)
        // 203 is how OSS says that the object is stored but its callback failed.
        guard (200...299).contains(response.status), response.status != 203 else {
            let error = OSSError(
                refusal: response, hasBody: operation.body.length > 0, removing: credentials?.secrets ?? []
            ).hinting(at: endpoint)
            adapt(toAnswer: response.status, error.code, sentAt: start)
            return .failure(
                Failure(
                    error: error, requestedDelay: response.requestedDelay, dateHeader: response.headers["Date"],
                    isMisplaced: !response.isFromService, wasSentOnce: response.bodyPasses == 1))
        }
        if let problem = response.acceptanceProblem(for: operation) {
            return .failure(
                Failure(
                    error: problem, isMisplaced: true, isForeign: problem.code == .invalidResponse,
                    wasSentOnce: response.bodyPasses == 1))
        }
        adapt(toAnswer: response.status, nil, sentAt: start)
        do {
            response = try await response.completingChecksums(of: request)
        } catch let error as OSSError {
            return .failure(Failure(error: error))
        }
        if let resumption = operation.resumption {
            if let problem = resumption.problem(with: response) {
                return .failure(Failure(error: problem, isMisplaced: true))
            }
            response = resumption.completing(response)
        }
        if let problem = response.uploadProblem(for: operation) ?? operation.verify?(response) {
            return .failure(Failure(error: problem, isMisplaced: problem.serviceError == nil))
        }
        return .success(response)
    }

    /// What became of an attempt that got no answer; a cancellation is thrown.
    private func failure(_ error: any Error, _ partial: HTTPPartialResponse?) throws(CancellationError) -> Failure {
        switch error {
        case let error as CancellationError: throw error
        case let error as HTTPTransportError:
            Failure(error: OSSError(transport: error).hinting(at: endpoint), partial: partial)
        default: Failure(error: OSSError(.connectionLost, "the transport failed: \(error)", underlying: error))
        }
    }

    private func makeRequest(_ operation: Operation, _ credentials: Credentials?) -> HTTPRequest {
        let bucket = operation.bucket ?? bucket
        var signable = SignableRequest(
            method: operation.method, bucket: bucket, key: operation.key?.rawValue, query: operation.query,
            headers: operation.headers)
        signable.headers["User-Agent"] = configuration.userAgent
        if let trafficLimit = configuration.trafficLimit, operation.acceptsTrafficLimit {
            signable.headers["x-oss-traffic-limit"] = String(trafficLimit)
        }
        if let credentials {
            // The service refuses response-* parameters on an anonymous request.
            if operation.wantsStoredEncoding { signable.query.append(("response-content-encoding", "identity")) }
            signer.sign(&signable, credentials: credentials, at: clock.now)
        }
        var onProgress = operation.onProgress
        if let report = onProgress, let resumption = operation.resumption {
            onProgress = { report(resumption.completing($0)) }
        }
        return HTTPRequest(
            method: operation.method,
            url: endpoint.url(bucket: bucket, key: signable.key, query: signable.query),
            headers: signable.headers, body: operation.body, destination: operation.destination,
            timeouts: configuration.timeouts, onProgress: onProgress)
    }

    /// Returns when the operation may be sent again, or throws the error when it may not.
    private func prepareRepeat(
        _ verdict: RetryVerdict, after failure: Failure, _ error: OSSError, _ credentials: Credentials?,
        deadline: ContinuousClock.Instant?, _ history: inout History
    ) async throws {
        switch verdict {
        case .fail:
            if error.code == .alreadyExists, history.attempts > 1 {
                throw error.explained("an earlier attempt of this call, whose answer was lost, may have stored it")
            }
            throw error
        case .correctClock:
            guard !history.hasCorrectedClock, let serviceError = error.serviceError,
                clock.learn(from: serviceError, dateHeader: failure.dateHeader)
            else { throw error }
            history.hasCorrectedClock = true
        case .renewCredentials:
            guard !history.hasRenewedCredentials, let credentials else { throw error }
            history.hasRenewedCredentials = true
            _ = try await withDeadlineAbandoning(deadline) { [provider] in
                await provider.invalidate(credentials)
            }
        case .retry:
            try await waitToRepeat(error, requested: failure.requestedDelay, deadline: deadline, &history)
        }
    }

    /// The error for a successful response that turned out not to be one to its request, whose connections are not used again.
    func reject(_ error: OSSError, _ operation: Operation) -> OSSError {
        transport.discardConnections()
        return describe(error, operation)
    }

    /// Adds to an error what it is about.
    func describe(_ error: OSSError, _ operation: Operation, attempts: Int = 1) -> OSSError {
        var error = error
        error.operation = operation.name
        error.bucket = operation.bucket ?? bucket
        error.key = operation.key
        error.attempts = attempts
        return error
    }
}

extension OSSError {
    /// The error with one more sentence.
    func explained(_ explanation: String) -> OSSError {
        var error = self
        error.message += "; \(explanation)"
        return error
    }
}

extension Result<HTTPResponse, Client.Failure> {
    fileprivate var error: OSSError? {
        if case .failure(let failure) = self { failure.error } else { nil }
    }

    fileprivate func requestedDelay(atMost retry: RetryPolicy) -> Duration? {
        if case .failure(let failure) = self { failure.requestedDelay.map { min($0, retry.maximumDelay) } } else { nil }
    }
}
