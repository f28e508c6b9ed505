import Synchronization

/// A limiter for the combined bandwidth of all requests on a bucket.
///
/// The limiter delays entire requests: a request starts once the limit has allowed for the bytes of all earlier
/// requests, and then runs at full speed. A paused stream would block others on Linux, so the service is asked to limit
/// the speed within a request.
final class BandwidthLimiter: Sendable {
    /// A schedule of request start times, without tasks or locks.
    struct Schedule: Sendable {
        let bytesPerSecond: Int64
        /// Earliest time at which all bytes charged so far may have been transferred under the limit; `nil` before the
        /// first charge. Idle time does not accumulate.
        private var paid: ContinuousClock.Instant?

        init(bytesPerSecond: Int64) {
            self.bytesPerSecond = max(1, bytesPerSecond)
        }

        /// Schedules a request after all earlier ones, and counts its bytes toward the limit.
        ///
        /// - Returns: Delay until the request may start.
        mutating func delay(for bytes: Int64, at now: ContinuousClock.Instant) -> Duration {
            let start = max(now, paid ?? now)
            paid = start + duration(of: bytes)
            return start - now
        }

        /// Replaces a request's charge for its expected bytes with the charge for the bytes it transferred.
        mutating func settle(expected: Int64, moved: Int64, at now: ContinuousClock.Instant) {
            if moved > expected {
                paid = max(now, paid ?? now) + duration(of: moved - expected)
            } else if let charged = paid {
                paid = charged - duration(of: expected - moved)
            }
        }

        private func duration(of bytes: Int64) -> Duration {
            .seconds(Double(max(0, bytes)) / Double(bytesPerSecond))
        }
    }

    private let schedule: Mutex<Schedule>
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void

    init(
        bytesPerSecond: Int64, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        schedule = Mutex(Schedule(bytesPerSecond: bytesPerSecond))
        self.now = now
        self.sleep = sleep
    }

    /// Waits until a request with the expected number of bytes may start. Requests start in call order.
    ///
    /// - Throws: `CancellationError`, in which case the bytes are not charged.
    func pass(_ bytes: Int64) async throws {
        let delay = schedule.withLock { $0.delay(for: bytes, at: now()) }
        guard delay > .zero else { return }
        do {
            try await sleep(delay)
        } catch {
            settle(expected: bytes, moved: 0)
            throw error
        }
    }

    /// Replaces a request's charge for its expected bytes with the charge for the bytes it transferred.
    func settle(expected: Int64, moved: Int64) {
        schedule.withLock { $0.settle(expected: expected, moved: moved, at: now()) }
    }
}

/// A counter of the body bytes sent and received for a request, as reported by the transport. If a request receives no
/// response, the counter is the only source of this information.
final class ByteCounter: Sendable {
    private let progress = Mutex(HTTPProgress(bytesSent: 0, bytesReceived: 0))

    /// Combined number of bytes sent and received.
    var count: Int64 { progress.withLock { $0.bytesSent + $0.bytesReceived } }

    /// Returns a copy of a request that also reports its progress to the counter.
    func following(_ request: HTTPRequest) -> HTTPRequest {
        var followed = request
        followed.onProgress = { progress in
            self.progress.withLock { $0 = progress }
            request.onProgress?(progress)
        }
        return followed
    }
}
