/// Keeps bytes that go in pieces at a rate.
struct Pace {
    /// How much may be caught up with after a pause that took too long.
    private static let slack = Duration.milliseconds(50)
    /// Shorter waits are left to add up.
    private static let shortest = Duration.milliseconds(1)

    private let bytesPerSecond: Int
    /// When the bytes so far should have gone.
    private var due: ContinuousClock.Instant

    init(bytesPerSecond: Int, start: ContinuousClock.Instant = .now) {
        self.bytesPerSecond = max(bytesPerSecond, 1)
        due = start
    }

    /// The length of a piece: what goes in a twentieth of a second.
    var pieceLength: Int { max(1, bytesPerSecond / 20) }

    /// How long to wait when so many more bytes have gone.
    mutating func delay(after count: Int, at now: ContinuousClock.Instant = .now) -> Duration {
        let time = Duration.nanoseconds(1_000_000_000 * Int64(count) / Int64(bytesPerSecond))
        due = max(due, now - Self.slack) + time
        let delay = due - now
        return delay < Self.shortest ? .zero : delay
    }
}
