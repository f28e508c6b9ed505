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
