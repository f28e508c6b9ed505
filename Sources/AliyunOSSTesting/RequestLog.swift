import AliyunOSS
import Foundation
import Synchronization

/// A request that a ``MockOSSServer`` received.
public struct MockRequest: Sendable {
    /// Number of the connection, counted from 0 in the order in which connections were accepted.
    public var connection: Int
    /// Number of earlier requests on the same connection.
    public var indexOnConnection: Int
    /// HTTP method.
    public var method: String
    /// Request target, exactly as received.
    public var target: String
    /// Part of the target before the first `?`, still percent-encoded.
    public var path: String
    /// Decoded query items in the order received. The value is `nil` for `?acl` and empty for `?acl=`.
    public var query: [(name: String, value: String?)]
    /// Header fields in the order received.
    public var headers: HTTPHeaders
    /// Name of the bucket, from the host or the path; `nil` for a request to the service.
    public var bucket: String?
    /// Key of the object, decoded once and never normalized; `nil` for a request to a bucket.
    public var key: String?
    /// Name of the operation, such as `PutObject`. Operations that the server does not implement have names as well.
    public var operation: String
    /// Number of body bytes received.
    public var bodyLength: Int
    /// Status code of the response; 0 until the server responds, or if a fault prevents a response.
    public var status: Int
    /// Request ID of the response.
    public var requestID: String
    /// Number of the request, counted from 1 since the server was started or last reset, as in
    /// ``MockFault/Matcher/requestNumber``.
    public var number: Int
    /// Time at which the head of the request arrived, on the server's clock.
    public var date: Date
    /// Verdict on the signature of the request.
    public var signature: SignatureVerdict
    /// Names of the faults that applied to the request, such as `truncateBody`.
    public var faults: [String]
    /// Whether the server has responded, or has closed the connection without a response.
    public var isFinished = false
    /// Number of the last change of this entry, counted over all changes of the log.
    var revision = 0
}

/// The changes of a log since an earlier time.
struct LogChanges {
    /// Number of the last change, to pass to the next call.
    var revision: Int
    /// Position of the oldest entry in the log. The entries before it have been dropped.
    var oldest: Int
    /// Position in the log of each changed entry, and the entry, oldest first.
    var entries: [(position: Int, request: MockRequest)]
}

/// A log of the most recent requests, limited in number and total size. Each request briefly takes the log's lock
/// twice.
final class RequestLog: Sendable {
    private struct Waiter {
        let isFulfilled: @Sendable ([MockRequest]) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var records: [MockRequest] = []
        /// Total size of all records, in bytes.
        var textLength = 0
        // Records are dropped in halves, so that a full log does not shift its array for each request.
        var dropped = 0
        var revision = 0
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0

        /// Drops the given number of records, oldest first.
        mutating func drop(_ count: Int) {
            textLength -= records.prefix(count).reduce(0) { $0 + $1.textLength }
            records.removeFirst(count)
            dropped += count
        }

        /// Drops the oldest records until the remaining records do not exceed the given size in bytes.
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

    /// Creates an empty log.
    ///
    /// - Parameters:
    ///   - limit: Maximum number of requests that the log returns.
    ///   - maximumLength: Maximum total size of all records in bytes. When it is exceeded, the older half is dropped at
    ///     once, so that a full log does not drop a record for each request.
    init(limit: Int, maximumLength: Int) {
        self.limit = max(limit, 0)
        self.maximumLength = max(maximumLength, 0)
    }

    var requests: [MockRequest] {
        state.withLock { Array($0.records.suffix(limit)) }
    }

    /// Adds a request to the log and returns its number.
    func add(_ request: MockRequest) -> Int {
        let length = request.textLength
        return change { state in
            if state.records.count >= 2 * max(limit, 1) { state.drop(state.records.count - limit) }
            state.revision += 1
            state.records.append(request)
            state.records[state.records.count - 1].revision = state.revision
            state.textLength += length
            let number = state.dropped + state.records.count - 1
            if state.textLength > maximumLength { state.shrink(to: maximumLength / 2) }
            return number
        }
    }

    /// Updates a logged request. Has no effect if the log has dropped the request.
    func update(_ number: Int, _ update: (inout MockRequest) -> Void) {
        change { state in
            let index = number - state.dropped
            guard state.records.indices.contains(index) else { return }
            update(&state.records[index])
            state.revision += 1
            state.records[index].revision = state.revision
        }
    }

    /// Returns the latest entries that have changed after a change. Each call takes the same short time, however many
    /// requests the log contains.
    ///
    /// - Parameters:
    ///   - revision: Number of the last known change; 0 for all entries.
    ///   - count: Number of entries at the end of the log that are considered.
    func changes(after revision: Int, among count: Int) -> LogChanges {
        state.withLock { state in
            let start = max(0, state.records.count - min(count, limit))
            let changed = state.records.indices[start...].filter { state.records[$0].revision > revision }
            return LogChanges(
                revision: state.revision, oldest: state.dropped + max(0, state.records.count - limit),
                entries: changed.map { (state.dropped + $0, state.records[$0]) })
        }
    }

    func removeAll() {
        change { state in
            state.drop(state.records.count)
            state.records = []
        }
    }

    /// Waits until the log satisfies a condition, or returns `false` if the task is cancelled first.
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
    /// Size of the request's text, in bytes. Most of the text is chosen by the client.
    fileprivate var textLength: Int {
        var length = method.utf8.count + target.utf8.count + path.utf8.count + operation.utf8.count
        length += requestID.utf8.count + (bucket?.utf8.count ?? 0) + (key?.utf8.count ?? 0)
        for item in query { length += item.name.utf8.count + (item.value?.utf8.count ?? 0) }
        for field in headers { length += field.name.utf8.count + field.value.utf8.count }
        return length
    }
}
