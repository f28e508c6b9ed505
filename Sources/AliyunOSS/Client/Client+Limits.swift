extension Client {
    /// The permits that a request holds while it is in flight.
    struct Admission: Sendable {
        /// Permit that counts toward the bucket's limit on concurrent requests, released when the request ends.
        var permit: Permit
        /// Permit held by the single request that probes the service during an outage; `nil` for any other request. It
        /// is released once the outcome of the probe is recorded.
        var turn: Permit?
    }

    /// Waits until a request may be sent.
    ///
    /// - Returns: The permits, or `nil` if the deadline expired first.
    /// - Throws: ``OSSError`` if the service has not responded for longer than a folder transfer waits, or
    ///   `CancellationError`.
    func admit(
        _ operation: Operation, before deadline: ContinuousClock.Instant?, _ history: History
    ) async throws -> Admission? {
        do {
            return try await withDeadline(deadline) { [limit, gate, bandwidth] in
                let turn = try await gate.pass(.current, since: history.began)
                guard let bandwidth, operation.movesContent else {
                    return Admission(permit: try await limit.acquire(), turn: turn)
                }
                try await bandwidth.pass(operation.expectedLength)
                do {
                    return Admission(permit: try await limit.acquire(), turn: turn)
                } catch {
                    bandwidth.settle(expected: operation.expectedLength, moved: 0)
                    throw error
                }
            }
        } catch let error as OSSError {
            throw describe(error, operation, attempts: history.attempts)
        }
    }

    /// Waits until a failed attempt may be retried, or throws its error if it must not be retried.
    ///
    /// A call made by a folder transfer waits while the service throttles requests or does not respond, up to the limit
    /// of the run's ``Patience``. Any other call is limited by its number of attempts and by the retry budget of the
    /// bucket.
    func waitToRepeat(
        _ error: OSSError, requested: Duration?, deadline: ContinuousClock.Instant?, _ history: inout History
    ) async throws {
        let retry = configuration.retry
        let patience = Patience.current
        let isExcused = patience != nil && gate.excuses(error)
        if isExcused { history.excused += 1 }
        guard history.attempts - history.excused < retry.maximumAttempts else { throw error }
        if isExcused, let patience, configuration.now() - history.began >= patience.limit, !gate.isOutage {
            // The service responds to other requests.
            throw error.explained("gave up after \(patience.limit.inWords)")
        }
        let delay = retry.delay(
            afterFailures: history.attempts, requested: requested, isOverload: RequestPace.Sign(error) == .overload,
            random: .random(in: 0...1))
        if let deadline, ContinuousClock.now + delay >= deadline {
            throw error.explained("not retried: the deadline would expire first")
        }
        if !isExcused, !budget.spend() {
            guard patience != nil else {
                throw error.explained("not retried: the retry budget is exhausted")
            }
            gate.slowDown()
        }
        configuration.onRetry?(error)
        reportFailure(&history, retryDelay: delay)
        // In an outage the gate decides when to retry.
        if !(isExcused && gate.isOutage) { try await configuration.sleep(delay) }
    }

    /// Counts a request's transferred bytes toward the bandwidth limit. A request without content does not wait for
    /// bandwidth, so that a listing does not queue behind a large upload, but its bytes count.
    func charge(_ bytes: Int64, to operation: Operation) {
        bandwidth?.settle(expected: operation.movesContent ? operation.expectedLength : 0, moved: bytes)
    }

    /// Adjusts the limit on concurrent requests after a response.
    ///
    /// - Parameters:
    ///   - status: Status of the response.
    ///   - code: Code of the error; `nil` for a success.
    ///   - start: Time at which the request was sent.
    func adapt(to status: Int, _ code: OSSError.Code?, sentAt start: ContinuousClock.Instant) {
        if code == .throttled {
            limit.throttled(at: start)
        } else if status < 500 {
            // Even a refusal such as 404 shows that the service is not overloaded.
            limit.succeeded()
        }
    }

    /// Returns the proposed part size, reduced if necessary to suit the bandwidth limit. With a bandwidth limit, a part
    /// contains about as many bytes as the limit allows per second, which spaces requests evenly.
    func preferredPartSize(_ proposed: Int64) -> Int64 {
        guard let bandwidth = configuration.maximumBandwidth else { return proposed }
        return min(proposed, max(bandwidth, 256 << 10))
    }
}

extension BucketConfiguration {
    /// Limit for a single request, in bits per second, derived from ``maximumBandwidth``; `nil` if there is no maximum,
    /// or if the maximum is too low for `x-oss-traffic-limit`.
    var trafficLimit: Int64? {
        guard let maximumBandwidth, maximumBandwidth >= 102_400 else { return nil }
        return 8 * min(maximumBandwidth, 104_857_600)
    }
}
