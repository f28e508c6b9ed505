/// How far a transfer is.
public struct TransferProgress: Sendable, Hashable {
    /// Bytes that are at their destination or on their way there. It never falls, also when a part is sent again.
    public var bytesTransferred: Int64
    /// The size of the whole; `nil` while it is not known.
    public var bytesTotal: Int64?
    /// The speed of the last five seconds. Bytes that an earlier, interrupted transfer had moved do not count.
    public var bytesPerSecond: Double
    /// How long the rest takes at this speed; `nil` while the size is not known or nothing moves.
    public var estimatedTimeRemaining: Duration?

    /// Makes a reading.
    public init(
        bytesTransferred: Int64, bytesTotal: Int64?, bytesPerSecond: Double, estimatedTimeRemaining: Duration?
    ) {
        self.bytesTransferred = bytesTransferred
        self.bytesTotal = bytesTotal
        self.bytesPerSecond = bytesPerSecond
        self.estimatedTimeRemaining = estimatedTimeRemaining
    }

    /// Makes a reading whose remaining time follows from the rest and the speed.
    init(_ transferred: Int64, of total: Int64?, bytesPerSecond: Double) {
        self.init(
            bytesTransferred: transferred, bytesTotal: total, bytesPerSecond: bytesPerSecond,
            estimatedTimeRemaining: nil)
        guard let total else { return }
        let rest = Double(max(0, total - transferred))
        if rest == 0 {
            estimatedTimeRemaining = .zero
        } else if bytesPerSecond > 0, rest / bytesPerSecond < 1e10 {
            // More than three centuries is no estimate, and might not fit a duration.
            estimatedTimeRemaining = .seconds(rest / bytesPerSecond)
        }
    }
}

/// The speed of a transfer over its last few seconds. Pure, so it is a table test.
struct TransferRate: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How far back it looks.
    static let window: Duration = .seconds(5)
    /// What is nearer to the last sample than this is not kept, so that there are never many.
    private static let spacing: Duration = .milliseconds(100)

    /// The oldest one is at the window's edge or before it.
    private var samples: [(instant: Instant, bytes: Int64)]

    /// Begins with nothing moved.
    init(at start: Instant) {
        samples = [(start, 0)]
    }

    /// Takes note of how many bytes have been moved in all.
    ///
    /// - Returns: bytes per second. A time shorter than a tenth of a second counts as that, so that the first bytes do not
    ///   look like a fabulous speed.
    mutating func update(_ bytes: Int64, at now: Instant) -> Double {
        if let last = samples.last, now - last.instant >= Self.spacing { samples.append((now, bytes)) }
        let expired = samples.dropFirst().prefix { now - $0.instant >= Self.window }.count
        samples.removeFirst(expired)
        guard let oldest = samples.first else { return 0 }
        let elapsed = max(now - oldest.instant, Self.spacing)
        return Double(max(0, bytes - oldest.bytes)) / (elapsed / .seconds(1))
    }
}
