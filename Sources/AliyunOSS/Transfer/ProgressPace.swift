/// Decides when the user of a transfer is told how far it is. Pure.
///
/// Bytes move in pieces of 16 KiB, thousands a second. Whoever draws a line for each does nothing else.
struct ProgressPace: Sendable {
    /// The least time from one call to the next.
    static let interval = Duration.milliseconds(200)

    /// What the last call said, and when.
    private var last: (count: Int64, time: ContinuousClock.Instant)?

    /// Whether the last call said just that.
    func hasTold(_ count: Int64) -> Bool { last?.count == count }

    /// Whether it is time for a call that says that so many bytes have been transferred.
    func isDue(_ count: Int64, at now: ContinuousClock.Instant) -> Bool {
        guard let last else { return true }
        return count != last.count && now >= last.time + Self.interval
    }

    /// A call says it now.
    mutating func tell(_ count: Int64, at now: ContinuousClock.Instant) { last = (count, now) }
}
