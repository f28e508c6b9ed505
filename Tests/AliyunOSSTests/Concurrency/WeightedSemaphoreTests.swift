import Synchronization
import Testing

@testable import AliyunOSS

@Suite("Weighted semaphore", .timeLimit(.minutes(2)))
struct WeightedSemaphoreTests {
    /// The bytes that are held, their maximum, and their holders in order.
    private final class Ledger: Sendable {
        private let state = Mutex((held: 0, most: 0, order: [Int]()))

        func take(_ bytes: Int, _ number: Int = 0) {
            state.withLock { state in
                state.held += bytes
                state.most = max(state.most, state.held)
                state.order.append(number)
            }
        }
        func give(_ bytes: Int) { state.withLock { $0.held -= bytes } }
        var held: Int { state.withLock { $0.held } }
        var most: Int { state.withLock { $0.most } }
        var order: [Int] { state.withLock { $0.order } }
    }

    /// Starts a task for each number of bytes, each after the previous one waits.
    private func queue(_ sizes: [Int], at budget: AsyncSemaphore, _ ledger: Ledger) async -> [Task<Void, any Error>] {
        var tasks: [Task<Void, any Error>] = []
        for (number, bytes) in sizes.enumerated() {
            tasks.append(Task { try await budget.withPermit(count: bytes) { ledger.take(bytes, number) } })
            while budget.waiterCount <= number { await Task.yield() }
        }
        return tasks
    }

    @Test("The tasks never hold more bytes than the budget, and every task gets its bytes")
    func bound() async throws {
        let budget = AsyncSemaphore(100)
        let ledger = Ledger()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                let bytes = number % 60
                group.addTask {
                    try await budget.withPermit(count: bytes) {
                        ledger.take(bytes)
                        for _ in 0..<5 { await Task.yield() }
                        ledger.give(bytes)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(ledger.order.count == 200)
        #expect(ledger.most <= 100)
        #expect(budget.available == 100)
    }

    @Test("A large request is not overtaken by smaller ones behind it")
    func order() async throws {
        let budget = AsyncSemaphore(100)
        let ledger = Ledger()
        let first = try await budget.acquire(40)
        let second = try await budget.acquire(40)
        let tasks = await queue([90, 10, 10], at: budget, ledger)
        first.release()
        #expect(budget.waiterCount == 3)
        #expect(budget.available == 60)
        second.release()
        for task in tasks { try await task.value }
        #expect(ledger.order.first == 0)
        #expect(ledger.order.count == 3)
        #expect(budget.available == 100)
    }

    @Test("A request larger than the entire budget waits until no bytes are held and then runs alone")
    func oversized() async throws {
        let budget = AsyncSemaphore(100)
        let small = try await budget.acquire(1)
        let large = Task { try await budget.acquire(Int.max) }
        while budget.waiterCount < 1 { await Task.yield() }
        let behind = Task { try await budget.acquire(1) }
        while budget.waiterCount < 2 { await Task.yield() }
        small.release()
        let reservation = try await large.value
        #expect(budget.waiterCount == 1)
        #expect(budget.available == 0)
        reservation.release()
        try await behind.value.release()
        #expect(budget.available == 100)
    }

    @Test("A request that is cancelled while it waits throws immediately and unblocks the requests behind it")
    func cancellation() async throws {
        let budget = AsyncSemaphore(100)
        let ledger = Ledger()
        let held = try await budget.acquire(50)
        let tasks = await queue([90, 30, 60], at: budget, ledger)
        tasks[0].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[0].value }
        try await tasks[1].value
        #expect(budget.waiterCount == 1)
        held.release()
        try await tasks[2].value
        #expect(ledger.order == [1, 2])
        #expect(budget.available == 100)
    }

    @Test("A reservation returns its bytes once, however often it is released, and when it is deinitialized")
    func release() async throws {
        let budget = AsyncSemaphore(100)
        let other = try await budget.acquire(10)
        var reservation: Permit? = try await budget.acquire(60)
        #expect(budget.available == 30)
        reservation?.release()
        reservation?.release()
        reservation = nil
        #expect(budget.available == 90)
        reservation = try await budget.acquire(60)
        #expect(reservation != nil && budget.available == 30)
        reservation = nil
        #expect(budget.available == 90)
        other.release()
        #expect(budget.available == 100)
    }

    @Test("A body that throws returns its bytes")
    func throwingBody() async throws {
        struct Failure: Error {}
        let budget = AsyncSemaphore(10)
        await #expect(throws: Failure.self) { try await budget.withPermit(count: 10) { throw Failure() } }
        #expect(budget.available == 10)
    }

    private static let sizes: [(wanted: Int, free: Int, granted: Int)] = [
        (wanted: 4096, free: 24576, granted: 4096),
        (wanted: 4096, free: 8192, granted: 4096),
        (wanted: 4096, free: 4096, granted: 2048),
        (wanted: 4096, free: 200, granted: 100),
        (wanted: 4096, free: 128, granted: 64),
        (wanted: 4096, free: 1, granted: 64),
        (wanted: 4096, free: 0, granted: 64),
        (wanted: 4096, free: -1_000_000, granted: 64),
        (wanted: 10, free: 24576, granted: 10),
        (wanted: 10, free: 0, granted: 10),
        (wanted: 1 << 40, free: 24576, granted: 12288),
        (wanted: 0, free: 0, granted: 0),
    ]

    @Test(
        "A range gets at most half of the free bytes, at most the requested bytes, and at least 64 KiB",
        arguments: sizes)
    func rangeSize(wanted: Int, free: Int, granted: Int) {
        #expect(AsyncSemaphore.rangeSize(wanted: wanted << 10, free: free << 10) == granted << 10)
    }

    @Test("Ranges never wait, exceed the budget by at most 64 KiB each, and return unused bytes")
    func windows() async throws {
        let budget = AsyncSemaphore(1 << 20)
        let windows = (0..<50).map { _ in budget.reserveRange(upTo: 400 << 10) }
        #expect(windows.map(\.count).prefix(5) == [400 << 10, 312 << 10, 156 << 10, 78 << 10, 64 << 10])
        #expect(windows.map(\.count).reduce(0, +) <= 1 << 20 + 50 * 64 << 10)
        #expect(budget.available == 0)
        let waiting = Task { try await budget.acquire(1) }
        while budget.waiterCount < 1 { await Task.yield() }
        for window in windows {
            window.shrink(to: 10)
            window.shrink(to: 1 << 30)
            #expect(window.count == 10)
        }
        try await waiting.value.release()
        #expect(budget.available == 1 << 20 - 50 * 10)
        for window in windows { window.release() }
        #expect(budget.available == 1 << 20)
    }

    @Test("Cancellations during the handover of bytes neither lose them nor return them twice")
    func race() async throws {
        let budget = AsyncSemaphore(100)
        let ledger = Ledger()
        let cancelled = Ledger()
        for _ in 0..<40 {
            let tasks = (0..<50).map { number in
                Task {
                    let bytes = [1, 70, 30, 150][number % 4]
                    do {
                        try await budget.withPermit(count: bytes) {
                            ledger.take(min(bytes, 100))
                            await Task.yield()
                            ledger.give(min(bytes, 100))
                        }
                    } catch is CancellationError {
                        cancelled.take(0)
                    }
                }
            }
            for index in stride(from: 1, to: tasks.count, by: 2) { tasks[index].cancel() }
            for task in tasks { try await task.value }
        }
        let count = cancelled.order.count
        #expect(count > 0)
        #expect(ledger.order.count + count == 2000)
        #expect(ledger.most <= 100)
        #expect(budget.waiterCount == 0)
        #expect(budget.available == 100)
    }
}
