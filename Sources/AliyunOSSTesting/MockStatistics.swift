import Synchronization

/// Counts that a ``MockOSSServer`` has collected since it was started or last reset. Requests under `/-/` are not
/// counted.
public struct MockStatistics: Sendable, Codable, Equatable {
    /// Number of requests received.
    public var requests = 0
    /// Number of object bytes received.
    public var bytesReceived = 0
    /// Number of object bytes sent.
    public var bytesSent = 0
    /// Maximum number of requests handled at the same time.
    public var peakConcurrency = 0
    /// Current number of objects.
    public var objects = 0
    /// Current number of incomplete multipart uploads.
    public var openUploads = 0
    /// Number of connections accepted.
    public var connections = 0
    /// Current number of open connections.
    public var openConnections = 0

    /// Creates statistics with all counts set to zero.
    public init() {}
}

/// Counters that are updated without a lock.
final class Counters: Sendable {
    private let requests = Atomic(0)
    private let received = Atomic(0)
    private let sent = Atomic(0)
    private let connections = Atomic(0)
    private let running = Atomic(0)
    private let peak = Atomic(0)

    /// Counts a request and returns its number, counted from 1.
    func startRequest() -> Int {
        peak.max(running.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
        return requests.add(1, ordering: .relaxed).newValue
    }

    func endRequest() {
        running.subtract(1, ordering: .relaxed)
    }

    func add(received: Int, sent: Int) {
        self.received.add(received, ordering: .relaxed)
        self.sent.add(sent, ordering: .relaxed)
    }

    func connected() {
        connections.add(1, ordering: .relaxed)
    }

    func reset() {
        requests.store(0, ordering: .relaxed)
        received.store(0, ordering: .relaxed)
        sent.store(0, ordering: .relaxed)
        connections.store(0, ordering: .relaxed)
        peak.store(running.load(ordering: .relaxed), ordering: .relaxed)
    }

    var snapshot: MockStatistics {
        var statistics = MockStatistics()
        statistics.requests = requests.load(ordering: .relaxed)
        statistics.bytesReceived = received.load(ordering: .relaxed)
        statistics.bytesSent = sent.load(ordering: .relaxed)
        statistics.connections = connections.load(ordering: .relaxed)
        statistics.peakConcurrency = peak.load(ordering: .relaxed)
        return statistics
    }
}

/// A limiter that admits a number of requests per second, and bursts of a tenth of that number.
final class RequestRateLimiter: Sendable {
    private let rate: Double
    private let state: Mutex<(tokens: Double, updated: ContinuousClock.Instant)>

    init(perSecond: Int) {
        rate = Double(max(1, perSecond))
        state = Mutex((max(1, rate / 10), .now))
    }

    /// Counts a request, and returns whether it is within the limit.
    func admits(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            let elapsed = max(0, (now - state.updated) / .seconds(1))
            state = (min(max(1, rate / 10), state.tokens + elapsed * rate), max(now, state.updated))
            guard state.tokens >= 1 else { return false }
            state.tokens -= 1
            return true
        }
    }
}
