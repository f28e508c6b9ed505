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
        defer { permit.release() }
        let start = ContinuousClock.now
        // The request is signed after the wait for a permit: the service treats the signature's date as the time of
        // sending.
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
        // OSS responds with 203 when the object is stored but its callback failed.
        guard (200...299).contains(response.status), response.status != 203 else {
            let error = OSSError(
                refusal: response, hasBody: operation.body.length > 0, removing: credentials?.secrets ?? []
            ).hinting(at: endpoint)
            adapt(to: response.status, error.code, sentAt: start)
            return .failure(
                Failure(
                    error: error, requestedDelay: response.requestedDelay, dateHeader: response.headers["Date"],
                    isMisplaced: !response.isFromService, wasSentOnce: response.bodyPasses == 1))
        }
        if let problem = response.acceptanceProblem(for: operation, isSigned: credentials != nil) {
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
        return .success(response)
    }

    /// Returns the failure for an attempt that received no complete response, or rethrows a cancellation.
    private func failure(_ error: any Error, _ partial: HTTPPartialResponse?) throws(CancellationError) -> Failure {
        switch error {
        case let error as CancellationError: throw error
        case let error as HTTPTransportError:
            Failure(error: OSSError(transport: error).hinting(at: endpoint), partial: partial)
        default: Failure(error: OSSError(.connectionLost, "the transport failed: \(error)", underlying: error))
        }
    }

    private func makeRequest(_ operation: Operation, _ credentials: Credentials?) -> HTTPRequest {
        let bucket = operation.isOfService ? nil : operation.bucket ?? bucket
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
