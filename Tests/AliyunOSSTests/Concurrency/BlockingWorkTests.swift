import Dispatch
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("BlockingWork", .timeLimit(.minutes(2)))
struct BlockingWorkTests {
    private final class Counter: Sendable {
        let count = Atomic(0)
    }

    @Test("Tasks go on while thirty calls block, all thirty at the same time")
    func ticker() async throws {
        let blocked = Counter()
        let gate = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    await BlockingWork.run {
                        blocked.count.add(1, ordering: .relaxed)
                        gate.wait()
                    }
                }
            }
            // The thirty calls end only after this task has run often enough.
            while blocked.count.load(ordering: .relaxed) < 30 { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            for _ in 0..<30 { gate.signal() }
            try await group.waitForAll()
        }
    }

    @Test("More calls than threads complete, and their results and errors reach their callers")
    func crowd() async throws {
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<500 {
                group.addTask {
                    do {
                        return try await BlockingWork.run {
                            if number.isMultiple(of: 5) { throw CancellationError() }
                            return number
                        }
                    } catch is CancellationError {
                        return -1
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count { $0 == -1 } == 100)
        #expect(Set(results).count == 401)
    }
}
