/// Adds up the bytes of the parts of a transfer. What it reports never exceeds the total, and never falls unless the total
/// does.
struct TransferCount: Sendable {
    private struct Part {
        var bytes: Int64
        var isFinished: Bool
    }

    /// The size of the whole, as far as it is known.
    private(set) var total: Int64?
    /// What has been reported or may be now.
    private(set) var transferred: Int64 = 0
    private var parts: [Int: Part] = [:]
    private var sum: Int64 = 0
    private var skipped: Int64 = 0

    init(total: Int64?) {
        self.total = total
    }

    /// What of it this transfer has moved itself.
    var moved: Int64 { max(0, transferred - skipped) }

    /// The current attempt of a part has moved so many bytes. A new attempt begins at zero again; what is heard of a part
    /// after it was finished is of an attempt that is over.
    mutating func part(_ number: Int, moved bytes: Int64) {
        guard parts[number]?.isFinished != true else { return }
        set(number, Part(bytes: bytes, isFinished: false))
    }

    /// A part has all its bytes.
    mutating func finishPart(_ number: Int, bytes: Int64) {
        set(number, Part(bytes: bytes, isFinished: true))
    }

    /// So many more bytes have moved, of no part in particular.
    mutating func move(_ bytes: Int64) {
        sum += bytes
        rise()
    }

    /// So many bytes had been there before.
    mutating func skip(_ bytes: Int64) {
        skipped += bytes
        sum += bytes
        rise()
    }

    /// The size of the whole has become known, or is another one since the object was replaced.
    mutating func setTotal(_ newTotal: Int64) {
        total = newTotal
        transferred = min(max(transferred, sum), newTotal)
    }

    /// Every part begins again, and nothing is skipped any more. What was reported stays until it is reached again.
    mutating func restart() {
        parts = [:]
        sum = 0
    }

    /// Everything is there.
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
