import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("BandwidthLimiter", .timeLimit(.minutes(2)))
struct BandwidthLimiterTests {
    private enum Event {
        /// Returns the seconds that a request must wait, given its start in seconds and its bytes.
        case request(at: Double, bytes: Int64, wait: Double)
        /// Reports, at the given second, the bytes that a request transferred.
        case settle(at: Double, expected: Int64, moved: Int64)
    }

    @Test(
        "A request starts when the bytes of earlier requests have been paid for, at 1024 bytes per second",
        arguments: [
            [.request(at: 0, bytes: 1 << 40, wait: 0)],
            [.request(at: 0, bytes: 1024, wait: 0), .request(at: 0, bytes: 512, wait: 1)],
            [
                .request(at: 0, bytes: 1024, wait: 0), .request(at: 0, bytes: 512, wait: 1),
                .request(at: 0.5, bytes: 0, wait: 1), .request(at: 1, bytes: 1, wait: 0.5),
            ],
            // Idle time does not accumulate.
            [
                .request(at: 0, bytes: 1024, wait: 0), .request(at: 100, bytes: 2048, wait: 0),
                .request(at: 100, bytes: 1, wait: 2),
            ],
            // The request transferred more or fewer bytes than expected.
            [
                .request(at: 0, bytes: 0, wait: 0), .settle(at: 4, expected: 0, moved: 2048),
                .request(at: 5, bytes: 1, wait: 1),
            ],
            [
                .request(at: 0, bytes: 4096, wait: 0), .settle(at: 1, expected: 4096, moved: 2048),
                .request(at: 1, bytes: 1, wait: 1),
            ],
            [
                .request(at: 0, bytes: 1024, wait: 0), .settle(at: 8, expected: 1024, moved: 0),
                .request(at: 8, bytes: 1024, wait: 0), .request(at: 8, bytes: 1024, wait: 1),
            ],
            [.settle(at: 0, expected: 1024, moved: 0), .request(at: 0, bytes: 1024, wait: 0)],
            [.request(at: 0, bytes: -5, wait: 0), .request(at: 0, bytes: 1, wait: 0)],
        ] as [[Event]])
    private func schedule(events: [Event]) {
        let origin = ContinuousClock.now
        var schedule = BandwidthLimiter.Schedule(bytesPerSecond: 1024)
        for event in events {
            switch event {
            case .request(let instant, let bytes, let wait):
                #expect(schedule.delay(for: bytes, at: origin + .seconds(instant)) == .seconds(wait))
            case .settle(let instant, let expected, let moved):
                schedule.settle(expected: expected, moved: moved, at: origin + .seconds(instant))
            }
        }
    }

    @Test("Many bytes at a low rate take a long time and do not overflow")
    func extremes() {
        var schedule = BandwidthLimiter.Schedule(bytesPerSecond: 0)
        _ = schedule.delay(for: .max, at: .now)
        #expect(schedule.delay(for: .max, at: .now) > .seconds(1e18))
        schedule = BandwidthLimiter.Schedule(bytesPerSecond: .max)
        _ = schedule.delay(for: 1, at: .now)
        #expect(schedule.delay(for: 1, at: .now) < .seconds(1))
    }

    @Test("Requests wait for their start times, in the order in which they came")
    func waits() async throws {
        let sleeper = Recorder<Duration>()
        let origin = ContinuousClock.now
        let limiter = BandwidthLimiter(bytesPerSecond: 1000, now: { origin }, sleep: { sleeper.append($0) })
        for _ in 0..<4 { try await limiter.pass(2000) }
        limiter.settle(expected: 2000, moved: 500)
        try await limiter.pass(1)
        #expect(sleeper.values == [2, 4, 6, 6.5].map { .seconds($0) })
    }

    @Test("A request that is cancelled while it waits throws immediately, and its bytes are not charged")
    func cancellation() async throws {
        let origin = ContinuousClock.now
        let sleeper = Recorder<Duration>()
        let limiter = BandwidthLimiter(bytesPerSecond: 1, now: { origin }) { duration in
            sleeper.append(duration)
            try await Task.sleep(for: duration)
        }
        try await limiter.pass(1000)
        let waiting = Task { try await limiter.pass(500_000) }
        while sleeper.values.isEmpty { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        // If they were charged, this would wait for days.
        limiter.settle(expected: 1000, moved: 0)
        try await limiter.pass(1)
        #expect(sleeper.values == [.seconds(1000)])
    }

    @Test("The bytes of both directions share one rate")
    func bothDirections() async throws {
        let sleeper = Recorder<Duration>()
        let service = try TestService {
            // The rate is too low to be passed to the service, which would otherwise enforce it and slow the test.
            $0.maximumBandwidth = 102_399
            $0.sleep = { sleeper.append($0) }
        }
        let bytes = Data(repeating: 7, count: 10_240_000)
        try await service.bucket.putObject("a", .data(bytes))
        #expect(sleeper.values.isEmpty)
        let read = try await service.bucket.getObject("a", range: 0..<1_024_000)
        #expect(try await read.body.collect().count == 1_024_000)
        try await service.bucket.putObject("b", "x")
        let waits = sleeper.values
        try #require(waits.count == 2)
        // The upload takes 100 seconds, and the read 10.
        #expect(waits[0] > .seconds(10) && waits[0] <= .seconds(100))
        #expect(waits[1] > .seconds(20) && waits[1] <= .seconds(110) + .seconds(1))

        // These requests transfer no content and do not wait.
        _ = try await service.bucket.headObject("a")
        for try await _ in service.bucket.listObjects() {}
        try await service.bucket.copyObjectInOneRequest(from: "a", to: "c")
        try await service.bucket.deleteObject("c")
        #expect(sleeper.values.count == 2)
        #expect(service.server.requests.allSatisfy { $0.headers["x-oss-traffic-limit"] == nil })
    }

    @Test("The service is asked to limit the rate of the operations that support it")
    func trafficLimit() async throws {
        let service = try TestService { $0.maximumBandwidth = 50 << 20 }
        try await service.bucket.putObject("a", "x")
        _ = try await service.bucket.getObject("a", range: 0..<1)
        _ = try await service.bucket.headObject("a")
        try await service.bucket.copyObjectInOneRequest(from: "a", to: "c")
        try await service.bucket.deleteObject("c")
        let limited = Set(service.server.requests.filter { $0.headers["x-oss-traffic-limit"] != nil }.map(\.operation))
        #expect(limited == ["PutObject", "GetObject", "CopyObject"])
        #expect(service.server.requests.allSatisfy { $0.status < 300 })
        #expect(service.server.requests.first?.headers["x-oss-traffic-limit"] == "419430400")
    }

    @Test("The unused charge of a request that transferred fewer bytes or none is returned")
    func settlement() async throws {
        let sleeper = Recorder<Duration>()
        let transport = ScriptedTransport({ _ in .refusal(404, "NoSuchKey") })
        let bucket = try Bucket.scripted(transport) {
            $0.maximumBandwidth = 1024
            $0.maximumConnections = 1
            $0.sleep = { sleeper.append($0) }
        }
        await #expect(throws: OSSError.self) { try await bucket.getObject("a", range: 0..<4_000_000) }
        let permit = try await bucket.client.limit.acquire()
        let waiting = Task { try await bucket.getObject("a", range: 0..<4_000_000) }
        while bucket.client.limit.waiterCount < 1 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        permit.release()
        await #expect(throws: OSSError.self) { try await bucket.getObject("a", range: 0..<4_000_000) }
        // The time for the bytes of the rejections themselves, not an hour.
        #expect(sleeper.values.allSatisfy { $0 < .seconds(10) })
        #expect(transport.requests.count == 2)
    }

    @Test(
        "The traffic limit is within the service's bounds, and a part takes about one second",
        arguments: [
            (nil, nil, 8 << 20), (1024, nil, 256 << 10), (102_399, nil, 256 << 10), (102_400, 819_200, 256 << 10),
            (1 << 20, 8 << 20, 1 << 20), (104_857_600, 838_860_800, 8 << 20), (.max, 838_860_800, 8 << 20),
        ] as [(Int64?, Int64?, Int64)])
    func shares(bandwidth: Int64?, header: Int64?, partSize: Int64) async throws {
        let transport = ScriptedTransport({ _ in .ok() })
        let bucket = try Bucket.scripted(transport) { $0.maximumBandwidth = bandwidth }
        try await bucket.putObject("a", "x")
        #expect(transport.requests.first?.headers["x-oss-traffic-limit"] == header.map { String($0) })
        #expect(bucket.client.preferredPartSize(8 << 20) == partSize)
        #expect(bucket.client.preferredPartSize(100 << 10) == 100 << 10)
    }

    @Test("An operation that specifies its own traffic limit keeps it, because the service rejects two limits")
    func ownLimit() {
        var operation = Operation("UploadPart", .put, key: "a")
        #expect(operation.acceptsTrafficLimit)
        operation.query.append(("x-oss-traffic-limit", "819200"))
        #expect(!operation.acceptsTrafficLimit)
        operation = Operation("PutObject", .put, key: "a")
        operation.headers["x-oss-traffic-limit"] = "819200"
        #expect(!operation.acceptsTrafficLimit)
        #expect(!Operation("HeadObject", .head, key: "a").acceptsTrafficLimit)
    }
}
