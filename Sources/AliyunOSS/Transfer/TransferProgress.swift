/// The progress of a transfer.
public struct TransferProgress: Sendable, Hashable {
    /// Bytes transferred so far. The value never decreases, even if a part is sent again.
    public var bytesTransferred: Int64
    /// Bytes of ``bytesTransferred`` that an earlier, interrupted attempt transferred.
    public var bytesResumed: Int64
    /// Total size in bytes; `nil` while it is unknown.
    public var bytesTotal: Int64?
    /// Average speed over the last five seconds, in bytes per second. Bytes transferred by an earlier, interrupted
    /// attempt are not counted.
    public var bytesPerSecond: Double
    /// Estimated remaining time at the current speed; `nil` while the total size is unknown or no bytes are being
    /// transferred.
    public var estimatedTimeRemaining: Duration?

    /// Completed fraction, from 0 to 1; `nil` while the total size is unknown.
    public var fractionCompleted: Double? {
        bytesTotal.map { $0 > 0 ? min(1, Double(bytesTransferred) / Double($0)) : 1 }
    }

    /// Creates a progress value.
    public init(
        bytesTransferred: Int64, bytesTotal: Int64?, bytesPerSecond: Double, estimatedTimeRemaining: Duration?,
        bytesResumed: Int64 = 0
    ) {
        self.bytesTransferred = bytesTransferred
        self.bytesResumed = bytesResumed
        self.bytesTotal = bytesTotal
        self.bytesPerSecond = bytesPerSecond
        self.estimatedTimeRemaining = estimatedTimeRemaining
    }

    /// Creates a progress value, and calculates the remaining time from the speed.
    init(_ transferred: Int64, of total: Int64?, bytesPerSecond: Double, resumed: Int64 = 0) {
        self.init(
            bytesTransferred: transferred, bytesTotal: total, bytesPerSecond: bytesPerSecond,
            estimatedTimeRemaining: nil, bytesResumed: resumed)
        guard let total else { return }
        let rest = Double(max(0, total - transferred))
        if rest == 0 {
            estimatedTimeRemaining = .zero
        } else if bytesPerSecond > 0, rest / bytesPerSecond < 1e10 {
            // A longer time, more than three centuries, is not a useful estimate and can overflow a duration.
            estimatedTimeRemaining = .seconds(rest / bytesPerSecond)
        }
    }
}

/// The speed of a transfer over the last five seconds.
struct TransferRate: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The period that the average covers.
    static let window: Duration = .seconds(5)
    /// Minimum time between two stored samples, which keeps the number of samples small.
    private static let spacing: Duration = .milliseconds(100)

    /// Samples in chronological order. The first sample is at or before the start of the period.
    private var samples: [(instant: Instant, bytes: Int64)]

    /// Creates a rate for a transfer that starts now, with no bytes transferred.
    init(at start: Instant) {
        samples = [(start, 0)]
    }

    /// Adds a sample, and returns the average speed in bytes per second.
    ///
    /// - Parameter bytes: The total number of bytes transferred so far.
    /// - Returns: Bytes per second. The average covers at least a tenth of a second, so that the first bytes do not
    ///   appear as an extreme speed.
    mutating func update(_ bytes: Int64, at now: Instant) -> Double {
        if let last = samples.last, now - last.instant >= Self.spacing { samples.append((now, bytes)) }
        let expired = samples.dropFirst().prefix { now - $0.instant >= Self.window }.count
        samples.removeFirst(expired)
        guard let oldest = samples.first else { return 0 }
        let elapsed = max(now - oldest.instant, Self.spacing)
        return Double(max(0, bytes - oldest.bytes)) / (elapsed / .seconds(1))
    }
}

/// A limiter that allows at most five progress reports per second. Bytes arrive in chunks of 16 KiB, thousands of them
/// per second.
struct ProgressPace: Sendable {
    /// Minimum time between two reports.
    static let interval = Duration.milliseconds(200)

    /// The byte count and time of the last report; `nil` before the first one.
    private var last: (count: Int64, time: ContinuousClock.Instant)?

    /// Returns whether the last report contained this byte count.
    func hasTold(_ count: Int64) -> Bool { last?.count == count }

    /// Returns whether progress with this byte count should be reported now.
    func isDue(_ count: Int64, at now: ContinuousClock.Instant) -> Bool {
        guard let last else { return true }
        return count != last.count && now >= last.time + Self.interval
    }

    /// Records that progress with this byte count was reported.
    mutating func tell(_ count: Int64, at now: ContinuousClock.Instant) { last = (count, now) }
}

/// A counter of the bytes transferred in all parts of a transfer. The count never exceeds the total, and decreases only
/// if the total does.
struct TransferCount: Sendable {
    private struct Part {
        var bytes: Int64
        var isFinished: Bool
    }

    /// Total size in bytes, if known.
    private(set) var total: Int64?
    /// The number of bytes to report as transferred.
    private(set) var transferred: Int64 = 0
    private var parts: [Int: Part] = [:]
    private var sum: Int64 = 0
    private var skipped: Int64 = 0

    init(total: Int64?) {
        self.total = total
    }

    /// The number of bytes transferred by this attempt, excluding earlier attempts.
    var moved: Int64 { max(0, transferred - skipped) }

    /// The number of transferred bytes that earlier attempts transferred.
    var resumed: Int64 { transferred - moved }

    /// Sets the number of bytes that the current attempt has transferred for a part. Late values for a completed part
    /// are ignored.
    mutating func part(_ number: Int, moved bytes: Int64) {
        guard parts[number]?.isFinished != true else { return }
        set(number, Part(bytes: bytes, isFinished: false))
    }

    /// Marks a part as complete.
    mutating func finishPart(_ number: Int, bytes: Int64) {
        set(number, Part(bytes: bytes, isFinished: true))
    }

    /// Adds transferred bytes that belong to no part.
    mutating func move(_ bytes: Int64) {
        sum += bytes
        rise()
    }

    /// Adds bytes that were transferred by an earlier attempt.
    mutating func skip(_ bytes: Int64) {
        skipped += bytes
        sum += bytes
        rise()
    }

    /// Sets the total size in bytes. The size changes when the object is replaced.
    mutating func setTotal(_ newTotal: Int64) {
        total = newTotal
        transferred = min(max(transferred, sum), newTotal)
    }

    /// Starts counting from zero again. The reported value stays the same until the new count exceeds it.
    mutating func restart() {
        parts = [:]
        sum = 0
    }

    /// Marks the transfer as complete.
    mutating func finish() {
        transferred = total ?? transferred
        total = transferred
    }

    private mutating func set(_ number: Int, _ part: Part) {
        sum += part.bytes - (parts[number]?.bytes ?? 0)
        parts[number] = part
        rise()
    }

    private mutating func rise() {
        transferred = max(transferred, min(sum, total ?? sum))
    }
}
