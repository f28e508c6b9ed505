/// A subset of the keys of a transfer, used to divide the transfer among several machines.
///
/// The partition of a key depends only on the bytes of the key and the number of partitions, so machines agree without
/// communicating. Each machine transfers and deletes only the keys in its own partition.
public struct Partition: Sendable, Hashable, Encodable {
    /// Index of the partition, from 1 to ``count``.
    public let index: Int
    /// Total number of partitions.
    public let count: Int

    /// Creates a partition.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the count is not from 1 to 10,000 or the
    ///   index is not from 1 to the count.
    public init(_ index: Int, of count: Int) throws(OSSError) {
        guard (1...10_000).contains(count), (1...count).contains(index) else {
            throw OSSError(
                .invalidArgument,
                "partition \(index) of \(count) is invalid; use a count of at most 10,000 and an index "
                    + "from 1 to the count")
        }
        self.index = index
        self.count = count
    }

    /// Returns whether the partition contains a key.
    ///
    /// The hash is 64-bit FNV-1a over the bytes of the key, mixed by the finalizer of MurmurHash3 (`fmix64`), modulo
    /// the number of partitions. Without mixing, only the lowest bits would count if that number is a power of two, and
    /// keys such as `000123/000123.bin` would all be in one partition. The hash never changes, because machines with
    /// different versions may share a run.
    public func contains(_ key: ObjectKey) -> Bool {
        guard count > 1 else { return true }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.rawValue.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return Int((hash ^ hash >> 33) % UInt64(count)) == index - 1
    }
}
