/// How a number of bytes is cut into parts.
///
/// Pure arithmetic, within the service's rules: 100 KiB to 5 GiB a part (the last may be smaller), at most 10,000 parts.
struct PartPlan: Sendable, Hashable {
    static let minimumPartSize: Int64 = 100 << 10
    static let maximumPartSize: Int64 = 5 << 30
    static let maximumCount: Int64 = 10_000
    /// 48.8 TiB.
    static let maximumSize = maximumPartSize * maximumCount

    /// The size of parts where it does not depend on anything.
    static let defaultPartSize: Int64 = 8 << 20
    /// Parts grow up to here so that there are no more than a thousand: beyond, a lost one costs too much to repeat.
    private static let comfortablePartSize: Int64 = 64 << 20
    private static let comfortableCount: Int64 = 1000

    /// How many bytes there are in all.
    let size: Int64
    /// The size of every part but the last.
    let partSize: Int64

    /// Plans for a size.
    ///
    /// - Parameters:
    ///   - size: bytes in all.
    ///   - partSize: the size of a part, where the caller wants a certain one. Default: 8 MiB, growing with the size so that
    ///     there are at most 1,000 parts up to 62.5 GiB and at most 10,000 beyond.
    ///   - preferred: what the default starts from.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` for what the service would refuse.
    init(size: Int64, partSize: Int64? = nil, preferred: Int64 = defaultPartSize) throws(OSSError) {
        guard (0...Self.maximumSize).contains(size) else {
            throw OSSError(.invalidArgument, "an object has at most 48.8 TiB, and this would be \(size) bytes")
        }
        if let partSize {
            try Self.check(partSize: partSize)
            let least = Self.roundedUp(size, dividedBy: Self.maximumCount)
            guard partSize >= least else {
                throw OSSError(
                    .invalidArgument,
                    "\(size) bytes in parts of \(partSize) are more than 10000 parts; make them \(least) bytes or larger"
                )
            }
            self.partSize = partSize
        } else {
            let comfortable = min(Self.roundedUp(size, dividedBy: Self.comfortableCount), Self.comfortablePartSize)
            let least = max(comfortable, Self.roundedUp(size, dividedBy: Self.maximumCount))
            self.partSize = min(Self.maximumPartSize, Self.toMebibytes(least, atLeast: preferred))
        }
        self.size = size
    }

    /// Refuses a part size that the service does not take.
    static func check(partSize: Int64) throws(OSSError) {
        guard (minimumPartSize...maximumPartSize).contains(partSize) else {
            throw OSSError(.invalidArgument, "a part has 100 KiB to 5 GiB, not \(partSize) bytes")
        }
    }

    /// The number of parts. There is always one, if only an empty one.
    var count: Int { max(1, Int(Self.roundedUp(size, dividedBy: partSize))) }

    /// The bytes of a part. Parts are numbered from 1.
    func range(of number: Int) -> Range<Int64> {
        let start = min(Int64(number - 1) * partSize, size)
        return start..<min(start + partSize, size)
    }

    private static func roundedUp(_ value: Int64, dividedBy divisor: Int64) -> Int64 {
        value / divisor + (value % divisor == 0 ? 0 : 1)
    }

    private static func toMebibytes(_ bytes: Int64, atLeast minimum: Int64) -> Int64 {
        bytes <= minimum ? minimum : roundedUp(bytes, dividedBy: 1 << 20) << 20
    }
}

/// The sizes of parts for content whose length nobody knows. Pure.
///
/// Every thousandth part doubles, so that ten thousand parts are enough for 3.9 TiB while the first gigabytes go in parts
/// that cost little memory.
struct StreamPartPlan: Sendable, Hashable {
    /// Half of what a file's parts have: these are held in memory, several at a time.
    static let defaultFirst: Int64 = 4 << 20
    private static let partsOfOneSize = 1000

    /// The size of the first parts in bytes.
    let first: Int64

    /// The size of a part, or `nil` when there can be no such part.
    func size(of number: Int) -> Int64? {
        guard number >= 1, number <= Int(PartPlan.maximumCount) else { return nil }
        return min(first << Int64((number - 1) / Self.partsOfOneSize), PartPlan.maximumPartSize)
    }
}
