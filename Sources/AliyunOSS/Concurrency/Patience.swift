import Synchronization

/// A limit on how long a folder transfer waits for a service that is not responding. It applies to the calls made in
/// the transfer's tasks, and it passes warnings to a closure.
///
/// It is a task-local value of the transfer's tasks, so calls made elsewhere fail immediately, even on the same bucket.
final class Patience: Sendable {
    /// The patience of the folder transfer that the current task belongs to; `nil` outside a folder transfer.
    @TaskLocal static var current: Patience?

    private struct State {
        /// The number of the last reported outage.
        var reported = 0
        var isExhausted = false
        var warnings: Set<String> = []
    }

    /// Maximum time without a response.
    let limit: Duration
    private let onWait: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// Creates a limit with a closure that receives warnings.
    ///
    /// - Parameters:
    ///   - limit: Maximum time without a response.
    ///   - onWait: A closure that receives one message for each outage, with the cause and the limit, and other
    ///     warnings.
    init(limit: Duration, onWait: @escaping @Sendable (String) -> Void) {
        self.limit = limit
        self.onWait = onWait
    }

    /// Whether the service has not responded for longer than the limit. The rest of the transfer would fail in the same
    /// way.
    var isExhausted: Bool { state.withLock { $0.isExhausted } }

    /// Records that an outage exceeded the limit.
    func exhaust() { state.withLock { $0.isExhausted = true } }

    /// Reports a warning, unless it has already been reported.
    func warn(once warning: String) {
        if state.withLock({ $0.warnings.insert(warning).inserted }) { onWait(warning) }
    }

    /// Reports the cause of an outage, unless that outage has already been reported.
    func tell(ofOutage number: Int, _ reason: @autoclosure () -> String) {
        let isNew = state.withLock { state in
            defer { state.reported = max(state.reported, number) }
            return number > state.reported
        }
        if isNew { onWait("\(reason()); waiting up to \(limit.inWords) for the service") }
    }
}

extension Duration {
    /// A description such as `5 min`, `90 s` or `0.5 s`.
    var inWords: String {
        let tenths = (self / .milliseconds(100)).rounded()
        if tenths >= 1200, tenths.truncatingRemainder(dividingBy: 600) == 0 { return "\(Int(tenths / 600)) min" }
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10)) s" : "\(tenths / 10) s"
    }
}
