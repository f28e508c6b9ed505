import Testing

@testable import AliyunOSS

@Suite("TimeLimit", .timeLimit(.minutes(2)))
struct TimeLimitTests {
    private struct Failure: Error {}

    @Test("A wait that ends in time gives its result or its error, with and without a deadline")
    func inTime() async throws {
        for deadline in [nil, ContinuousClock.now + .seconds(600)] {
            #expect(try await TimeLimit.wait(until: deadline) { 7 } == 7)
            await #expect(throws: Failure.self) { try await TimeLimit.wait(until: deadline) { throw Failure() } }
        }
    }

    @Test("A wait that is too long is cancelled, and gives nothing")
    func tooLong() async throws {
        let semaphore = AsyncSemaphore(1)
        let held = try await semaphore.acquire()
        let result = try await TimeLimit.wait(until: .now + .milliseconds(5)) { try await semaphore.acquire() }
        #expect(result == nil)
        #expect(semaphore.waiterCount == 0)
        held.release()
        #expect(semaphore.available == 1)
    }

    @Test("What succeeds although the deadline has come is not lost")
    func lastMoment() async throws {
        let result = try await TimeLimit.wait(until: .now - .seconds(1)) {
            while !Task.isCancelled { await Task.yield() }
            return 7
        }
        #expect(result == 7)
    }

    @Test("What succeeds although the task is cancelled is not lost")
    func succeedsAfterCancellation() async throws {
        for _ in 0..<20 {
            let task = Task {
                try await TimeLimit.wait(until: .now + .seconds(600)) {
                    while !Task.isCancelled { await Task.yield() }
                    // Time for the other side of the race to see the cancellation.
                    for _ in 0..<100 { await Task.yield() }
                    return 7
                }
            }
            task.cancel()
            #expect(try await task.value == 7)
        }
    }

    @Test("Cancelling the task that waits is cancellation, not the deadline")
    func cancellation() async throws {
        let semaphore = AsyncSemaphore(1)
        let held = try await semaphore.acquire()
        let task = Task {
            try await TimeLimit.wait(until: .now + .seconds(600)) { try await semaphore.acquire() } == nil
        }
        while semaphore.waiterCount < 1 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        held.release()
    }
}
