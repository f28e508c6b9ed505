import Synchronization
import TestKit

@testable import AliyunOSS

/// A transport that forwards requests and cancels a task when a specific request is about to be sent.
final class CancellingTransport: HTTPTransport {
    private struct State {
        var count = 0
        var cancel: (@Sendable () -> Void)?
        var waiters: [CheckedContinuation<Void, Never>] = []
        var hasCancelled = false
    }

    private let inner = TestTransport()
    private let isTheOne: @Sendable (_ number: Int, _ request: HTTPRequest) -> Bool
    private let state = Mutex(State())

    /// Creates a transport that cancels at the request with the given number, counted from 1.
    init(at number: Int) {
        isTheOne = { count, _ in count == number }
    }

    /// Creates a transport that cancels at the first request with the given method.
    init(whenMethod method: HTTPMethod) {
        isTheOne = { _, request in request.method == method }
    }

    /// Number of requests.
    var count: Int { state.withLock { $0.count } }

    var hasCancelled: Bool { state.withLock { $0.hasCancelled } }

    /// Sets the closure that cancels the task. Until then, no request is sent.
    func watch(_ cancel: @escaping @Sendable () -> Void) {
        let waiters = state.withLock { state in
            state.cancel = cancel
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.cancel == nil { state.waiters.append(continuation) }
                return state.cancel != nil
            }
            if isReady { continuation.resume() }
        }
        let cancel: (@Sendable () -> Void)? = state.withLock { state in
            state.count += 1
            guard !state.hasCancelled, isTheOne(state.count, request) else { return nil }
            state.hasCancelled = true
            return state.cancel
        }
        cancel?()
        return try await inner.send(request)
    }
}
