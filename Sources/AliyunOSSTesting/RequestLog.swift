import AliyunOSS
import Synchronization

/// One request that a ``MockOSSServer`` received.
public struct MockRequest: Sendable {
    /// Which connection it came on; connections are numbered from 0 in the order they were accepted.
    public var connection: Int
    /// How many requests had come on that connection before.
    public var indexOnConnection: Int
    /// The HTTP method.
    public var method: String
    /// The request target exactly as it was received.
    public var target: String
    /// The target up to its `?`, still percent-encoded.
    public var path: String
    /// The decoded query in the order received; `?acl` has the value `nil` and `?acl=` an empty one.
    public var query: [(name: String, value: String?)]
    /// The header fields in the order received.
    public var headers: HTTPHeaders
    /// The bucket, from the host or the path; `nil` for a request to the service.
    public var bucket: String?
    /// The object's key, decoded once and never normalised; `nil` for a request to a bucket.
    public var key: String?
    /// The operation, such as `PutObject`, also when the server does not implement it.
    public var operation: String
    /// How many bytes of body were received.
    public var bodyLength: Int
    /// The status of the reply; 0 while there is none, and for good when a fault took it.
    public var status: Int
    /// The request id of the reply.
    public var requestID: String
}

/// The last requests, oldest first, bounded by their number and by what they take. Taking part costs a request two
/// short locks.
final class RequestLog: Sendable {
    private struct Waiter {
        let isFulfilled: @Sendable ([MockRequest]) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var records: [MockRequest] = []
        /// What the records take.
        var textLength = 0
        // Records are dropped in halves, so that a full log costs no shift per request.
        var dropped = 0
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0

        /// Drops the oldest records.
        mutating func drop(_ count: Int) {
            textLength -= records.prefix(count).reduce(0) { $0 + $1.textLength }
            records.removeFirst(count)
            dropped += count
        }

        /// Drops the oldest until what is left takes no more than that.
        mutating func shrink(to length: Int) {
            var left = textLength
            let count = records.prefix { record in
                guard left > length else { return false }
                left -= record.textLength
                return true
            }.count
            drop(count)
        }
    }

    private let limit: Int
    private let maximumLength: Int
    private let state = Mutex(State())

    /// Makes an empty log.
    ///
    /// - Parameters:
    ///   - limit: How many requests are shown.
    ///   - maximumLength: How many bytes the text of all requests may take. Beyond it the older half is dropped, so that
    ///     a full log need not make room for each request.
    init(limit: Int, maximumLength: Int) {
        self.limit = max(limit, 0)
        self.maximumLength = max(maximumLength, 0)
    }

    var requests: [MockRequest] {
        state.withLock { Array($0.records.suffix(limit)) }
    }

    /// Adds a request that has arrived and returns its number.
    func begin(_ request: MockRequest) -> Int {
        let length = request.textLength
        return change { state in
            if state.records.count >= 2 * max(limit, 1) { state.drop(state.records.count - limit) }
            state.records.append(request)
            state.textLength += length
            let number = state.dropped + state.records.count - 1
            if state.textLength > maximumLength { state.shrink(to: maximumLength / 2) }
            return number
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
            state.drop(state.records.count)
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

extension MockRequest {
    /// How many bytes its text takes: what a client makes as long as it likes.
    fileprivate var textLength: Int {
        var length = method.utf8.count + target.utf8.count + path.utf8.count + operation.utf8.count
        length += requestID.utf8.count + (bucket?.utf8.count ?? 0) + (key?.utf8.count ?? 0)
        for item in query { length += item.name.utf8.count + (item.value?.utf8.count ?? 0) }
        for field in headers { length += field.name.utf8.count + field.value.utf8.count }
        return length
    }
}
