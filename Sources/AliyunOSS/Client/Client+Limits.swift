extension Client {
    /// The permits that a request holds while it is in flight.
    struct Admission: Sendable {
        /// To be released when the request is over.
        var permit: Permit
        /// To be released when its outcome was noted, where nothing else is tried meanwhile.
        var turn: Permit?
    }

    /// Waits until a request may be sent.
    ///
    /// - Returns: the admission, or `nil` when the deadline came first.
    /// - Throws: ``OSSError`` when the service has not answered for longer than a folder run waits, or `CancellationError`.
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

    /// Returns when an attempt that failed may be repeated, or throws its error when it may not.
    ///
    /// A call of a folder run waits for a service that throttles or is down, as long as the run's ``Patience`` lasts. Any
    /// other call has its attempts and the bucket's budget.
    func waitToRepeat(
        _ error: OSSError, requested: Duration?, deadline: ContinuousClock.Instant?, _ history: inout History
    ) async throws {
        let retry = configuration.retry
        let patience = Patience.current
        let isExcused = patience != nil && gate.excuses(error)
        if isExcused { history.excused += 1 }
        guard history.attempts - history.excused < retry.maximumAttempts else { throw error }
        if isExcused, let patience, configuration.now() - history.began >= patience.limit, !gate.isOutage {
            // The others are answered.
            throw error.explained("given up after \(patience.limit.inWords)")
        }
        let delay = retry.delay(
            afterFailures: history.attempts, requested: requested, isOverload: RequestPace.Sign(error) == .overload,
            random: .random(in: 0...1))
        if let deadline, ContinuousClock.now + delay >= deadline {
            throw error.explained("not sent again, because its deadline is too near")
        }
        if !isExcused, !budget.spend() {
            guard patience != nil else {
                throw error.explained("not sent again, because the retry budget of this bucket is used up for now")
            }
            gate.slowDown()
        }
        configuration.onRetry?(error)
        // In an outage the gate says when.
        if !(isExcused && gate.isOutage) { try await configuration.sleep(delay) }
    }

    /// Charges a request for the bytes it has moved. One that does not move content never waits for bandwidth,
    /// so that a listing does not queue behind a gigabyte, but what it moves counts.
    func charge(_ bytes: Int64, to operation: Operation) {
        bandwidth?.settle(expected: operation.movesContent ? operation.expectedLength : 0, moved: bytes)
    }

    /// Learns from an answer how many requests the service stands.
    ///
    /// - Parameters:
    ///   - status: the answer's status.
    ///   - code: the verdict on it; `nil` for a success.
    ///   - start: when the request was sent.
    func adapt(toAnswer status: Int, _ code: OSSError.Code?, sentAt start: ContinuousClock.Instant) {
        if code == .throttled {
            limit.throttled(at: start)
        } else if status < 500 {
            // A refusal such as 404 is an answer as well: the service is not too busy to give it.
            limit.succeeded()
        }
    }

    /// How large the parts of a transfer should be, when `proposed` is what suits it otherwise: under a limit of bandwidth
    /// about what may move in a second, so that requests follow each other evenly.
    func preferredPartSize(_ proposed: Int64) -> Int64 {
        guard let bandwidth = configuration.maximumBandwidth else { return proposed }
        return min(proposed, max(bandwidth, 256 << 10))
    }
}

extension BucketConfiguration {
    /// What the service is asked to hold a single request to, in bits per second: ``maximumBandwidth``, as far as
    /// `x-oss-traffic-limit` can say it.
    var trafficLimit: Int64? {
        guard let maximumBandwidth, maximumBandwidth >= 102_400 else { return nil }
        return 8 * min(maximumBandwidth, 104_857_600)
    }
}
