import Foundation
import OSSPrimitives
import Synchronization

extension Client {
    /// The failure of one attempt.
    struct Failure: Error {
        var error: OSSError
        var requestedDelay: Duration?
        var dateHeader: String?
        var partial: HTTPPartialResponse?
        /// Whether the response came from another server or belongs to a different request.
        var isMisplaced = false
        /// Whether the response reports success but is not the service's response to this operation.
        var isForeign = false
        /// Whether the network stack is known to have sent the request only once.
        var wasSentOnce = false
    }

    func attempt(
        _ operation: Operation, _ credentials: Credentials?, _ permit: Permit, deadline: ContinuousClock.Instant?
    ) async throws -> Result<HTTPResponse, Failure> {
        var isReceiving = false
        defer { if !isReceiving { permit.release() } }
        let start = ContinuousClock.now
        // The request is signed after the wait for a permit: the service treats the signature's date as the time of
        // sending.
        var request: HTTPRequest
        do {
            request = try await makeRequest(operation, credentials, before: deadline)
        } catch {
            charge(0, to: operation)
            guard let error = error as? OSSError else { throw error }
            return .failure(Failure(error: error))
        }
        if let deadline {
            let remaining = deadline - ContinuousClock.now
            request.timeouts.total = max(.zero, min(request.timeouts.total ?? remaining, remaining))
        }
        let moved = ByteCounter()
        if bandwidth != nil { request = moved.following(request) }
        var response: HTTPResponse
        do {
            response = try await send(request, operation)
        } catch {
            // A server that does not respond in time is overloaded, too, unless the caller's deadline was short.
            if (error as? HTTPTransportError)?.kind == .timedOut, deadline.map({ .now < $0 }) ?? true {
                limit.throttled(at: start)
            }
            let partial = await (error as? HTTPTransportError)?.partial?.completingChecksum(of: request)
            charge(max(moved.count, partial?.bodyLength ?? 0), to: operation)
            return .failure(try failure(error, partial))
        }
        charge(response.sentLength + response.bodyLength, to: operation)
        // OSS responds with 203 when the object is stored but its callback failed.
        guard (200...299).contains(response.status), response.status != 203 else {
            let error = OSSError(
                refusal: response, hasBody: operation.body.length > 0, removing: credentials?.secrets ?? []
            ).hinting(at: endpoint, via: transport)
            adapt(to: response.status, error.code, sentAt: start)
            return .failure(
                Failure(
                    error: error, requestedDelay: response.requestedDelay, dateHeader: response.headers["Date"],
                    isMisplaced: !response.isFromService, wasSentOnce: response.bodyPasses == 1))
        }
        let isSigned = credentials != nil || configuration.signer != nil && operation.url == nil
        if let problem = response.acceptanceProblem(for: operation, isSigned: isSigned) {
            return .failure(
                Failure(
                    error: problem, isMisplaced: true, isForeign: problem.code == .invalidResponse,
                    wasSentOnce: response.bodyPasses == 1))
        }
        adapt(to: response.status, nil, sentAt: start)
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
        // A body that is still being received occupies a connection.
        response.stream?.hold(permit)
        isReceiving = response.stream != nil
        return .success(response)
    }

    private func send(_ request: HTTPRequest, _ operation: Operation) async throws -> HTTPResponse {
        guard let capacity = operation.streamCapacity, let streaming else { return try await transport.send(request) }
        return try await streaming.stream(request, capacity: capacity)
    }

    /// Returns the failure for an attempt that received no complete response, or rethrows a cancellation.
    private func failure(_ error: any Error, _ partial: HTTPPartialResponse?) throws(CancellationError) -> Failure {
        switch error {
        case let error as CancellationError: throw error
        case let error as HTTPTransportError:
            Failure(error: OSSError(transport: error).hinting(at: endpoint, via: transport), partial: partial)
        default: Failure(error: OSSError(.connectionLost, "the transport failed: \(error)", underlying: error))
        }
    }

    private func makeRequest(
        _ operation: Operation, _ credentials: Credentials?, before deadline: ContinuousClock.Instant?
    ) async throws -> HTTPRequest {
        var signable = signable(operation)
        signable.headers["User-Agent"] = configuration.userAgent
        if operation.url == nil, let trafficLimit = configuration.trafficLimit, operation.acceptsTrafficLimit {
            signable.headers["x-oss-traffic-limit"] = String(trafficLimit)
        }
        // The service refuses response-* parameters on an anonymous request.
        if operation.wantsStoredEncoding, operation.url == nil, credentials != nil || configuration.signer != nil {
            signable.query.append(("response-content-encoding", "identity"))
        }
        if let credentials {
            signer.sign(&signable, credentials: credentials, at: clock.now)
        } else if operation.url == nil {
            let signature = try await configuration.signer?.signature(of: signable, at: clock.now, before: deadline)
            for (name, value) in signature?.headers ?? [:] { signable.headers[name] = value }
        }
        var onProgress = operation.onProgress
        if let report = onProgress, let resumption = operation.resumption {
            onProgress = { report(resumption.completing($0)) }
        }
        return HTTPRequest(
            method: operation.method, url: operation.url ?? url(of: signable, operation.target),
            headers: signable.headers, body: operation.body, destination: operation.destination,
            timeouts: configuration.timeouts, onProgress: onProgress)
    }

    /// Returns the parts of an operation's request that a signature covers.
    func signable(_ operation: Operation) -> SignableRequest {
        var signable = SignableRequest(
            method: operation.method, bucket: operation.bucket ?? bucket,
            key: operation.key?.rawValue, query: operation.query, headers: operation.headers)
        if let target = operation.target { (signable.product, signable.resource) = (target.product, target.resource) }
        return signable
    }

    /// Returns the URL of a signed request.
    func url(of request: SignableRequest, _ target: ServiceTarget?) -> String {
        guard let target else { return endpoint.url(bucket: request.bucket, key: request.key, query: request.query) }
        return "\(endpoint.scheme.rawValue)://\(target.host)\(target.path)" + Endpoint.encode(query: request.query)
    }

    /// Waits until the operation may be retried, or throws the error if it must not be retried.
    func prepareRepeat(
        _ verdict: RetryVerdict, after failure: Failure, _ error: OSSError, _ credentials: Credentials?,
        deadline: ContinuousClock.Instant?, _ history: inout History
    ) async throws {
        switch verdict {
        case .fail:
            if error.code == .alreadyExists, history.attempts > 1 {
                throw error.explained(
                    "an earlier attempt of this call, whose response was lost, may have stored the object")
            }
            throw error
        case .correctClock:
            guard !history.hasCorrectedClock, let serviceError = error.serviceError,
                clock.learn(from: serviceError, dateHeader: failure.dateHeader)
            else { throw error }
            history.hasCorrectedClock = true
            reportFailure(&history, retryDelay: .zero)
        case .renewCredentials:
            guard !history.hasRenewedCredentials, let credentials else { throw error }
            history.hasRenewedCredentials = true
            reportFailure(&history, retryDelay: .zero)
            _ = try await withDeadlineAbandoning(deadline) { [provider] in
                await provider.invalidate(credentials)
            }
        case .retry:
            try await waitToRepeat(error, requested: failure.requestedDelay, deadline: deadline, &history)
        }
    }
}

extension Result<HTTPResponse, Client.Failure> {
    var error: OSSError? {
        if case .failure(let failure) = self { failure.error } else { nil }
    }

    func requestedDelay(atMost retry: RetryPolicy) -> Duration? {
        if case .failure(let failure) = self { failure.requestedDelay.map { min($0, retry.maximumDelay) } } else { nil }
    }
}

/// The difference between the service's clock and this machine's clock, in seconds. It is learned from a refused
/// request and then applies to all requests, which would otherwise be sent twice.
final class ClockOffset: Sendable {
    private let seconds = Mutex<TimeInterval>(0)
    private let clock: @Sendable () -> Date

    init(clock: @escaping @Sendable () -> Date) {
        self.clock = clock
    }

    /// The current time according to the service's clock, or to this machine's clock if the difference is unknown.
    var now: Date {
        clock() + seconds.withLock { $0 }
    }

    /// Learns the clock offset from the response to a refused request, and returns whether another attempt is
    /// worthwhile.
    func learn(from serviceError: OSSError.ServiceError, dateHeader: String?) -> Bool {
        let stated =
            serviceError.details["ServerTime"].flatMap(ISO8601.date(from:)) ?? dateHeader.flatMap(HTTPDate.date(from:))
        guard let stated else { return false }
        let offset = stated.timeIntervalSince(clock())
        return seconds.withLock { current in
            // Another call may have learned the offset after this request was signed, so a retry is worthwhile even when
            // the offset does not change.
            current = offset
            return true
        }
    }
}
