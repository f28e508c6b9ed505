/// A plan that divides an object into parts within the service's limits. These are 100 KiB to 5 GiB per part (the last
/// may be smaller), and at most 10,000 parts.
struct PartPlan: Sendable, Hashable {
    static let minimumPartSize: Int64 = 100 << 10
    static let maximumPartSize: Int64 = 5 << 30
    static let maximumCount: Int64 = 10_000
    /// Maximum size of an object in bytes (48.8 TiB).
    static let maximumSize = maximumPartSize * maximumCount

    /// Default part size for small objects, in bytes.
    static let defaultPartSize: Int64 = 8 << 20
    /// Maximum size, in bytes, to which parts grow to keep their number at or below a thousand. Sending a larger part
    /// again would cost too much.
    private static let preferredMaximumPartSize: Int64 = 64 << 20
    private static let preferredMaximumCount: Int64 = 1000

    /// Size of the object in bytes.
    let size: Int64
    /// Size in bytes of each part except the last.
    let partSize: Int64

    /// Creates a plan for an object of the given size.
    ///
    /// - Parameters:
    ///   - size: Size of the object in bytes.
    ///   - partSize: Size of each part in bytes. Default: 8 MiB, growing with the size to at most 1,000 parts up to
    ///     62.5 GiB, and at most 10,000 parts beyond.
    ///   - preferred: Default part size for small objects, in bytes.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the service would reject the sizes.
    init(size: Int64, partSize: Int64? = nil, preferred: Int64 = defaultPartSize) throws(OSSError) {
        guard (0...Self.maximumSize).contains(size) else {
            throw OSSError(.invalidArgument, "an object can be at most 48.8 TiB (got \(size) bytes)")
        }
        if let partSize {
            try Self.check(partSize: partSize)
            let least = Self.roundedUp(size, dividedBy: Self.maximumCount)
            guard partSize >= least else {
                throw OSSError(
                    .invalidArgument,
                    "partSize must be at least \(least) bytes, because at most 10000 parts are allowed (got \(partSize))"
                )
            }
            self.partSize = partSize
        } else {
            let preferredLeast = min(
                Self.roundedUp(size, dividedBy: Self.preferredMaximumCount), Self.preferredMaximumPartSize)
            let least = max(preferredLeast, Self.roundedUp(size, dividedBy: Self.maximumCount))
            self.partSize = min(Self.maximumPartSize, Self.toMebibytes(least, atLeast: preferred))
        }
        self.size = size
    }

    /// Checks that a part size is within the service's limits.
    static func check(partSize: Int64) throws(OSSError) {
        guard (minimumPartSize...maximumPartSize).contains(partSize) else {
            throw OSSError(.invalidArgument, "partSize must be from 100 KiB to 5 GiB (got \(partSize) bytes)")
        }
    }

    /// The number of parts, at least one. An empty object has one empty part.
    var count: Int { max(1, Int(Self.roundedUp(size, dividedBy: partSize))) }

    /// Returns the byte range of a part. Parts are numbered from 1.
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

/// A plan of the part sizes for content of unknown length.
///
/// The size doubles after every thousand parts, so ten thousand parts suffice for 3.9 TiB while the first gigabytes use
/// little memory.
struct StreamPartPlan: Sendable, Hashable {
    /// Default size of the first parts, in bytes. It is half the default for files, because several parts are held in
    /// memory.
    static let defaultFirst: Int64 = 4 << 20
    private static let partsOfOneSize = 1000

    /// Size of the first parts in bytes.
    let first: Int64

    /// Returns the size of a part in bytes, or `nil` if the part's number exceeds the maximum number of parts.
    func size(of number: Int) -> Int64? {
        guard number >= 1, number <= Int(PartPlan.maximumCount) else { return nil }
        return min(first << Int64((number - 1) / Self.partsOfOneSize), PartPlan.maximumPartSize)
    }
}
