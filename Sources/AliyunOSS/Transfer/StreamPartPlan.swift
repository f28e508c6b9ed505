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
