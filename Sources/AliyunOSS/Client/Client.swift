import Foundation
import Synchronization

/// A client that signs, sends and retries the requests of a bucket or of the service, and checks the responses.
///
/// All calls on a bucket share one client, concurrently.
final class Client: Sendable {
    /// Name of the bucket; `nil` for a client of the service.
    let bucket: String?
    let configuration: BucketConfiguration
    let endpoint: Endpoint
    let signer: Signer
    let provider: any CredentialsProvider
    let resources: ClientResources
    /// Additions of the caller to each request.
    let extras: RequestExtras
    /// Client that this client extends, if any.
    private let base: Client?
    /// Whether shutting down this client also shuts down the resources.
    private let ownsResources: Bool
    private let isShutDown = Atomic(false)

    var transport: any HTTPTransport { resources.transport }
    var streaming: (any StreamingTransport)? { resources.streaming }
    var clock: ClockOffset { resources.clock }
    var budget: RetryBudget { resources.budget }
    var limit: AdaptiveLimit { resources.limit }
    var gate: RequestGate { resources.gate }
    var partMemory: AsyncSemaphore { resources.partMemory }
    var readMemory: AsyncSemaphore { resources.readMemory }
    var bandwidth: BandwidthLimiter? { resources.bandwidth }

    /// Creates a client with its own resources. No request is sent.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    init(
        bucket: String?, at endpoint: Endpoint, region: String?, provider: any CredentialsProvider,
        configuration: BucketConfiguration
    ) throws(OSSError) {
        try configuration.validate()
        let endpoint = try endpoint.addressed(configuration.addressing)
        try endpoint.checkEncryption(
            isAnonymous: provider is AnonymousCredentialsProvider && configuration.signer == nil,
            allowsPlainHTTP: configuration.allowsPlainHTTP)
        let region = configuration.signature == .v4 ? try endpoint.signingRegion(region) : ""
        (self.bucket, self.endpoint, self.provider) = (bucket, endpoint, provider)
        signer = Signer(
            version: configuration.signature, region: region, product: endpoint.signingProduct,
            additionalHeaders: configuration.additionalSignedHeaders)
        resources = ClientResources(configuration)
        self.configuration = resources.configuration
        (ownsResources, extras, base) = (true, RequestExtras(), nil)
    }

    /// Creates a client for another bucket that shares the resources, the endpoint and the credentials of a client.
    init(bucket: String, sharing other: Client) {
        self.bucket = bucket
        (endpoint, signer, provider) = (other.endpoint, other.signer, other.provider)
        (resources, configuration, ownsResources) = (other.resources, other.configuration, false)
        (extras, base) = (other.extras, nil)
    }

    /// Creates a client that adds header fields and query parameters to the requests of another client.
    init(extending other: Client, extras: RequestExtras) {
        (bucket, endpoint, signer, provider) = (other.bucket, other.endpoint, other.signer, other.provider)
        (resources, configuration, ownsResources) = (other.resources, other.configuration, false)
        (self.extras, base) = (extras, other)
    }

    /// Creates a client that sends presigned requests to an endpoint, without credentials.
    init(presignedBy endpoint: Endpoint, bucket: String?, sharing resources: ClientResources) {
        self.bucket = bucket
        self.endpoint = endpoint
        (signer, provider) = (Signer(version: .v1), AnonymousCredentialsProvider())
        (self.resources, configuration, ownsResources) = (resources, resources.configuration, false)
        (extras, base) = (RequestExtras(), nil)
    }

    /// The current time according to the service's clock, or to this machine's clock if the difference is unknown.
    var now: Date { clock.now }

    /// Makes all later calls fail, and ends the requests in flight if the client owns the transport.
    func shutDown() {
        isShutDown.store(true, ordering: .releasing)
        if ownsResources { resources.shutDown() }
    }

    /// Sends an operation's request until it succeeds, fails permanently, or exhausts its attempts, its deadline or the
    /// retry budget.
    ///
    /// - Throws: ``OSSError`` that describes the last attempt, or `CancellationError`.
    func perform(_ operation: Operation) async throws -> HTTPResponse {
        let original = try extended(operation)
        try check(original)
        var operation = original
        let deadline = configuration.deadline.map { ContinuousClock.now + $0 }
        var history = History(began: configuration.now())
        defer { reportFailure(&history, retryDelay: nil) }
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
            let reported = reportStart(operation, number: history.attempts)
            let result: Result<HTTPResponse, Failure>
            do {
                result = try await attempt(operation, credentials, admission.permit, deadline: deadline)
            } catch {
                history.note(error, of: reported, after: configuration.now() - start)
                throw error
            }
            gate.note(result.error, sentAt: start, requested: result.requestedDelay(atMost: configuration.retry))
            admission.turn?.release()
            switch result {
            case .success(let response):
                budget.reward()
                if let reported { reportSuccess(reported, response, after: configuration.now() - start) }
                return response
            case .failure(let reason): failure = reason
            }
            if failure.isMisplaced { transport.discardConnections() }
            var error = describe(failure.error, operation, attempts: history.attempts)
            if let credentials { error = error.redacting(credentials) }
            error.elapsed = ContinuousClock.now - history.start
            history.lastError = error
            history.note(error, of: reported, after: configuration.now() - start)
            var verdict = RetryVerdict(on: error, isIdempotent: operation.isIdempotent)
            // Another attempt may reach the service instead of the server that sent this response.
            if failure.isForeign, operation.isIdempotent { verdict = .retry }
            switch try await operation.settle?(error, history.attempts > 1 || !failure.wasSentOnce) {
            case .stored(let response):
                // Only the response of the attempt was lost.
                history.unreported = nil
                if let reported { reportSuccess(reported, response, after: configuration.now() - start) }
                return response
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
        /// The last failed attempt, until it is reported.
        var unreported: FailedAttempt?

        mutating func note(_ error: any Error, of attempt: RequestAttempt?, after duration: Duration) {
            guard let attempt else { return }
            unreported = FailedAttempt(attempt: attempt, outcome: RequestOutcome(error, after: duration))
        }
    }

    func check(_ operation: Operation) throws(OSSError) {
        if let name = operation.headers.firstInvalidName {
            let problem = OSSError(.invalidArgument, "the header '\(name.onOneLine)' contains an invalid character")
            throw describe(problem, operation, attempts: 0)
        }
        do throws(OSSError) {
            try operation.key?.validate()
            try check(bucket: operation.bucket)
            try operation.target?.validate(at: endpoint, allowsPlainHTTP: configuration.allowsPlainHTTP)
        } catch {
            throw describe(error, operation, attempts: 0)
        }
    }

    private func checkIsOpen(_ operation: Operation, attempts: Int) throws(OSSError) {
        guard isClosed else { return }
        let type = bucket == nil ? "OSSService" : "Bucket"
        throw describe(
            OSSError(.shutDown, "this \(type) was shut down; create another instance"), operation, attempts: attempts)
    }

    private var isClosed: Bool {
        isShutDown.load(ordering: .acquiring) || resources.isShutDown || base?.isClosed ?? false
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

    /// Returns the credentials to sign with, or `nil` for an anonymous or presigned request, or if the configuration's
    /// signer signs the request.
    func fetchCredentials(
        _ operation: Operation, attempts: Int, before deadline: ContinuousClock.Instant?
    ) async throws -> Credentials? {
        guard configuration.signer == nil, operation.url == nil else { return nil }
        do {
            let credentials =
                provider is any CancellableCredentialsProvider
                ? try await withDeadline(deadline) { [provider] in try await provider.credentials() }
                : try await withDeadlineAbandoning(deadline) { [provider] in try await provider.credentials() }
            if let credentials {
                if let credentials { resources.note(credentials) }
                return credentials
            }
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
        error.bucket = operation.bucket ?? bucket
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

extension RequestSigner {
    /// Returns the signature of a request, or throws an ``OSSError`` if the signer fails or the deadline expires.
    func signature(
        of request: SignableRequest, at date: Date, validFor seconds: Int? = nil,
        before deadline: ContinuousClock.Instant?
    ) async throws -> RequestSignature {
        try await signature(before: deadline) {
            try await self.signature(for: request, at: date, validFor: seconds)
        }
    }

    /// Returns the signature of a policy, or throws an ``OSSError`` if the signer fails or the deadline expires.
    func signature(
        of policy: PostPolicy, at date: Date, before deadline: ContinuousClock.Instant?
    ) async throws -> RequestSignature {
        try await signature(before: deadline) { try await self.signature(for: policy, at: date) }
    }

    private func signature(
        before deadline: ContinuousClock.Instant?, _ sign: @escaping @Sendable () async throws -> RequestSignature
    ) async throws -> RequestSignature {
        do {
            let signature = try await withDeadlineAbandoning(deadline) { try await sign() }
            if let signature { return signature }
            throw OSSError(.timedOut, "the signer did not return before the deadline")
        } catch let error where error is CancellationError || error is OSSError {
            throw error
        } catch {
            throw OSSError(.credentialsUnavailable, "the signer failed: \(type(of: error))", underlying: error)
        }
    }
}
