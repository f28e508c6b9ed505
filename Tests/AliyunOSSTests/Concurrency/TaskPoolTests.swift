import Synchronization
import Testing

@testable import AliyunOSS

@Suite("TaskPool", .timeLimit(.minutes(5)))
struct TaskPoolTests {
    @Test(
        "The number of running tasks never exceeds the limit, and no item is taken before a task can process it",
        arguments: [1, 2, 7])
    func limit(limit: Int) async throws {
        let running = Mutex((now: 0, peak: 0))
        var taken = 0
        var done = 0
        try await TaskPool.run(limit: limit) { () async throws -> Int? in
            #expect(taken - done < limit)
            taken += 1
            return taken <= 100 ? taken : nil
        } work: { item in
            running.withLock { $0 = ($0.now + 1, max($0.peak, $0.now + 1)) }
            for _ in 0..<(item % 5) { await Task.yield() }
            running.withLock { $0.now -= 1 }
            return item
        } handle: { _ in
            done += 1
            return .keepGoing
        }
        #expect(done == 100)
        #expect(running.withLock { $0.peak } <= limit)
    }

    @Test("The number of running tasks reaches the limit")
    func reachesLimit() async throws {
        let gate = Gate()
        var items = Array(0..<5)
        try await TaskPool.run(limit: 5) { () async throws -> Int? in
            items.popLast()
        } work: { _ in
            Task {
                await gate.waitForArrivals(5)
                await gate.unlock()
            }
            try? await gate.pass()
        } handle: { _ in
            .keepGoing
        }
    }

    @Test("If the stream fails, running tasks finish, their results are delivered, and then the error is thrown")
    func streamFailure() async throws {
        var items = [1, 2, 3]
        var finished: Set<Int> = []
        await #expect(throws: OSSError.self) {
            try await TaskPool.run(limit: 10) { () async throws -> Int? in
                guard let item = items.popLast() else { throw OSSError(.serviceUnavailable, "no more") }
                return item
            } work: { item in
                await Task.yield()
                return Task.isCancelled ? -1 : item
            } handle: { item in
                finished.insert(item)
                return .keepGoing
            }
        }
        #expect(finished == [1, 2, 3])
    }

    @Test("After a stop, no item is taken, and running tasks are cancelled and awaited")
    func stop() async throws {
        let gate = Gate()
        var taken = 0
        var ended = 0
        try await TaskPool.run(limit: 4) { () async throws -> Int? in
            taken += 1
            return taken
        } work: { item in
            if item == 1 {
                await gate.waitForArrivals(3)
            } else {
                try? await gate.pass()
            }
            return item
        } handle: { _ in
            ended += 1
            return .stop
        }
        #expect(taken == 4)
        #expect(ended == 4)
    }

    @Test("Cancelling the surrounding task cancels the running tasks and throws CancellationError")
    func cancellation() async throws {
        let gate = Gate()
        let task = Task {
            var taken = 0
            try await TaskPool.run(limit: 3) { () async throws -> Int? in
                taken += 1
                return taken
            } work: { _ in
                try? await gate.pass()
            } handle: { _ in
                .keepGoing
            }
        }
        await gate.waitForArrivals(3)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("A task that has ended its turn makes room for another one, up to the limit of waiting tasks")
    func waiting() async throws {
        let gate = Gate()
        let state = Mutex((taken: 0, idle: 0))
        try await TaskPool.run(limit: 1, waitingLimit: 3) { () async throws -> Int? in
            state.withLock { state in
                guard state.taken < 5 else { return nil }
                state.taken += 1
                return state.taken
            }
        } work: { item, turn in
            turn.finish()
            // The fifth item is taken only when one of the first four tasks has ended.
            if item == 1 {
                await gate.waitForArrivals(3)
                #expect(state.withLock { $0.taken } == 4)
            } else if item < 5 {
                try? await gate.pass()
            }
            return item
        } handle: { item in
            if item == 1 { Task { await gate.unlock() } }
            return .keepGoing
        } onIdle: {
            state.withLock { $0.idle += 1 }
        }
        #expect(state.withLock { $0.taken } == 5)
        #expect(state.withLock { $0.idle } > 0)
    }

    @Test("Tasks that end together are woken up when no other task has a turn and no item is left")
    func idle() async throws {
        let gate = Gate()
        var items = [1, 2, 3]
        var finished: Set<Int> = []
        try await TaskPool.run(limit: 2, waitingLimit: 5) { () async throws -> Int? in
            items.popLast()
        } work: { item, turn in
            turn.finish()
            try? await gate.pass()
            return item
        } handle: { item in
            finished.insert(item)
            return .keepGoing
        } onIdle: {
            Task { await gate.unlock() }
        }
        #expect(finished == [1, 2, 3])
    }

    @Test("No item is taken between an outcome that stops the pool and its handling")
    func stopBeforeNext() async throws {
        for _ in 0..<100 {
            var taken = 0
            try await TaskPool.run(limit: 1, waitingLimit: 5) { () async throws -> Int? in
                taken += 1
                return taken
            } work: { item, turn in
                if item < 3 { turn.finish() } else { await Task.yield() }
                return item
            } handle: { item in
                item == 3 ? .stop : .keepGoing
            }
            #expect(taken == 3)
        }
    }
}
