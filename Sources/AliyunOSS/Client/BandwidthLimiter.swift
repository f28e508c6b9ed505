import Synchronization

/// Paces the requests of a bucket, so that all of them together move no more than so many bytes per second.
///
/// It paces whole requests: one starts when everything before it is paid for, and then moves as fast as it can. A stream
/// that pauses would hold up others on Linux, so within a request it is the service that is asked to be slow.
final class BandwidthLimiter: Sendable {
    /// When requests may start. Pure, so that a table can test it.
    struct Schedule: Sendable {
        let bytesPerSecond: Int64
        /// When everything that was charged is paid for. Time in which nothing moved is not saved up.
        private var paid: ContinuousClock.Instant?

        init(bytesPerSecond: Int64) {
            self.bytesPerSecond = max(1, bytesPerSecond)
        }

        /// Gives a request its place behind those before it, and charges its bytes.
        ///
        /// - Returns: how long it has to wait until it may start.
        mutating func delay(for bytes: Int64, at now: ContinuousClock.Instant) -> Duration {
            let start = max(now, paid ?? now)
            paid = start + duration(of: bytes)
            return start - now
        }

        /// Charges a request for what it has moved instead of what was expected of it.
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

    /// Waits until a request may start that is expected to move so many bytes. Its place in the order is that of the call.
    ///
    /// - Throws: `CancellationError`; the bytes are then not charged.
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

    /// Charges a request for what it has moved instead of what was expected of it.
    func settle(expected: Int64, moved: Int64) {
        schedule.withLock { $0.settle(expected: expected, moved: moved, at: now()) }
    }
}

/// How many bytes of bodies a request has moved, in both directions, as far as its transport says. It is all that is known
/// of one that ends without an answer.
final class ByteCounter: Sendable {
    private let progress = Mutex(HTTPProgress(bytesSent: 0, bytesReceived: 0))

    /// The number of bytes so far.
    var count: Int64 { progress.withLock { $0.bytesSent + $0.bytesReceived } }

    /// A request that tells this, and then whom it told before.
    func following(_ request: HTTPRequest) -> HTTPRequest {
        var followed = request
        followed.onProgress = { progress in
            self.progress.withLock { $0 = progress }
            request.onProgress?(progress)
        }
        return followed
    }
}
