import Foundation
import Synchronization

/// Temporary credentials that are fetched when they are needed and again before they expire.
///
/// Whatever number of requests asks at once, one fetch is under way, and all of them get its result. While the
/// credentials at hand are still valid nobody waits: they are given out, and the fetch runs beside. A fetch that fails is
/// not remembered: valid credentials continue to be given out, and when there are none, the next one to ask starts a new
/// fetch. A task that is cancelled while it waits stops waiting; the fetch goes on for the others.
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

    /// Makes a provider. Nothing is fetched until the first request.
    ///
    /// - Parameters:
    ///   - refreshAhead: How long before they expire credentials are fetched anew. Default: 5 minutes, and at most half
    ///     of the time they live.
    ///   - minimumInterval: The shortest time between two fetches while valid credentials are at hand, so that a
    ///     failing source is not asked by every request. Default: 10 seconds.
    ///   - now: The clock. Default: the system's.
    ///   - fetch: Fetches credentials. It should have a time limit of its own: as long as it runs no other fetch starts.
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

    /// The credentials at hand while they are valid, else those that are being fetched.
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

    /// The service refused these credentials: they are not given out again, and the next one to ask fetches others.
    public func invalidate(_ credentials: Credentials) async {
        state.withLock { $0.plan.invalidate(credentials) }
    }

    /// How many wait for a fetch now: for tests, which must not guess.
    var waiting: Int { state.withLock { $0.waiters.count } }

    private func wait(as id: UInt64) async throws -> Credentials {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // Decided again, and entered, under one lock: a fetch that ended in between must not be missed.
                let (outcome, starts) = state.withLock { state -> (Result<Credentials, any Error>?, Bool) in
                    // The handler below takes the same lock. If it ran first, the flag is set by now.
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
        // The one unstructured task here: the fetch belongs to all who wait, so it must outlive the one that started it,
        // who may be cancelled. Detached, because the priority and the task-local values of that one are not its own.
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

    /// A fetch may throw `CancellationError` when its own work was cancelled. Those who wait were not cancelled, and
    /// must not be told that they were.
    private static func failure(_ error: any Error) -> OSSError {
        if let error = error as? OSSError, error.code == .credentialsUnavailable { return error }
        return OSSError(
            .credentialsUnavailable, "fetching credentials failed (\(type(of: error))); see the underlying error",
            underlying: error)
    }
}

extension RefreshingCredentialsProvider: CustomReflectable {
    /// Shows nothing of what it holds.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension CredentialsProvider where Self == RefreshingCredentialsProvider {
    /// Temporary credentials that are fetched when they are needed and again 5 minutes before they expire.
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

/// Decides when temporary credentials are used, fetched or waited for. It knows no task and no lock.
struct CredentialsRefreshPlan {
    /// What one who asks for credentials has to do.
    enum Step: Equatable {
        case use(Credentials)
        /// They are good still, but a fetch is due; it is the caller who starts it.
        case useAndFetch(Credentials)
        /// A fetch is under way.
        case wait
        /// A fetch is due; it is the caller who starts it.
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

    /// Decides what to do now.
    ///
    /// - Parameter waits: Whether the caller is ready to wait. If not, no fetch is marked as started on its behalf when
    ///   it would have to.
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

    /// A fetch ended; `nil` when it failed.
    mutating func finished(with credentials: Credentials?, at now: Date) {
        isFetching = false
        guard let credentials else { return }
        current = credentials
        // Credentials that live for less than twice the lead would be due at once, and fetched again and again.
        refreshAt =
            credentials.expiration.map { expiration in
                expiration.addingTimeInterval(-min(refreshAhead, max(0, expiration.timeIntervalSince(now)) / 2))
            } ?? .distantFuture
    }

    /// Forgets the credentials at hand if it is these that were refused. Those of a fetch since then stay.
    mutating func invalidate(_ credentials: Credentials) {
        if current == credentials { current = nil }
    }
}
