import Foundation
import Testing

@testable import AliyunOSS

@Suite("RequestPace", .timeLimit(.minutes(2)))
struct RequestPaceTests {
    private enum Event {
        /// Returns the seconds that a request must wait if it asks for a permit at the given second.
        case turn(at: Double, wait: Double)
        /// Records an outcome, given the seconds at which the request was sent and the outcome arrived.
        case outcome(RequestPace.Sign, sent: Double, at: Double, requested: Duration? = nil)
        /// Records the same outcome the given number of times.
        case outcomes(RequestPace.Sign, Int, sent: Double, at: Double)
        /// Returns whether there is currently an outage.
        case outage(Bool)
    }

    /// The random part of every delay is at its maximum.
    @Test(
        "Successive service failures pause all requests except one probe until it gets a response",
        arguments: [
            // No request waits while the service responds.
            [.turn(at: 0, wait: 0), .turn(at: 0, wait: 0), .outcome(.answer, sent: 0, at: 1), .turn(at: 1, wait: 0)],
            // Five refused connections are an outage; four are not.
            [.outcomes(.silence, 4, sent: 0, at: 1), .outage(false), .turn(at: 1, wait: 0)],
            [.outcomes(.silence, 5, sent: 0, at: 1), .outage(true), .turn(at: 1, wait: 0.5)],
            // A response in between restarts the count.
            [
                .outcomes(.silence, 4, sent: 0, at: 1), .outcome(.answer, sent: 0, at: 1),
                .outcomes(.silence, 4, sent: 0, at: 1), .outage(false),
            ],
            // A failure that may concern a single file counts less.
            [.outcomes(.doubt, 19, sent: 0, at: 1), .outage(false), .outcome(.doubt, sent: 0, at: 1), .outage(true)],
            // The pauses between probes grow up to 15 seconds. Earlier requests in flight do not lengthen them.
            [
                .outcomes(.silence, 5, sent: 0, at: 1), .turn(at: 1.5, wait: 0),
                .outcome(.silence, sent: 0.5, at: 1.6), .outcome(.silence, sent: 1.5, at: 2),
                .turn(at: 2, wait: 1), .turn(at: 3, wait: 0), .outcome(.silence, sent: 3, at: 3),
                .turn(at: 3, wait: 2), .turn(at: 5, wait: 0), .outcome(.overload, sent: 5, at: 5),
                .turn(at: 5, wait: 4), .turn(at: 9, wait: 0), .outcome(.doubt, sent: 9, at: 9),
                .turn(at: 9, wait: 8), .turn(at: 17, wait: 0), .outcome(.silence, sent: 17, at: 17),
                .turn(at: 17, wait: 15), .turn(at: 32, wait: 0), .outcome(.silence, sent: 32, at: 32),
                .turn(at: 32, wait: 15), .outage(true),
            ],
            // The service can request a longer pause.
            [
                .outcomes(.overload, 4, sent: 0, at: 1),
                .outcome(.overload, sent: 0, at: 1, requested: .seconds(7)), .turn(at: 1, wait: 7),
            ],
            // A response to a probe ends the outage; a response to an earlier request does not.
            [
                .outcomes(.silence, 5, sent: 0, at: 1), .outcome(.answer, sent: 0.5, at: 1.2), .outage(true),
                .turn(at: 1.5, wait: 0), .outcome(.answer, sent: 1.5, at: 1.6), .outage(false),
                .turn(at: 1.6, wait: 0),
            ],
            // A delay that the service requests is respected, even without an outage.
            [.outcome(.overload, sent: 0, at: 1, requested: .seconds(3)), .outage(false), .turn(at: 1, wait: 3)],
        ] as [[Event]])
    private func pauses(events: [Event]) {
        let origin = ContinuousClock.now
        var pace = RequestPace()
        func note(_ sign: RequestPace.Sign, _ sent: Double, _ now: Double, _ requested: Duration? = nil) {
            pace.note(
                sign, sentAt: origin + .seconds(sent), now: origin + .seconds(now), requested: requested, random: 1)
        }
        for event in events {
            switch event {
            case .turn(let second, let wait):
                let found = pace.turn(at: origin + .seconds(second)) / .seconds(1)
                #expect(abs(found - wait) < 1e-6, "\(event)")
            case .outcome(let sign, let sent, let now, let requested): note(sign, sent, now, requested)
            case .outcomes(let sign, let count, let sent, let now):
                for _ in 0..<count { note(sign, sent, now) }
            case .outage(let isOut): #expect((pace.outage != nil) == isOut, "\(event)")
            }
        }
    }

    @Test("Failures in flight reduce the rate once, and an unused limit does not grow indefinitely")
    func rate() {
        let origin = ContinuousClock.now
        var pace = RequestPace()
        for index in 0..<100 { _ = pace.turn(at: origin + .milliseconds(5 * index)) }
        #expect(pace.rate == nil)
        func note(_ sign: RequestPace.Sign, _ sent: Double, _ now: Double) {
            pace.note(sign, sentAt: origin + .seconds(sent), now: origin + .seconds(now), random: 1)
        }
        for _ in 0..<3 { note(.overload, 0.4, 0.5) }
        #expect(pace.rate == 50)
        note(.answer, 0.6, 0.7)
        note(.overload, 0.6, 0.8)
        #expect(pace.rate.map { $0 > 12 && $0 < 13 } == true)
        for _ in 0..<100_000 { note(.answer, 60, 60) }
        #expect(pace.rate.map { $0 < 30 } == true)
    }

    /// A service that admits `rate` requests per second and small bursts, and no requests during an outage.
    private struct Limiter {
        var rate: Double
        var burst: Double
        var down: ClosedRange<Double> = -2 ... -1
        var tokens: Double
        var last = 0.0

        init(rate: Double, burst: Double, down: ClosedRange<Double> = -2 ... -1) {
            (self.rate, self.burst, self.down) = (rate, burst, down)
            tokens = burst
        }

        mutating func admits(at now: Double) -> Bool {
            tokens = min(burst, tokens + (now - last) * rate)
            last = now
            guard !down.contains(now), tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
    }

    /// Returns the outcome of sending files with the given number of requests in flight and the given duration of a
    /// request.
    private struct Run {
        var seconds = 0.0
        var requests = 0

        init(files: Int, concurrency: Int, roundTrip: Double, seed: UInt64, _ limiter: Limiter) {
            var (limiter, random) = (limiter, Random(state: seed))
            let origin = ContinuousClock.now
            func instant(_ seconds: Double) -> ContinuousClock.Instant { origin + .seconds(seconds) }
            var pace = RequestPace()
            var (waiting, inFlight) = (files, [(sent: Double, isAdmitted: Bool)]())
            while waiting > 0 || !inFlight.isEmpty {
                var next = Double.infinity
                if waiting > 0, inFlight.count < concurrency, pace.outage == nil || inFlight.isEmpty {
                    let wait = pace.turn(at: instant(seconds)) / .seconds(1)
                    if wait == 0 {
                        inFlight.append((seconds, limiter.admits(at: seconds)))
                        (waiting, requests) = (waiting - 1, requests + 1)
                        continue
                    }
                    next = seconds + max(wait, 1e-6)
                }
                guard let first = inFlight.first, first.sent + roundTrip <= next else {
                    seconds = next
                    continue
                }
                seconds = max(seconds, first.sent + roundTrip)
                inFlight.removeFirst()
                if !first.isAdmitted { waiting += 1 }
                pace.note(
                    first.isAdmitted ? .answer : .overload, sentAt: instant(first.sent), now: instant(seconds),
                    random: random.next())
            }
        }
    }

    private struct Random {
        var state: UInt64

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
    }

    @Test(
        "Against a rate limiter, requests approach its rate and few are rejected",
        arguments: [(20.0, 5.0, 100, 30), (20, 1, 100, 30), (20, 5, 400, 2), (100, 5, 1000, 30), (2, 1, 20, 64)],
        [0.002, 0.02, 0.1])
    private func limiter(_ limit: (rate: Double, burst: Double, files: Int, concurrency: Int), roundTrip: Double) {
        for seed: UInt64 in 1...20 {
            let run = Run(
                files: limit.files, concurrency: limit.concurrency, roundTrip: roundTrip, seed: seed,
                Limiter(rate: limit.rate, burst: limit.burst))
            // The run is as fast as the service permits, except for the time to find the rate, and not slower than the
            // connections allow.
            let rate = min(limit.rate, Double(limit.concurrency) / roundTrip)
            #expect(run.seconds < 1.5 * Double(limit.files) / rate + 3, "\(limit) \(roundTrip): \(run)")
            let refused = run.requests - limit.files
            #expect(refused < limit.concurrency + limit.files / 5 + 10, "\(limit) \(roundTrip): \(run)")
        }
    }

    @Test(
        "A limit of thousands of requests per second is used, and less than five percent of the requests are rejected",
        arguments: [
            (2000.0, 50.0, 30, 0.001), (2000, 50, 64, 0.004), (2000, 2000, 30, 0.004), (2000, 20, 100, 0.02),
            (5000, 50, 30, 0.002), (200, 5, 30, 0.004),
        ])
    private func highLimit(rate: Double, burst: Double, concurrency: Int, roundTrip: Double) {
        let files = Int(10 * rate)
        for seed: UInt64 in 1...5 {
            let run = Run(
                files: files, concurrency: concurrency, roundTrip: roundTrip, seed: seed,
                Limiter(rate: rate, burst: burst))
            #expect(Double(files) / run.seconds > 0.8 * rate, "\(run)")
            #expect(Double(run.requests - files) < 0.05 * Double(run.requests), "\(run)")
        }
    }

    @Test("An outage of twelve seconds costs a few probes and little additional time", arguments: [1, 30, 64])
    func outage(concurrency: Int) {
        for seed: UInt64 in 1...20 {
            let run = Run(
                files: 10_000, concurrency: concurrency, roundTrip: 0.004, seed: seed,
                Limiter(rate: 1e6, burst: 1e6, down: 0.5...12.5))
            // Without the outage, the run takes 2 to 40 seconds.
            #expect(run.seconds < 30 + 10_000 * 0.004 / Double(concurrency), "\(run)")
            #expect(run.requests - 10_000 < 2 * concurrency + 20, "\(run)")
        }
    }
}
