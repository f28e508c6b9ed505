import Testing

@testable import AliyunOSS

@Suite("Partitions")
struct PartitionTests {
    /// Returns the 64-bit FNV-1a hash, computed as its authors publish it with shifts and additions in place of the
    /// multiplication.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in text.utf8 {
            hash ^= UInt64(byte)
            hash = [1 as UInt64, 4, 5, 7, 8, 40].reduce(hash) { $0 &+ hash << $1 }
        }
        return hash
    }

    /// Returns the value after the 64-bit finalizer of MurmurHash3 (`fmix64`).
    private static func mixed(_ hash: UInt64) -> UInt64 {
        let factors: [UInt64] = [18_397_679_294_719_823_053, 14_181_476_777_654_086_739]
        let mixed = factors.reduce(hash) { ($0 ^ ($0 / (1 << 33))).multipliedFullWidth(by: $1).low }
        return mixed ^ (mixed / (1 << 33))
    }

    private static let keys =
        (0..<500).map { "photos/2024/\($0).jpg" } + ["a", "b", "\u{E9}", "e\u{301}", "a b", "🗂️/📄", "/", "x/"]

    @Test(
        "The reference hash of the test matches its published values",
        arguments: [
            ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("b", 0xAF63_DF4C_8601_F1A5),
            ("foobar", 0x8594_4171_F739_67E8),
        ] as [(String, UInt64)])
    func published(text: String, hash: UInt64) {
        #expect(Self.hash(text) == hash)
    }

    @Test(
        "The partition of a key never changes",
        arguments: [
            ("a", 2, 2), ("b", 2, 1), ("foobar", 2, 2), ("a", 4, 4), ("b", 4, 1), ("foobar", 4, 4), ("a", 10, 6),
            ("foobar", 16, 12), ("a", 1, 1),
        ])
    func fixed(key: ObjectKey, count: Int, index: Int) throws {
        for candidate in 1...count {
            #expect(try Partition(candidate, of: count).contains(key) == (candidate == index))
        }
    }

    @Test("Every key is in exactly one partition, determined by its hash", arguments: [1, 2, 3, 4, 7, 16, 100, 10_000])
    func covering(count: Int) throws {
        for text in Self.keys.prefix(count == 10_000 ? 5 : .max) {
            let key = ObjectKey(unchecked: text)
            let found = try (1...count).filter { try Partition($0, of: count).contains(key) }
            #expect(found == [Int(Self.mixed(Self.hash(text)) % UInt64(count)) + 1], "\(text)")
        }
    }

    @Test("Partitions have about the same size, even for repetitive names", arguments: [2, 4, 8, 10])
    func balance(count: Int) throws {
        let doubled = (0..<4000).map { "000\($0)/000\($0).bin" }
        for keys in [doubled, (0..<4000).map { "photos/2024/\($0).jpg" }] {
            for index in 1...count {
                let partition = try Partition(index, of: count)
                let share = keys.count { partition.contains(ObjectKey(unchecked: $0)) }
                #expect((3400 / count...4600 / count).contains(share), "\(index) of \(count): \(share)")
            }
        }
    }

    @Test(
        "An invalid partition is rejected",
        arguments: [(0, 4), (5, 4), (-1, 4), (1, 0), (0, 0), (1, -1), (1, 10_001)])
    func refused(index: Int, count: Int) {
        #expect { try Partition(index, of: count) } throws: { ($0 as? OSSError)?.code == .invalidArgument }
    }
}
