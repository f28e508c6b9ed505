extension Duration {
    /// No wait is longer: of what is meant to be for ever, nobody sees the end, and sums of it must not overflow.
    static let longestWait = Duration.seconds(365 * 86_400)

    /// The time for `poll`, rounded up. One that is too long for it ends early, so who waits has to look at the clock.
    var pollMilliseconds: Int32 {
        let parts = min(self, Self.longestWait).components
        return Int32(clamping: parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000 + 1)
    }
}
