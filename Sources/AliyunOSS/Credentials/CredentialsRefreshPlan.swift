import Foundation

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
