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
