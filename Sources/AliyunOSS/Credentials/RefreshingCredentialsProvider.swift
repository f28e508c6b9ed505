import Foundation
import Synchronization

// Snippet uses: assumeRole: @Sendable () async throws -> Credentials
/// A provider of temporary credentials that are fetched on first use and again before they expire.
///
/// At most one fetch runs at a time, and all waiting requests get its result. While the current credentials are valid,
/// requests use them without waiting, and the fetch runs in the background. The error of a failed fetch is not stored:
/// valid credentials remain in use, and without any the next request starts another fetch. Cancelling a waiting task does
/// not cancel the fetch.
///
/// ```swift
/// let credentials = RefreshingCredentialsProvider { try await assumeRole() }
/// ```
public final class RefreshingCredentialsProvider: CredentialsProvider {
    private typealias Waiter = CheckedContinuation<Credentials, any Error>

    private struct State {
        var plan: CredentialsRefreshPlan
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let fetch: @Sendable () async throws -> Credentials
    private let now: @Sendable () -> Date
    private let state: Mutex<State>

    /// Creates a provider. The first request starts the first fetch.
    ///
    /// - Parameters:
    ///   - refreshAhead: Time before the expiration at which credentials are fetched again, at most half of their
    ///     lifetime. Default: 5 minutes.
    ///   - minimumInterval: Minimum time between two fetches while the current credentials are valid, which protects a
    ///     failing source from overload. Default: 10 seconds.
    ///   - now: Clock. Default: the system clock.
    ///   - fetch: Closure that fetches credentials. It should have a timeout: no other fetch starts while it runs.
    public init(
        refreshAhead: Duration = .seconds(300), minimumInterval: Duration = .seconds(10),
        now: @escaping @Sendable () -> Date = { Date() },
        fetch: @escaping @Sendable () async throws -> Credentials
    ) {
        self.fetch = fetch
        self.now = now
        state = Mutex(
            State(
                plan: CredentialsRefreshPlan(
                    refreshAhead: refreshAhead.timeInterval, minimumInterval: minimumInterval.timeInterval)))
    }

    /// Returns the current credentials if they are valid; otherwise, fetches new ones.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable`` when they cannot be fetched, or
    ///   `CancellationError` when the task was cancelled while it waited.
    public func credentials() async throws -> Credentials? {
        let (step, id) = state.withLock { state in
            state.nextWaiter += 1
            return (state.plan.step(at: now(), waits: false), state.nextWaiter)
        }
        switch step {
        case .use(let credentials): return credentials
        case .useAndFetch(let credentials):
            startFetch()
            return credentials
        case .wait, .fetchAndWait: return try await wait(as: id)
        }
    }

    /// Discards credentials that the service rejected, so that the next request fetches new ones.
    public func invalidate(_ credentials: Credentials) async {
        state.withLock { $0.plan.invalidate(credentials) }
    }

    /// The number of tasks that are waiting for a fetch, used by tests.
    var waiting: Int { state.withLock { $0.waiters.count } }

    private func wait(as id: UInt64) async throws -> Credentials {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // The decision and the registration share one lock, so that the end of a fetch in between is not missed.
                let (outcome, starts) = state.withLock { state -> (Result<Credentials, any Error>?, Bool) in
                    // The cancellation handler takes the same lock. If it ran first, the flag is already set.
                    if Task.isCancelled { return (.failure(CancellationError()), false) }
                    switch state.plan.step(at: now(), waits: true) {
                    case .use(let credentials): return (.success(credentials), false)
                    case .useAndFetch(let credentials): return (.success(credentials), true)
                    case .wait:
                        state.waiters[id] = continuation
                        return (nil, false)
                    case .fetchAndWait:
                        state.waiters[id] = continuation
                        return (nil, true)
                    }
                }
                if starts { startFetch() }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    private func startFetch() {
        // All waiting tasks share the fetch, so it must outlive the task that started it and must not inherit the priority
        // or the task-local values of that task.
        Task.detached { [self] in
            let result: Result<Credentials, any Error>
            do {
                let credentials = try await fetch()
                try credentials.validate()
                result = .success(credentials)
            } catch {
                result = .failure(Self.failure(error))
            }
            let waiters = state.withLock { state in
                state.plan.finished(with: try? result.get(), at: now())
                defer { state.waiters = [:] }
                return state.waiters.values
            }
            for waiter in waiters { waiter.resume(with: result) }
        }
    }

    /// Converts an error from a fetch to an ``OSSError``. A fetch may throw `CancellationError` of its own, which the
    /// waiting tasks must not rethrow: they were not cancelled.
    private static func failure(_ error: any Error) -> OSSError {
        if let error = error as? OSSError, error.code == .credentialsUnavailable { return error }
        return OSSError(
            .credentialsUnavailable, "fetching credentials failed (\(type(of: error))); see the underlying error",
            underlying: error)
    }
}

extension RefreshingCredentialsProvider: CustomReflectable {
    /// An empty mirror, because the state contains secrets.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension CredentialsProvider where Self == RefreshingCredentialsProvider {
    /// Returns a provider of temporary credentials that are fetched on first use and again 5 minutes before they
    /// expire.
    public static func refreshing(
        _ fetch: @escaping @Sendable () async throws -> Credentials
    ) -> RefreshingCredentialsProvider {
        RefreshingCredentialsProvider(fetch: fetch)
    }
}

extension Duration {
    fileprivate var timeInterval: TimeInterval {
        TimeInterval(components.seconds) + TimeInterval(components.attoseconds) * 1e-18
    }
}

/// The logic that decides when to use, fetch or wait for temporary credentials, without tasks or locks.
struct CredentialsRefreshPlan {
    /// The next step for a caller that needs credentials.
    enum Step: Equatable {
        case use(Credentials)
        /// Use the credentials, which are still valid, and start a fetch of new ones.
        case useAndFetch(Credentials)
        /// Wait for the fetch that is already running.
        case wait
        /// Start a fetch, and wait for it.
        case fetchAndWait
    }

    private let refreshAhead: TimeInterval
    private let minimumInterval: TimeInterval
    private var current: Credentials?
    private var refreshAt = Date.distantFuture
    private var isFetching = false
    private var lastFetch = Date.distantPast

    init(refreshAhead: TimeInterval, minimumInterval: TimeInterval) {
        self.refreshAhead = refreshAhead
        self.minimumInterval = minimumInterval
    }

    /// Returns the next step for a caller that needs credentials.
    ///
    /// - Parameter waits: Whether the caller is able to wait. If not, ``Step/fetchAndWait`` does not mark a fetch as started.
    mutating func step(at now: Date, waits: Bool) -> Step {
        if let current, now < current.expiration ?? .distantFuture {
            guard now >= refreshAt, !isFetching, now.timeIntervalSince(lastFetch) >= minimumInterval else {
                return .use(current)
            }
            isFetching = true
            lastFetch = now
            return .useAndFetch(current)
        }
        guard !isFetching else { return .wait }
        guard waits else { return .fetchAndWait }
        isFetching = true
        lastFetch = now
        return .fetchAndWait
    }

    /// Records the end of a fetch. `credentials` is `nil` if the fetch failed.
    mutating func finished(with credentials: Credentials?, at now: Date) {
        isFetching = false
        guard let credentials else { return }
        current = credentials
        // Credentials with a lifetime of less than twice the lead would otherwise be fetched again immediately, forever.
        refreshAt =
            credentials.expiration.map { expiration in
                expiration.addingTimeInterval(-min(refreshAhead, max(0, expiration.timeIntervalSince(now)) / 2))
            } ?? .distantFuture
    }

    /// Discards the current credentials if the service rejected them.
    mutating func invalidate(_ credentials: Credentials) {
        if current == credentials { current = nil }
    }
}
