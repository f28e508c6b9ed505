import Foundation
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("AdaptiveLimit", .timeLimit(.minutes(2)))
struct AdaptiveLimitTests {
    private enum Event {
        /// A success.
        case success
        /// Records the given number of successes.
        case successes(Int)
        /// Records a throttling response to a request, given the seconds at which the two were sent.
        case throttled(sent: Int, received: Int)
    }

    @Test(
        "The limit halves once for all requests in flight, never below one, and grows by one per round trip",
        arguments: [
            (64, [], 64),
            (64, [.throttled(sent: 1, received: 2)], 32),
            (64, [.throttled(sent: 1, received: 2), .throttled(sent: 1, received: 3)], 32),
            (64, [.throttled(sent: 1, received: 4), .throttled(sent: 3, received: 5)], 32),
            (64, [.throttled(sent: 1, received: 4), .throttled(sent: 4, received: 5)], 32),
            (64, [.throttled(sent: 1, received: 2), .throttled(sent: 3, received: 4)], 16),
            (5, [.throttled(sent: 1, received: 2)], 2),
            (1, [.throttled(sent: 1, received: 2), .throttled(sent: 3, received: 4)], 1),
            (3, (0..<9).map { .throttled(sent: 2 * $0, received: 2 * $0 + 1) }, 1),
            (8, [.success], 8),
            (8, [.throttled(sent: 1, received: 2), .successes(3)], 4),
            (8, [.throttled(sent: 1, received: 2), .successes(5)], 5),
            (2, [.throttled(sent: 1, received: 2), .success], 2),
            (8, [.throttled(sent: 1, received: 2), .successes(100)], 8),
            (8, [.throttled(sent: 1, received: 2), .successes(100), .throttled(sent: 1, received: 9)], 8),
            (8, [.throttled(sent: 1, received: 2), .successes(100), .throttled(sent: 3, received: 9)], 4),
            (0, [], 1), (-1, [.success], 1),
        ] as [(Int, [Event], Int)])
    private func level(maximum: Int, events: [Event], expected: Int) {
        let origin = ContinuousClock.now
        var level = AdaptiveLimit.Level(maximum: maximum)
        for event in events {
            switch event {
            case .success: level.succeeded()
            case .successes(let count): for _ in 0..<count { level.succeeded() }
            case .throttled(let sent, let received):
                level.throttled(startedAt: origin + .seconds(sent), now: origin + .seconds(received))
            }
        }
        #expect(level.requests == expected)
    }

    @Test("Waiting tasks are admitted one at a time as the limit recovers")
    func recovery() async throws {
        let limit = AdaptiveLimit(maximum: 4)
        for _ in 0..<3 { limit.throttled(at: .now) }
        #expect(limit.current == 1)
        let gate = AsyncSemaphore(1)
        let closed = try await gate.acquire()
        let tasks = (0..<6).map { _ in
            Task {
                let permit = try await limit.acquire()
                try await gate.withPermit { permit.release() }
            }
        }
        while limit.waiterCount < 5 || gate.waiterCount < 1 { await Task.yield() }
        var successes = 0
        for expected in [2, 3, 4] {
            while limit.current < expected {
                limit.succeeded()
                successes += 1
            }
            #expect(limit.waiterCount == 6 - expected)
        }
        #expect(successes > 4)
        closed.release()
        for task in tasks { try await task.value }
        #expect(limit.waiterCount == 0)
    }

    @Test("A task that is cancelled while it waits leaves the queue without a permit")
    func cancellation() async throws {
        let limit = AdaptiveLimit(maximum: 1)
        let permit = try await limit.acquire()
        let waiting = Task { try await limit.acquire() }
        while limit.waiterCount < 1 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        permit.release()
        try await limit.acquire().release()
    }

    @Test("All calls of a bucket slow down together when the service throttles, whatever the error code")
    func client() async throws {
        let transport = ScriptedTransport(
            { _ in .refusal(429, "TooManyRequests") }, { _ in .refusal(503, "ServerBusy") },
            { _ in .refusal(503, "ServiceUnavailable") }, { _ in throw HTTPTransportError(.connectionLost, "reset") },
            { _ in .refusal(404, "NoSuchKey") }, { _ in .ok() })
        let bucket = try Bucket.scripted(transport) {
            $0.maximumConnections = 16
            $0.retry.maximumAttempts = 1
        }
        let limits = [8, 4, 4, 4, 4, 4, 4, 4, 5]
        for limit in limits {
            _ = try? await bucket.deleteObject("a")
            #expect(bucket.client.limit.current == limit)
        }
        #expect(transport.requests.count == limits.count)
    }

    @Test("The deadline of a call ends its wait for a permit, and nothing is sent")
    func deadline() async throws {
        let transport = ScriptedTransport({ _ in .ok() })
        let bucket = try Bucket.scripted(transport) {
            $0.maximumConnections = 1
            $0.deadline = .milliseconds(20)
        }
        let permit = try await bucket.client.limit.acquire()
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        #expect(error?.code == .timedOut)
        #expect(error?.message.contains("the deadline expired before the request could be sent") == true)
        #expect(transport.requests.isEmpty)
        #expect(bucket.client.limit.waiterCount == 0)
        permit.release()
        try await bucket.client.limit.acquire().release()
    }

    @Test("If the deadline expires while a call waits for its second permit, the error is that of its first attempt")
    func deadlineAfterFailure() async throws {
        let transport = OccupiedTransport()
        var configuration = BucketConfiguration()
        configuration.transport = transport
        configuration.maximumConnections = 1
        configuration.retry.baseDelay = .zero
        configuration.deadline = .milliseconds(500)
        let bucket = try Bucket(
            "photos", region: "cn-hangzhou", credentials: .anonymous, configuration: configuration)
        let limit = bucket.client.limit
        let call = Task { try await bucket.deleteObject("a") }
        while transport.waiterCount < 1 { await Task.yield() }
        let next = Task { try await limit.acquire() }
        while limit.waiterCount < 1 { await Task.yield() }
        transport.refuse()
        let permit = try await next.value
        let error = await #expect(throws: OSSError.self) { try await call.value }
        #expect(error?.code == .throttled)
        #expect(error?.attempts == 1)
        #expect(error?.message.contains("the deadline") == true)
        permit.release()
    }
}

/// A transport that holds its requests until it is told to reject them.
private final class OccupiedTransport: HTTPTransport {
    private let gate = AsyncSemaphore(1)
    private let held = Mutex<Permit?>(nil)

    var waiterCount: Int { gate.waiterCount }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        if held.withLock({ $0 == nil }) {
            let permit = try await gate.acquire()
            held.withLock { $0 = permit }
        }
        return try await gate.withPermit { .refusal(503, "ServerBusy") }
    }

    func refuse() { held.withLock { $0.take() }?.release() }
}
