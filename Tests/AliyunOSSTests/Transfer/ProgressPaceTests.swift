import Testing

@testable import AliyunOSS

@Suite("ProgressPace")
struct ProgressPaceTests {
    @Test(
        "The closure is called only for new progress and at most five times per second",
        arguments: [
            // Number of bytes transferred after the given number of milliseconds.
            [(0, 10, true)], [(0, 0, true), (200, 0, false), (5000, 0, false), (5000, 1, true)],
            [(0, 10, true), (1, 20, false), (199, 30, false), (200, 40, true)],
            [(0, 10, true), (300, 20, true), (499, 30, false), (501, 40, true), (502, 50, false)],
            // The transfer starts again.
            [(0, 10, true), (100, 0, false), (200, 0, true)],
        ] as [[(Int, Int64, Bool)]])
    func calls(changes: [(milliseconds: Int, count: Int64, isDue: Bool)]) {
        let origin = ContinuousClock.now
        var pace = ProgressPace()
        for change in changes {
            let now = origin + .milliseconds(change.milliseconds)
            #expect(pace.isDue(change.count, at: now) == change.isDue)
            guard change.isDue else { continue }
            #expect(!pace.hasTold(change.count))
            pace.tell(change.count, at: now)
            #expect(pace.hasTold(change.count))
        }
    }
}
