import Foundation
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("AsyncSemaphore", .timeLimit(.minutes(2)))
struct AsyncSemaphoreTests {
    /// Counts of the current and the maximum number of permit holders.
    private final class Room: Sendable {
        private let state = Mutex((inside: 0, most: 0, visits: 0))

        func enter() {
            state.withLock { state in
                state.inside += 1
                state.visits += 1
                state.most = max(state.most, state.inside)
            }
        }
        func leave() { state.withLock { $0.inside -= 1 } }
        var inside: Int { state.withLock { $0.inside } }
        var most: Int { state.withLock { $0.most } }
        var visits: Int { state.withLock { $0.visits } }
    }

    private final class Record: Sendable {
        private let state = Mutex<[Int]>([])

        func append(_ number: Int) { state.withLock { $0.append(number) } }
        var numbers: [Int] { state.withLock { $0 } }
    }

    /// Takes `count` permits at once and returns them. It ends only if no permit was lost.
    private func takeAll(_ count: Int, of semaphore: AsyncSemaphore) async throws {
        guard count > 0 else { return }
        try await semaphore.withPermit { try await takeAll(count - 1, of: semaphore) }
    }

    @Test("No more tasks hold permits than there are, and every task gets one")
    func bound() async throws {
        let semaphore = AsyncSemaphore(3)
        let room = Room()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await semaphore.withPermit {
                        room.enter()
                        for _ in 0..<5 { await Task.yield() }
                        room.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(room.visits == 200)
        #expect((1...3).contains(room.most))
    }

    @Test("Waiting tasks get permits in the order in which they came")
    func order() async throws {
        let semaphore = AsyncSemaphore(1)
        let order = Record()
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await semaphore.withPermit {
                for number in 0..<20 {
                    group.addTask {
                        try await semaphore.withPermit { order.append(number) }
                    }
                    while semaphore.waiterCount <= number { await Task.yield() }
                }
            }
            try await group.waitForAll()
        }
        #expect(order.numbers == Array(0..<20))
    }

    @Test("A task cancelled while it waits throws CancellationError and leaves the queue; the others keep their order")
    func cancellation() async throws {
        let semaphore = AsyncSemaphore(1)
        let order = Record()
        let waiting = try await semaphore.withPermit {
            var waiting: [Task<Void, any Error>] = []
            for number in 0..<5 {
                waiting.append(
                    Task {
                        try await semaphore.withPermit { order.append(number) }
                    })
                while semaphore.waiterCount <= number { await Task.yield() }
            }
            waiting[0].cancel()
            waiting[3].cancel()
            while semaphore.waiterCount > 3 { await Task.yield() }
            await #expect(throws: CancellationError.self) { try await waiting[0].value }
            await #expect(throws: CancellationError.self) { try await waiting[3].value }
            return waiting
        }
        for number in [1, 2, 4] { try await waiting[number].value }
        #expect(order.numbers == [1, 2, 4])
        try await takeAll(1, of: semaphore)
    }

    @Test("A task that is already cancelled does not take a permit")
    func cancelledBefore() async throws {
        let semaphore = AsyncSemaphore(1)
        let room = Room()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await semaphore.withPermit { room.enter() }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(room.visits == 0)
        try await takeAll(1, of: semaphore)
    }

    @Test("A body that throws returns its permit")
    func throwingBody() async throws {
        struct Failure: Error {}
        let semaphore = AsyncSemaphore(1)
        await #expect(throws: Failure.self) { try await semaphore.withPermit { throw Failure() } }
        try await takeAll(1, of: semaphore)
    }

    @Test("Cancellations during the handover of a permit neither lose it nor return it twice")
    func race() async throws {
        let semaphore = AsyncSemaphore(2)
        let room = Room()
        let cancelled = Record()
        for _ in 0..<40 {
            let tasks = (0..<50).map { _ in
                Task {
                    do {
                        try await semaphore.withPermit {
                            room.enter()
                            await Task.yield()
                            room.leave()
                        }
                    } catch is CancellationError {
                        cancelled.append(1)
                    }
                }
            }
            // Every other task is cancelled while the first ones return their permits.
            for index in stride(from: 1, to: tasks.count, by: 2) { tasks[index].cancel() }
            for task in tasks { try await task.value }
        }
        #expect(room.visits + cancelled.numbers.count == 2000)
        #expect(cancelled.numbers.count > 0)
        #expect(room.most <= 2)
        #expect(room.inside == 0)
        #expect(semaphore.waiterCount == 0)
        try await takeAll(2, of: semaphore)
    }

    @Test("A smaller capacity delays new tasks and does not affect current ones; a larger capacity admits more")
    func capacity() async throws {
        let semaphore = AsyncSemaphore(3)
        let inside = [try await semaphore.acquire(), try await semaphore.acquire(), try await semaphore.acquire()]
        semaphore.capacity = 1
        let waiting = (0..<3).map { _ in Task { try await semaphore.acquire() } }
        while semaphore.waiterCount < 3 { await Task.yield() }
        inside[0].release()
        inside[1].release()
        #expect(semaphore.waiterCount == 3)
        inside[2].release()
        #expect(semaphore.waiterCount == 2)
        semaphore.capacity = 3
        #expect(semaphore.waiterCount == 0)
        for task in waiting { try await task.value.release() }
        semaphore.capacity = 0
        #expect(semaphore.capacity == 1)
        try await takeAll(1, of: semaphore)
    }

    @Test("A capacity below one becomes one")
    func least() async throws {
        try await takeAll(1, of: AsyncSemaphore(0))
        try await takeAll(1, of: AsyncSemaphore(-5))
    }
}
