/// The sizes of parts for content whose length nobody knows. Pure.
///
/// Every thousandth part doubles, so that ten thousand parts are enough for 7.8 TiB while the first gigabytes go in parts
/// that cost little memory.
struct StreamPartPlan: Sendable, Hashable {
    private static let partsOfOneSize = 1000

    /// The size of the first parts in bytes.
    let first: Int64

    /// The size of a part, or `nil` when there can be no such part.
    func size(of number: Int) -> Int64? {
        guard number >= 1, number <= Int(PartPlan.maximumCount) else { return nil }
        return min(first << Int64((number - 1) / Self.partsOfOneSize), PartPlan.maximumPartSize)
    }
}
