import Foundation
import Synchronization
import Testing

@testable import AliyunOSS

/// A source of credentials that a test controls. Every fetch waits until the test ends it.
private final class Source: Sendable {
    private struct State {
        var started = 0
        var fetches: [CheckedContinuation<Credentials, any Error>] = []
        var startWaiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let time = Mutex(Date(timeIntervalSince1970: 1_000_000))

    var started: Int { state.withLock { $0.started } }
    var now: Date { time.withLock { $0 } }
    func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }

    func fetch() async throws -> Credentials {
        try await withCheckedThrowingContinuation { continuation in
            let ready = state.withLock { state in
                state.started += 1
                state.fetches.append(continuation)
                let ready = state.startWaiters.filter { $0.count <= state.started }
                state.startWaiters.removeAll { $0.count <= state.started }
                return ready
            }
            for waiter in ready { waiter.continuation.resume() }
        }
    }

    /// Waits until the given total number of fetches have started.
    func waitForStart(of count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.started >= count { return true }
                state.startWaiters.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    func finish(with result: Result<Credentials, any Error>) throws {
        let fetch = try #require(state.withLock { $0.fetches.isEmpty ? nil : $0.fetches.removeFirst() })
        fetch.resume(with: result)
    }

    func credentials(_ secret: String, livingFor seconds: TimeInterval) -> Credentials {
        Credentials(accessKeyID: "id", accessKeySecret: secret, expiration: now + seconds)
    }

    func provider() -> RefreshingCredentialsProvider {
        RefreshingCredentialsProvider(now: { self.now }, fetch: { try await self.fetch() })
    }

    /// Returns a provider that has fetched once.
    func provider(holding credentials: Credentials) async throws -> RefreshingCredentialsProvider {
        let provider = provider()
        async let first = provider.credentials()
        await waitForStart(of: 1)
        try finish(with: .success(credentials))
        #expect(try await first == credentials)
        return provider
    }
}

private struct Failure: Error {}

/// Waits for a condition that another task is about to meet.
private func until(_ condition: () async throws -> Bool) async rethrows {
    while try await !condition() { await Task.yield() }
}

@Suite("Refreshing credentials", .timeLimit(.minutes(1)))
struct RefreshingCredentialsTests {
    private let source = Source()

    @Test("Fifty concurrent requests share one fetch")
    func oneFetch() async throws {
        let provider = source.provider()
        let fresh = source.credentials("one", livingFor: 3600)
        try await withThrowingTaskGroup(of: Credentials?.self) { group in
            for _ in 0..<50 { group.addTask { try await provider.credentials() } }
            await source.waitForStart(of: 1)
            try source.finish(with: .success(fresh))
            for try await credentials in group { #expect(credentials == fresh) }
        }
        #expect(source.started == 1)
    }

    @Test("Credentials are fetched again before they expire, without delaying requests")
    func refreshAhead() async throws {
        let old = source.credentials("old", livingFor: 3600)
        let provider = try await source.provider(holding: old)
        source.advance(3600 - 301)
        #expect(try await provider.credentials() == old)
        #expect(source.started == 1)
        source.advance(2)
        #expect(try await provider.credentials() == old)
        await source.waitForStart(of: 2)
        #expect(try await provider.credentials() == old, "the fetch is still under way")
        let new = source.credentials("new", livingFor: 3600)
        try source.finish(with: .success(new))
        try await until { try await provider.credentials() == new }
        #expect(source.started == 2)
    }

    @Test("If a refresh fails, the old credentials stay in use, and the refresh is tried again after the interval")
    func failedRefresh() async throws {
        let old = source.credentials("old", livingFor: 3600)
        let provider = try await source.provider(holding: old)
        source.advance(3600 - 200)
        #expect(try await provider.credentials() == old)
        await source.waitForStart(of: 2)
        try source.finish(with: .failure(Failure()))
        for _ in 0..<100 { #expect(try await provider.credentials() == old) }
        #expect(source.started == 2, "not asked again within the interval")
        source.advance(11)
        // The fetching task records the failure some time after it is reported.
        try await until {
            let credentials = try await provider.credentials()
            #expect(credentials == old)
            return source.started == 3
        }
        try source.finish(with: .failure(Failure()))
    }

    @Test("A failed refresh is not tried again within the interval while the old credentials are valid")
    func minimumInterval() {
        var plan = CredentialsRefreshPlan(refreshAhead: 300, minimumInterval: 10)
        let start = source.now
        let old = source.credentials("old", livingFor: 3600)
        #expect(plan.step(at: start, waits: true) == .fetchAndWait)
        plan.finished(with: old, at: start)
        let due = start + 3300
        #expect(plan.step(at: due - 1, waits: true) == .use(old))
        #expect(plan.step(at: due, waits: true) == .useAndFetch(old))
        #expect(plan.step(at: due + 20, waits: true) == .use(old), "the fetch is under way")
        plan.finished(with: nil, at: due + 1)
        for seconds in [1, 5, 9.9] { #expect(plan.step(at: due + seconds, waits: true) == .use(old)) }
        #expect(plan.step(at: due + 10, waits: true) == .useAndFetch(old))
    }

    @Test("A failed fetch is reported to all waiting callers and not cached")
    func failureDoesNotStick() async throws {
        let provider = source.provider()
        try await withThrowingTaskGroup(of: OSSError?.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do {
                        _ = try await provider.credentials()
                        return nil
                    } catch { return error as? OSSError }
                }
            }
            await source.waitForStart(of: 1)
            // All ten must wait before the fetch fails; otherwise, a late one would start the second fetch.
            await until { provider.waiting == 10 }
            try source.finish(with: .failure(Failure()))
            for try await error in group {
                #expect(error?.code == .credentialsUnavailable)
                #expect(error?.underlying is Failure)
            }
        }
        async let second = provider.credentials()
        await source.waitForStart(of: 2)
        let fresh = source.credentials("fresh", livingFor: 3600)
        try source.finish(with: .success(fresh))
        #expect(try await second == fresh)
    }

    @Test("A cancelled caller stops waiting immediately, and the others receive the result of the fetch")
    func cancelledWaiter() async throws {
        let provider = source.provider()
        let cancelled = Task { try await provider.credentials() }
        await source.waitForStart(of: 1)
        let patient = Task { try await provider.credentials() }
        await until { provider.waiting == 2 }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { _ = try await cancelled.value }
        #expect(source.started == 1)
        let fresh = source.credentials("fresh", livingFor: 3600)
        try source.finish(with: .success(fresh))
        #expect(try await patient.value == fresh)
        #expect(try await provider.credentials() == fresh)
        #expect(source.started == 1)
    }

    @Test("A task that is already cancelled neither starts a fetch nor hangs")
    func cancelledBefore() async throws {
        let provider = source.provider()
        let gate = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate.stream {}
            return try await provider.credentials()
        }
        task.cancel()
        gate.continuation.finish()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(source.started == 0)
    }

    @Test("A fetch that is cancelled internally is a failure for its callers and not their cancellation")
    func fetchCancelledFromWithin() async throws {
        let provider = source.provider()
        let waiter = Task { try await provider.credentials() }
        await source.waitForStart(of: 1)
        try source.finish(with: .failure(CancellationError()))
        let error = try await #require(throws: OSSError.self) { _ = try await waiter.value }
        #expect(error.code == .credentialsUnavailable)
    }

    @Test("Expired credentials are not returned: the next request waits for the fetch")
    func expired() async throws {
        let provider = try await source.provider(holding: source.credentials("old", livingFor: 60))
        source.advance(61)
        async let next = provider.credentials()
        await source.waitForStart(of: 2)
        let fresh = source.credentials("fresh", livingFor: 60)
        try source.finish(with: .success(fresh))
        #expect(try await next == fresh)
    }

    @Test("Credentials with a lifetime shorter than the refresh lead time are not fetched for every request")
    func shortLived() async throws {
        let provider = try await source.provider(holding: source.credentials("short", livingFor: 120))
        for _ in 0..<10 { _ = try await provider.credentials() }
        source.advance(59)
        _ = try await provider.credentials()
        #expect(source.started == 1)
        source.advance(2)
        _ = try await provider.credentials()
        await source.waitForStart(of: 2)
        try source.finish(with: .failure(Failure()))
    }

    @Test("Rejected credentials are not returned again, and a report about older ones changes nothing")
    func invalidation() async throws {
        let held = source.credentials("held", livingFor: 3600)
        let provider = try await source.provider(holding: held)
        await provider.invalidate(Credentials(accessKeyID: "id", accessKeySecret: "older"))
        #expect(try await provider.credentials() == held)
        await provider.invalidate(held)
        async let next = provider.credentials()
        await source.waitForStart(of: 2)
        let fresh = source.credentials("fresh", livingFor: 3600)
        try source.finish(with: .success(fresh))
        #expect(try await next == fresh)
    }
}
