import Testing

@testable import AliyunOSS

@Suite("Partitions")
struct PartitionTests {
    /// FNV-1a, 64 bits, as its authors publish it, digit by digit: shift and add in place of the multiplication.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in text.utf8 {
            hash ^= UInt64(byte)
            hash = [1 as UInt64, 4, 5, 7, 8, 40].reduce(hash) { $0 &+ hash << $1 }
        }
        return hash
    }

    private static let keys =
        (0..<500).map { "photos/2024/\($0).jpg" } + ["a", "b", "\u{E9}", "e\u{301}", "a b", "🗂️/📄", "/", "x/"]

    @Test(
        "The hash of the test is the published one",
        arguments: [
            ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C), ("b", 0xAF63_DF4C_8601_F1A5),
            ("foobar", 0x8594_4171_F739_67E8),
        ] as [(String, UInt64)])
    func published(text: String, hash: UInt64) {
        #expect(Self.hash(text) == hash)
    }

    @Test(
        "A key stays in its partition for ever",
        arguments: [
            ("a", 2, 1), ("b", 2, 2), ("foobar", 2, 1), ("a", 4, 1), ("b", 4, 2), ("foobar", 4, 1), ("a", 10, 7),
            ("foobar", 16, 9), ("a", 1, 1),
        ])
    func fixed(key: ObjectKey, count: Int, index: Int) throws {
        for candidate in 1...count {
            #expect(try Partition(candidate, of: count).contains(key) == (candidate == index))
        }
    }

    @Test("Every key is in exactly one partition, the one of its hash", arguments: [1, 2, 3, 4, 7, 16, 100, 10_000])
    func covering(count: Int) throws {
        for text in Self.keys.prefix(count == 10_000 ? 5 : .max) {
            let key = ObjectKey(unchecked: text)
            let found = try (1...count).filter { try Partition($0, of: count).contains(key) }
            #expect(found == [Int(Self.hash(text) % UInt64(count)) + 1], "\(text)")
        }
    }

    @Test("The shares are about the same size")
    func balance() throws {
        for index in 1...4 {
            let partition = try Partition(index, of: 4)
            let share = Self.keys.count { partition.contains(ObjectKey(unchecked: $0)) }
            #expect((80...180).contains(share))
        }
    }

    @Test(
        "A partition that does not exist is refused",
        arguments: [(0, 4), (5, 4), (-1, 4), (1, 0), (0, 0), (1, -1), (1, 10_001)])
    func refused(index: Int, count: Int) {
        #expect { try Partition(index, of: count) } throws: { ($0 as? OSSError)?.code == .invalidArgument }
    }
}
