import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Outages and throttling of the service", .timeLimit(.minutes(5)))
struct OutageTests {
    @Test(
        "J1: an outage pauses a run, which then transfers every file and reports the reason for the wait",
        arguments: MirrorScene.Way.allCases)
    func j1(way: MirrorScene.Way) async throws {
        let clock = SleepClock()
        let scene = try MirrorScene(way, configure: clock.configure)
        let names = (0..<200).map { String(format: "f%03d", $0) }
        try scene.addSource(names)
        let server = scene.service.server
        // All operations fail: responses to some of them would show that the service is not down. Of the ten requests in
        // flight only one counts as a sign of an outage, and five signs are needed.
        let refusals = 80
        server.add(.respond(status: 503, code: "ServiceUnavailable"), when: .init(skip: 50), times: refusals)
        let told = Mutex<[String]>([])
        let report = try await scene.run {
            $0.concurrency = 10
            // This many probes can take up to twenty minutes.
            $0.outageLimit = .seconds(36_000)
            $0.onWarning = { warning in told.withLock { $0.append(warning) } }
        }
        #expect(report.isComplete && report.transferred.files == 200, "\(report.failures.first?.error as Any)")
        #expect(server.unusedFaults.isEmpty)
        // No request was sent without need: each file took one more for each refusal.
        let requests = server.requests
        #expect(requests.count { $0.status == 503 } == refusals)
        #expect(requests.count { $0.operation == way.operation && $0.status != 503 } == 200)
        #expect(report.warnings.count == 1 && report.warnings == told.withLock { $0 })
        let warning = report.warnings.first ?? ""
        #expect(warning.contains("503 ServiceUnavailable") && warning.contains("600 min"), "\(warning)")
    }

    @Test(
        "J2: a rate limiter slows a run down to its rate, and every file is transferred",
        arguments: [
            HTTPResponse.xml(503, "<Error><Code>TotalQpsLimitExceeded</Code><Message>Slow down.</Message></Error>"),
            .xml(503, "<html><head><title>503 Service Temporarily Unavailable</title></head></html>"),
            .xml(429, ""),
        ])
    func j2(refusal: HTTPResponse) async throws {
        let clock = SleepClock()
        let transport = LimitedTransport(rate: 20, burst: 5, clock: clock, refusal: refusal)
        let scene = try MirrorScene(.up) {
            clock.configure(&$0)
            $0.transport = transport
        }
        try scene.addSource((0..<100).map { "f\($0)" })
        let report = try await scene.run { $0.concurrency = 30 }
        #expect(report.isComplete && report.transferred.files == 100, "\(report.failures.first?.error as Any)")
        // Thirty requests start at once and five are admitted; later, a few more are rejected while the rate is
        // determined.
        let refused = transport.refused
        #expect(refused > 0 && refused < 150)
    }

    @Test(
        "J3: a server restart during a run causes no failed file", arguments: [MirrorScene.Way.up, .down])
    func j3(way: MirrorScene.Way) async throws {
        let scene = try MirrorScene(way) { $0.retry.baseDelay = .milliseconds(200) }
        try scene.addSource((0..<100).map { "f\($0)" })
        scene.service.server.add(.refuseConnections(for: .milliseconds(200)), when: .operation(way.operation, skip: 40))
        let report = try await scene.run { $0.concurrency = 10 }
        #expect(report.isComplete && report.transferred.files == 100, "\(report.failures.first?.error as Any)")
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test(
        "J4: an outage that outlasts the limit stops the run without trying the other files; a single call fails immediately"
    )
    func j4() async throws {
        let clock = SleepClock()
        let scene = try MirrorScene(.up, configure: clock.configure)
        try scene.addSource((0..<300).map { "f\($0)" })
        let server = scene.service.server
        server.add(
            .respond(status: 503, code: "ServiceUnavailable"), when: .operation("PutObject", skip: 20), times: .max)
        let report = try await scene.run {
            $0.concurrency = 10
            $0.outageLimit = .seconds(60)
        }
        #expect(report.stoppedEarly && !report.isComplete && report.transferred.files == 20)
        // Twelve files are in progress with ten requests.
        #expect((1...12).contains(report.failures.count))
        let failure = try #require(report.failures.first?.error)
        #expect(failure.code == .serviceUnavailable && failure.message.contains("gave up after 60 s"), "\(failure)")
        // At most ten requests were in flight each of the five times that the rate was lowered, and then one probe at a
        // time.
        #expect(scene.service.operations()["PutObject", default: 0] <= 20 + 5 * 10 + 12)

        let before = server.requests.count
        await #expect(throws: OSSError.self) { try await scene.service.bucket.putObject("single", "x") }
        #expect(server.requests.count == before + 5)

        // The outage has no lasting effect: the next run starts at once.
        server.faults.removeAll()
        let next = try await scene.run { $0.outageLimit = .seconds(60) }
        #expect(next.isComplete && next.transferred.files == 280)
    }

    @Test("J4: a single request that is always rejected is given up after the limit, even if no other request is sent")
    func j4Alone() async throws {
        let clock = SleepClock()
        let scene = try MirrorScene(.down, configure: clock.configure)
        try scene.addSource((0..<1500).map { "f\($0)" }, Data())
        scene.service.server.add(
            .respond(status: 503, code: "ServiceUnavailable"), when: .operation("ListObjects", skip: 1), times: .max)
        let error = await failure {
            try await scene.run { $0.outageLimit = .seconds(60) }
        }
        #expect(error?.code == .serviceUnavailable && error?.message.contains("gave up after 60 s") == true)
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test("J5: a cancellation immediately ends a run that is waiting for the service")
    func j5() async throws {
        let waits = Mutex(0)
        let scene = try MirrorScene(.up) {
            $0.sleep = { _ in
                waits.withLock { $0 += 1 }
                try await Task.sleep(for: .seconds(3600))
            }
        }
        try scene.addSource((0..<30).map { "f\($0)" })
        scene.service.server.add(
            .respond(status: 503, code: "ServiceUnavailable"), when: .operation("PutObject"), times: .max)
        let run = Task { try await scene.run() }
        #expect(try await eventually { waits.withLock { $0 } > 0 })
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
    }

    @Test(
        "J7: a file without a free descriptor waits for one in either direction and does not fail",
        arguments: [MirrorScene.Way.up, .down], [EMFILE, ENFILE])
    func j7(way: MirrorScene.Way, code: Int32) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource((0..<20).map { "d\($0 % 3)/f\($0)" })
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .open, skip: 5, times: 3)
        disk.add(.fail(code), to: way == .up ? .list : .create, skip: 1, times: 2)
        let report = try await disk.run { try await scene.run() }
        #expect(report.isComplete && report.transferred.files == 20, "\(report.failures)")
        #expect(disk.unused.isEmpty)
    }

    @Test(
        "J7: a descriptor shortage that outlasts the limit fails the file, and the error names the limit to raise")
    func j7Lasting() async throws {
        let scene = try MirrorScene(.up)
        try scene.addSource(["a", "b"])
        let disk = FaultyFileSystem()
        disk.add(.fail(EMFILE), to: .open, path: "/a", times: nil)
        let report = try await disk.run { try await scene.run { $0.outageLimit = .milliseconds(100) } }
        #expect(report.failures.map(\.path) == ["a"] && report.transferred.files == 1)
        #expect(report.failures.first?.error.message.contains("ulimit -n") == true)
        #expect(disk.unused.isEmpty)
    }

    @Test(
        "The limit of requests in flight leaves descriptors for files and for the system",
        arguments: [
            (nil, 0, 30, 30), (1024, 20, 30, 30), (1024, 20, 1024, 245), (64, 12, 30, 7), (64, 40, 30, 1),
            (10, 9, 30, 1),
            (64, 12, 3, 3), (20_000, 1400, 64, 64),
        ])
    func requests(limit: Int?, taken: Int, wanted: Int, expected: Int) {
        #expect(DescriptorLimit(limit: limit, taken: taken).requests(wanted: wanted) == expected)
    }

    @Test(
        "The number of files that wait to be committed leaves descriptors for the requests in flight",
        arguments: [(nil, 30, 256), (1024, 30, 256), (256, 30, 30), (64, 7, 0), (10, Int.max, 0), (20_000, 3000, 256)])
    func waitingFiles(limit: Int?, requests: Int, expected: Int) {
        #expect(DescriptorLimit(limit: limit, taken: 20).waitingFiles(wanted: 256, requests: requests) == expected)
    }
}

/// A clock that advances only while tasks sleep, which takes no time. Limits of a run therefore do not depend on the
/// speed of the machine.
private final class SleepClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func configure(_ configuration: inout BucketConfiguration) {
        configuration.retry.baseDelay = .milliseconds(200)
        configuration.retry.maximumDelay = .seconds(20)
        configuration.now = { self.now }
        configuration.sleep = { duration in
            let end = self.now + duration
            // Other tasks may start to sleep at the same time.
            await Task.yield()
            try Task.checkCancellation()
            self.time.withLock { $0 = max($0, end) }
        }
    }
}

/// A transport that forwards a limited number of requests per second and rejects the others itself.
private final class LimitedTransport: HTTPTransport {
    private struct State {
        var tokens: Double
        var last: ContinuousClock.Instant
        var refused = 0
    }

    private let transport = TestTransport()
    private let rate: Double
    private let burst: Double
    private let clock: SleepClock
    private let refusal: HTTPResponse
    private let state: Mutex<State>

    init(rate: Double, burst: Double, clock: SleepClock, refusal: HTTPResponse) {
        (self.rate, self.burst, self.clock, self.refusal) = (rate, burst, clock, refusal)
        state = Mutex(State(tokens: burst, last: clock.now))
    }

    var refused: Int { state.withLock { $0.refused } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let isAdmitted = state.withLock { state in
            let now = clock.now
            state.tokens = min(burst, state.tokens + (now - state.last) / .seconds(1) * rate)
            state.last = now
            guard state.tokens >= 1 else {
                state.refused += 1
                return false
            }
            state.tokens -= 1
            return true
        }
        return isAdmitted ? try await transport.send(request) : refusal
    }
}

extension HTTPResponse {
    fileprivate static func xml(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [:], body: Data(text.utf8), bodyLength: Int64(text.utf8.count))
    }
}
