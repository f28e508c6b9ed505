import Synchronization

/// The patience of one folder run with a service that does not answer: how long the calls made in its tasks wait, and who
/// is told.
///
/// It travels with the tasks of the run, so that a call made outside of one fails at once, whatever else its bucket does.
final class Patience: Sendable {
    /// The patience of the run that the current task belongs to, if any.
    @TaskLocal static var current: Patience?

    private struct State {
        /// The outage that was told last.
        var told = 0
        var isExhausted = false
        var warnings: Set<String> = []
    }

    /// The longest time without an answer.
    let limit: Duration
    private let onWait: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// Makes a patience.
    ///
    /// - Parameters:
    ///   - limit: the longest time without an answer.
    ///   - onWait: called once in each outage with the reason and the limit in words, and for other warnings.
    init(limit: Duration, onWait: @escaping @Sendable (String) -> Void) {
        self.limit = limit
        self.onWait = onWait
    }

    /// Whether the service did not answer for longer than the limit: the rest of the run would only find the same.
    var isExhausted: Bool { state.withLock { $0.isExhausted } }

    /// Notes that an outage was longer than the limit.
    func exhaust() { state.withLock { $0.isExhausted = true } }

    /// Says something about the run, unless it was said before.
    func warn(once warning: String) {
        if state.withLock({ $0.warnings.insert(warning).inserted }) { onWait(warning) }
    }

    /// Says why the run waits, unless that has been said of this outage.
    func tell(ofOutage number: Int, _ reason: @autoclosure () -> String) {
        let isNew = state.withLock { state in
            defer { state.told = max(state.told, number) }
            return number > state.told
        }
        if isNew { onWait("\(reason()); waiting up to \(limit.inWords) for the service") }
    }
}

extension Duration {
    /// The duration as a person would say it: `5 min`, `90 s`, `0.5 s`.
    var inWords: String {
        let tenths = (self / .milliseconds(100)).rounded()
        if tenths >= 1200, tenths.truncatingRemainder(dividingBy: 600) == 0 { return "\(Int(tenths / 600)) min" }
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10)) s" : "\(tenths / 10) s"
    }
}
