import Testing

@testable import AliyunOSS

@Suite("Interruptible", .timeLimit(.minutes(2)))
struct InterruptibleTests {
    private struct Failure: Error {}

    /// Waits for what never comes, until it is cancelled.
    private static func waitForNothing() async throws {
        let semaphore = AsyncSemaphore(1)
        let held = try await semaphore.acquire()
        defer { held.release() }
        try await semaphore.acquire().release()
    }

    @Test("What is not interrupted gives its result or its error")
    func undisturbed() async throws {
        #expect(try await Interruptible.run { _ in 7 } == 7)
        await #expect(throws: Failure.self) { try await Interruptible.run { _ in throw Failure() } }
    }

    @Test("What waits for ever is cancelled by its own task, and says what it was")
    func interruption() async throws {
        await #expect(throws: Failure.self) {
            try await Interruptible.run { interrupt in
                async let other: Void = interrupt()
                await other
                do { try await Self.waitForNothing() } catch is CancellationError { throw Failure() }
            }
        }
    }

    @Test("An interruption that is no longer needed changes nothing")
    func late() async throws {
        let value = try await Interruptible.run { interrupt in
            interrupt()
            interrupt()
            return 7
        }
        #expect(value == 7)
    }

    @Test("Cancelling the surrounding task is cancellation, whatever the work makes of it")
    func cancellation() async throws {
        let task = Task {
            try await Interruptible.run { _ in
                do { try await Self.waitForNothing() } catch { throw Failure() }
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
