/// A share of the keys of a transfer, so that several machines do it together.
///
/// Which share a key belongs to depends on nothing but its bytes and the number of shares: all machines agree without
/// knowing of each other. Each transfers, and deletes, only what is in its own.
public struct Partition: Sendable, Hashable, Encodable {
    /// Which one, from 1 to ``count``.
    public let index: Int
    /// How many there are.
    public let count: Int

    /// Makes a partition.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` when the index is not from 1 to the count, or the
    ///   count not from 1 to 10,000.
    public init(_ index: Int, of count: Int) throws(OSSError) {
        guard (1...10_000).contains(count), (1...count).contains(index) else {
            throw OSSError(
                .invalidArgument,
                "partition \(index) of \(count) does not exist: the first is 1, the last is their number, at most 10,000"
            )
        }
        self.index = index
        self.count = count
    }

    /// Whether a key is in it.
    ///
    /// FNV-1a with 64 bits over the bytes of the key, mixed as MurmurHash3 ends (`fmix64`), modulo the number of partitions.
    /// Without the mixing, only the lowest bits of the hash would count where that number is a power of two, and keys such as
    /// `000123/000123.bin` would all be in one of them. This never changes: machines of two versions may share a run.
    public func contains(_ key: ObjectKey) -> Bool {
        guard count > 1 else { return true }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.rawValue.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return Int((hash ^ hash >> 33) % UInt64(count)) == index - 1
    }
}
