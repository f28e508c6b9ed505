import Testing

@testable import AliyunOSS

@Suite("TimeoutClock")
struct TimeoutClockTests {
    struct Case: Sendable {
        var timeouts: HTTPTimeouts
        var hasBody = true
        /// Seconds after the start.
        var moved: Double?
        var now: Double
        var expected: TimeoutClock.Limit?
    }

    static let limits = HTTPTimeouts(connect: .seconds(10), idle: .seconds(30), total: .seconds(100))
    static let hasty = HTTPTimeouts(connect: .seconds(10), response: .seconds(2))
    static let unlimited = HTTPTimeouts(connect: .milliseconds(200), idle: .milliseconds(50))

    static let cases: [Case] = [
        Case(timeouts: limits, moved: nil, now: 9.99, expected: nil),
        Case(timeouts: limits, moved: nil, now: 10, expected: .connect),
        Case(timeouts: limits, hasBody: false, moved: nil, now: 29.9, expected: nil),
        Case(timeouts: limits, hasBody: false, moved: nil, now: 30, expected: .connect),
        Case(timeouts: unlimited, hasBody: false, moved: nil, now: 0.2, expected: .connect),
        Case(timeouts: limits, moved: 5, now: 34.9, expected: nil),
        Case(timeouts: limits, moved: 5, now: 35, expected: .idle),
        Case(timeouts: limits, moved: 90, now: 99.9, expected: nil),
        Case(timeouts: limits, moved: 90, now: 100, expected: .total),
        Case(timeouts: hasty, moved: 5, now: 6.9, expected: nil),
        Case(timeouts: hasty, moved: 5, now: 7, expected: .response),
        Case(timeouts: hasty, hasBody: false, moved: nil, now: 10, expected: .connect),
        Case(timeouts: unlimited, moved: nil, now: 0.199, expected: nil),
        Case(timeouts: unlimited, moved: nil, now: 0.2, expected: .connect),
        Case(timeouts: unlimited, moved: 0.1, now: 0.15, expected: .idle),
        Case(timeouts: unlimited, moved: 1e9, now: 1e9, expected: nil),
        Case(timeouts: HTTPTimeouts(connect: .seconds(Int64.max)), moved: nil, now: 1e9, expected: nil),
    ]

    @Test("The first limit to expire applies", arguments: cases)
    func limit(_ example: Case) {
        let start = SuspendingClock.now
        let clock = TimeoutClock(
            timeouts: example.timeouts, hasBody: example.hasBody, started: start,
            lastMoved: example.moved.map { start + .seconds($0) })
        #expect(clock.expired(at: start + .seconds(example.now)) == example.expected)
    }
}
