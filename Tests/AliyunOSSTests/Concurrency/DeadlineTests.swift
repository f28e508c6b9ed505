import Testing

@testable import AliyunOSS

@Suite("withDeadline", .timeLimit(.minutes(2)))
struct DeadlineTests {
    private struct Failure: Error {}

    @Test(
        "An operation that ends before the deadline, or has none, returns its result or throws its error")
    func inTime() async throws {
        for deadline in [nil, ContinuousClock.now + .seconds(600)] {
            #expect(try await withDeadline(deadline) { 7 } == 7)
            await #expect(throws: Failure.self) { try await withDeadline(deadline) { throw Failure() } }
        }
    }

    @Test("An operation that waits beyond the deadline is cancelled and returns nil")
    func tooLong() async throws {
        let semaphore = AsyncSemaphore(1)
        let held = try await semaphore.acquire()
        let result = try await withDeadline(.now + .milliseconds(5)) { try await semaphore.acquire() }
        #expect(result == nil)
        #expect(semaphore.waiterCount == 0)
        held.release()
        #expect(semaphore.available == 1)
    }

    @Test("A result that is returned after the deadline is not lost")
    func lastMoment() async throws {
        let result = try await withDeadline(.now - .seconds(1)) {
            while !Task.isCancelled { await Task.yield() }
            return 7
        }
        #expect(result == 7)
    }

    @Test("A result that is returned after a cancellation is not lost")
    func succeedsAfterCancellation() async throws {
        for _ in 0..<20 {
            let task = Task {
                try await withDeadline(.now + .seconds(600)) {
                    while !Task.isCancelled { await Task.yield() }
                    // Gives the other task time to see the cancellation.
                    for _ in 0..<100 { await Task.yield() }
                    return 7
                }
            }
            task.cancel()
            #expect(try await task.value == 7)
        }
    }

    @Test("Cancelling the waiting task throws CancellationError before the deadline")
    func cancellation() async throws {
        let semaphore = AsyncSemaphore(1)
        let held = try await semaphore.acquire()
        let task = Task {
            try await withDeadline(.now + .seconds(600)) { try await semaphore.acquire() } == nil
        }
        while semaphore.waiterCount < 1 { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        held.release()
    }
}

@Suite("withCancellableScope", .timeLimit(.minutes(2)))
struct CancellableScopeTests {
    private struct Failure: Error {}

    /// Waits until the task is cancelled.
    private static func waitForNothing() async throws {
        let semaphore = AsyncSemaphore(1)
        let held = try await semaphore.acquire()
        defer { held.release() }
        try await semaphore.acquire().release()
    }

    @Test("Work without a cancellation returns its result or throws its error")
    func undisturbed() async throws {
        #expect(try await withCancellableScope { _ in 7 } == 7)
        await #expect(throws: Failure.self) { try await withCancellableScope { _ in throw Failure() } }
    }

    @Test("Work that would wait forever ends when one of its tasks cancels it, and throws that task's error")
    func interruption() async throws {
        await #expect(throws: Failure.self) {
            try await withCancellableScope { cancel in
                async let other: Void = cancel()
                await other
                do { try await Self.waitForNothing() } catch is CancellationError { throw Failure() }
            }
        }
    }

    @Test("Work that returns after cancelling itself keeps its result")
    func late() async throws {
        let value = try await withCancellableScope { cancel in
            cancel()
            cancel()
            return 7
        }
        #expect(value == 7)
    }

    @Test("Cancelling the surrounding task throws CancellationError, whatever error the work throws")
    func cancellation() async throws {
        let task = Task {
            try await withCancellableScope { _ in
                do { try await Self.waitForNothing() } catch { throw Failure() }
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
