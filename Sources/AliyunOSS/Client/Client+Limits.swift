extension Client {
    /// Waits until a request may be sent.
    ///
    /// - Returns: the permit, to be released when the request is over, or `nil` when the deadline came first.
    /// - Throws: `CancellationError`.
    func admit(_ operation: Operation, before deadline: ContinuousClock.Instant?) async throws -> Reservation? {
        try await TimeLimit.wait(until: deadline) { [limit, bandwidth] in
            guard let bandwidth, operation.movesContent else { return try await limit.acquire() }
            try await bandwidth.pass(operation.expectedLength)
            do {
                return try await limit.acquire()
            } catch {
                bandwidth.settle(expected: operation.expectedLength, moved: 0)
                throw error
            }
        }
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
