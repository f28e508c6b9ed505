import Foundation
import Synchronization

/// A client that signs, sends and retries a bucket's requests, and checks the responses.
///
/// All calls on a bucket share one client, concurrently.
final class Client: Sendable {
    let bucket: String
    let configuration: BucketConfiguration
    let endpoint: Endpoint
    let signer: Signer
    let provider: any CredentialsProvider
    let transport: any HTTPTransport
    /// The transport that this client created; `nil` if the configuration specifies one.
    private let ownTransport: (any ClosableTransport)?
    private let isShutDown = Atomic(false)
    let clock: ClockOffset
    let budget: RetryBudget
    let limit: AdaptiveLimit
    let gate: RequestGate
    /// Semaphore for the memory of upload parts that are collected from sequences.
    let partMemory: AsyncSemaphore
    /// Semaphore for the memory of object ranges that are being read. It is separate from ``partMemory``, because an
    /// upload holds the memory of a part while it waits for its sequence, which may be an object that needs memory for
    /// its next range.
    let readMemory: AsyncSemaphore
    let bandwidth: BandwidthLimiter?

    init(
        bucket: String, endpoint: Endpoint, signer: Signer, provider: any CredentialsProvider,
        configuration: BucketConfiguration
    ) {
        self.bucket = bucket
        self.endpoint = endpoint
        self.signer = signer
        self.provider = provider
        if let given = configuration.transport {
            (transport, ownTransport) = (given, nil)
        } else {
            let own = Self.makeTransport(maximumConnections: configuration.maximumConnections)
            (transport, ownTransport) = (own, own)
        }
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

    /// The current time according to the service's clock, or to this machine's clock if the difference is unknown.
    var now: Date { clock.now }

    private static func makeTransport(maximumConnections: Int) -> any ClosableTransport {
        #if DEBUG && os(Linux)
            // Runs the tests with the other transport.
            if ProcessInfo.processInfo.environment["OSS_TEST_TRANSPORT"] == "libcurl" {
                var settings = LibcurlTransport.Configuration()
                settings.maximumConnections = maximumConnections
                if let transport = try? LibcurlTransport(configuration: settings) { return transport }
            }
        #endif
        var settings = URLSessionTransport.Configuration()
        settings.maximumConnections = maximumConnections
        return URLSessionTransport(settings, isLimitedByOwner: true)
    }

    /// Makes all later calls fail, and ends the requests in flight if the client owns the transport.
    func shutDown() {
        isShutDown.store(true, ordering: .releasing)
        ownTransport?.shutDown()
    }

    /// Sends an operation's request until it succeeds, fails permanently, or exhausts its attempts, its deadline or the
    /// retry budget.
    ///
    /// - Throws: ``OSSError`` that describes the last attempt, or `CancellationError`.
    func perform(_ operation: Operation) async throws -> HTTPResponse {
        try check(operation)
        let original = operation
        var operation = operation
        let deadline = configuration.deadline.map { ContinuousClock.now + $0 }
        var history = History(began: configuration.now())
        while true {
            try Task.checkCancellation()
            try checkIsOpen(operation, attempts: history.attempts)
            let credentials = try await fetchCredentials(operation, attempts: history.attempts, before: deadline)
            guard let admission = try await admit(operation, before: deadline, history) else {
                throw history.lastError?.explained(
                    "not retried: the deadline expired before the request could be sent")
                    ?? describe(
                        OSSError(.timedOut, "the deadline expired before the request could be sent"), operation,
                        attempts: 0)
            }
            try checkIsOpen(operation, attempts: history.attempts)
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
            // Another attempt may reach the service instead of the server that sent this response.
            if failure.isForeign, operation.isIdempotent { verdict = .retry }
            switch try await operation.settle?(error, history.attempts > 1 || !failure.wasSentOnce) {
            case .stored(let response): return response
            case .notStored: verdict = .retry
            case nil: break
            }
            try await prepareRepeat(verdict, after: failure, error, credentials, deadline: deadline, &history)
            if var refusal = operation.refusesReplay?() {
                refusal.message += "; not retried after: \(error.message)"
                refusal.underlying = error
                throw describe(refusal, operation, attempts: history.attempts)
            }
            if let partial = failure.partial {
                operation = operation.resumption?.operation(operation, after: partial) ?? original
            } else if failure.error.code == .checksumMismatch {
                // It is unknown which of the responses had the wrong bytes.
                operation = original
            }
        }
    }

    /// A record of the attempts and the start times of one call.
    struct History {
        let start = ContinuousClock.now
        /// Start time on the configuration's clock. The patience of a folder transfer is measured from this time.
        let began: ContinuousClock.Instant
        var attempts = 0
        /// Number of failed attempts that do not count toward the maximum, because the folder transfer is waiting for
        /// the service to recover.
        var excused = 0
        var lastError: OSSError?
        var hasCorrectedClock = false
        var hasRenewedCredentials = false
    }

    private func check(_ operation: Operation) throws(OSSError) {
        if let name = operation.headers.firstInvalidName {
            let problem = OSSError(.invalidArgument, "the header '\(name.onOneLine)' contains an invalid character")
            throw describe(problem, operation, attempts: 0)
        }
        do throws(OSSError) {
            try operation.key?.validate()
            try check(bucket: operation.bucket)
        } catch {
            throw describe(error, operation, attempts: 0)
        }
    }

    private func checkIsOpen(_ operation: Operation, attempts: Int) throws(OSSError) {
        guard isShutDown.load(ordering: .acquiring) else { return }
        throw describe(
            OSSError(.shutDown, "this Bucket was shut down; create another instance"), operation, attempts: attempts)
    }

    private func check(bucket other: String?) throws(OSSError) {
        guard let other, other != bucket else { return }
        try BucketName.validate(other)
        // The request would silently go to the bucket of the custom domain.
        guard endpoint.addressing != .cname else {
            throw OSSError(
                .invalidArgument,
                "'\(endpoint.host)' is the domain of a single bucket; for the bucket '\(other)', use the region's endpoint"
            )
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
            throw OSSError(.timedOut, "the credentials provider did not return before the deadline")
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

    /// Handles a successful response that belongs to another request. Closes the connections and returns the error with
    /// the request's details added.
    func reject(_ error: OSSError, _ operation: Operation) -> OSSError {
        transport.discardConnections()
        return describe(error, operation)
    }

    /// Adds the operation, the bucket and the key to an error.
    func describe(_ error: OSSError, _ operation: Operation, attempts: Int = 1) -> OSSError {
        var error = error
        error.operation = operation.name
        error.bucket = operation.isOfService ? nil : operation.bucket ?? bucket
        error.key = operation.key
        error.attempts = attempts
        return error
    }
}

extension OSSError {
    /// Returns the error with an explanation appended to its message.
    func explained(_ explanation: String) -> OSSError {
        var error = self
        error.message += "; \(explanation)"
        return error
    }
}
