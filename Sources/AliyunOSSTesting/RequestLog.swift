import Synchronization

/// The last requests, oldest first. Taking part costs a request two short locks.
final class RequestLog: Sendable {
    private struct Waiter {
        let isFulfilled: @Sendable ([MockRequest]) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var records: [MockRequest] = []
        // Records are dropped in halves, so that a full log costs no shift per request.
        var dropped = 0
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = max(limit, 0)
    }

    var requests: [MockRequest] {
        state.withLock { Array($0.records.suffix(limit)) }
    }

    /// Adds a request that has arrived and returns its number.
    func begin(_ request: MockRequest) -> Int {
        change { state in
            if state.records.count >= 2 * max(limit, 1) {
                let excess = state.records.count - limit
                state.records.removeFirst(excess)
                state.dropped += excess
            }
            state.records.append(request)
            return state.dropped + state.records.count - 1
        }
    }

    /// Notes how a request ended.
    func end(_ number: Int, status: Int, bodyLength: Int) {
        change { state in
            let index = number - state.dropped
            guard state.records.indices.contains(index) else { return }
            state.records[index].status = status
            state.records[index].bodyLength = bodyLength
        }
    }

    func removeAll() {
        change { state in
            state.dropped += state.records.count
            state.records = []
        }
    }

    /// Waits until the log satisfies a condition. Returns `false` when the task was cancelled first.
    func wait(until isFulfilled: @escaping @Sendable ([MockRequest]) -> Bool) async -> Bool {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone: Bool? = state.withLock { state in
                    if isFulfilled(state.records) { return true }
                    if Task.isCancelled { return false }
                    state.waiters[number] = Waiter(isFulfilled: isFulfilled, continuation: continuation)
                    return nil
                }
                if let isDone { continuation.resume(returning: isDone) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: false)
        }
    }

    private func change<Result: Sendable>(_ body: (inout sending State) -> Result) -> Result {
        let (result, resumed) = state.withLock { state in
            let result = body(&state)
            var resumed: [CheckedContinuation<Bool, Never>] = []
            if !state.waiters.isEmpty {
                for (number, waiter) in state.waiters where waiter.isFulfilled(state.records) {
                    state.waiters[number] = nil
                    resumed.append(waiter.continuation)
                }
            }
            return (result, resumed)
        }
        for continuation in resumed { continuation.resume(returning: true) }
        return result
    }
}
