extension Client {
    /// Waits until a request may be sent.
    ///
    /// - Returns: the permit, to be released when the request is over, or `nil` when the deadline came first.
    /// - Throws: `CancellationError`.
    func admit(before deadline: ContinuousClock.Instant?) async throws -> Reservation? {
        try await TimeLimit.wait(until: deadline) { [limit] in try await limit.acquire() }
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
}
