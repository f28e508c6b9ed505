import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Expanding gzip")
struct GzipDecompressorTests {
    private static let hello = Hexadecimal.decode("1f8b08000000000000ffcb48cdc9c9070086a6103605000000") ?? []

    /// Made with Python's zlib.
    @Test(
        "Every kind of header and block is supported",
        arguments: [
            ("an empty content", "", "1f8b08000000000000ff03000000000000000000"),
            (
                "a time and a name", "hello, hello\n",
                "1f8b080800f15365000368656c6c6f2e74787400cb48cdc9c9d751c800515c00db25261f0d000000"
            ),
            (
                "an extra field, a name, a comment and a checksum of the header", "hello",
                "1f8b081e0000000000030400414200006e0063001e14cb48cdc9c9070086a6103605000000"
            ),
            ("a stored block", "stored", "1f8b0800000000000003010600f9ff73746f7265640bf9435606000000"),
            ("a block with fixed codes", "fixed fixed", "1f8b08000000000000034bcbac484d5148039100d059da0d0b000000"),
        ])
    func vectors(kind: String, text: String, hexadecimal: String) throws {
        let bytes = try #require(Hexadecimal.decode(hexadecimal))
        #expect(try expanded(bytes) == Array(text.utf8), "\(kind)")
        #expect(try expanded(bytes, in: bytes.indices.map { $0..<$0 + 1 }) == Array(text.utf8), "\(kind)")
    }

    @Test("A block with dynamic Huffman codes is supported")
    func dynamicCodes() throws {
        let line = String(repeating: "the quick brown fox jumps over the lazy dog. ", count: 3)
        let text = String(repeating: line + String(decoding: 32..<127, as: UTF8.self), count: 2)
        let hexadecimal =
            "1f8b08000000000000032bc94855282ccd4cce56482aca2fcf5348cbaf50c82acd2d2856c82f4b2d5228014ae72456552aa4e4a7eb8179"
            + "b451aca0a8a4aca2aaa6aea1a9a5ada3aba76f6068646c626a666e6169656d636b67efe0e8e4ece2eae6eee1e9e5ede3ebe71f1018141c"
            + "121a161e1119151d131b179f9098949c929a969e9199959d939b975f5058545c525a565e5159555d535b473b870f265f02005b6e53b2cc"
            + "010000"
        let bytes = try #require(Hexadecimal.decode(hexadecimal))
        #expect(String(decoding: try expanded(bytes), as: UTF8.self) == text)
    }

    @Test("Concatenated members, including empty ones, form one content", arguments: 0..<20)
    func members(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (content, bytes): ([UInt8], [UInt8]) = ([], [])
        for size in [0, 5, 70_000, 0, 0, 1, 200_000, 0].shuffled(using: &random) {
            let member = random.bytes(size).map { $0 & 15 }
            content += member
            bytes += try compressed(member)
        }
        #expect(try expanded(bytes) == content)
        #expect(try expanded(bytes, in: random.split(bytes.count, longest: 3000)) == content)
    }

    @Test("Data that ends early is truncated, wherever it ends")
    func truncated() throws {
        for length in Self.hello.indices {
            #expect(gzipError { _ = try expanded(Array(Self.hello[..<length])) } == .truncated, "\(length) bytes")
            // Also a member that follows a complete one.
            guard length > 0 else { continue }
            #expect(gzipError { _ = try expanded(Self.hello + Self.hello[..<length]) } == .truncated)
        }
    }

    @Test(
        "Data that is not gzip is rejected immediately",
        arguments: [Array("<html>".utf8), [0], [0x1F, 0x8C], [0x1F, 0x1F, 0x8B], [0x78, 0x9C, 3, 0, 0, 0, 0, 1]])
    func notGzip(bytes: [UInt8]) {
        #expect(gzipError { _ = try expanded(bytes) } == .notGzip)
        #expect(gzipError { _ = try expanded(bytes, in: bytes.indices.map { $0..<$0 + 1 }) } == .notGzip)
    }

    @Test(
        "Data after the end that is not gzip is rejected",
        arguments: [[0], [0, 0, 0, 0], Array("more".utf8), [0x1F, 0], [0x8B]])
    func trailingBytes(bytes: [UInt8]) {
        #expect(gzipError { _ = try expanded(Self.hello + bytes) } == .trailingBytes)
    }

    @Test("A wrong checksum or length is distinguished from damaged data")
    func wrongTrailer() throws {
        for index in Self.hello.count - 8..<Self.hello.count {
            var bytes = Self.hello
            bytes[index] ^= 1
            #expect(gzipError { _ = try expanded(bytes) } == .checksumMismatch)
        }
        // The third kind of block does not exist.
        var bytes = Self.hello
        bytes[10] |= 0b110
        #expect(gzipError { _ = try expanded(bytes) } == .corrupted)
        // Deflate is the only compression method.
        bytes = Self.hello
        bytes[2] = 7
        #expect(gzipError { _ = try expanded(bytes) } == .corrupted)
    }

    @Test("No flipped bit produces different bytes", arguments: 0..<4)
    func flippedBits(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let content = random.bytes(100).map { $0 & 31 } + Array(repeating: 1, count: 50)
        let whole = try compressed(content)
        var refusals = 0
        for bit in 0..<whole.count * 8 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << (bit % 8)
            // No checksum covers the header fields such as the time, but one covers the content.
            do { #expect(try expanded(bytes) == content, "bit \(bit)") } catch { refusals += 1 }
        }
        #expect(refusals > whole.count * 7)
    }

    @Test("Random data is rejected and never ends the process")
    func noise() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<500 {
            let bytes = Array(Self.hello.prefix(10)) + random.bytes(Int.random(in: 0...2000, using: &random))
            #expect(gzipError { _ = try expanded(bytes, limit: 1 << 20) } != nil)
        }
    }

    @Test("The output of all members together never exceeds the limit")
    func limited() throws {
        let bytes = try compressed(Array(repeating: 0, count: 1 << 20))
        #expect(bytes.count < 2000)
        let bomb = Array(repeating: bytes, count: 10).flatMap(\.self)
        #expect(try expanded(bomb, limit: 10 << 20).count == 10 << 20)
        for limit in [0, 1, 3 << 20, (10 << 20) - 1] as [Int64] {
            var count: Int64 = 0
            var decompressor = try GzipDecompressor(limit: limit)
            let error = gzipError {
                try bomb.withUnsafeBytes { try decompressor.update($0) { count += Int64($0.count) } }
            }
            #expect(error == .tooLarge)
            #expect(count <= limit)
        }
        #expect(try expanded(compressed([]), limit: 0) == [])
    }

    @Test("Output is produced in bounded chunks and counted")
    func bounded() throws {
        let bytes = try compressed(Array(repeating: 9, count: 8 << 20))
        var (largest, total): (Int, Int64) = (0, 0)
        var decompressor = try GzipDecompressor(limit: .max)
        try bytes.withUnsafeBytes {
            try decompressor.update($0) {
                largest = max(largest, $0.count)
                total += Int64($0.count)
            }
        }
        #expect(largest <= 64 << 10)
        #expect(total == 8 << 20)
        #expect(decompressor.expandedCount == total)
        try decompressor.finish()
    }

    @Test("A decompressor that has finished or failed rejects further input")
    func ended() throws {
        var finished = try GzipDecompressor(limit: .max)
        try Self.hello.withUnsafeBytes { try finished.update($0) { _ in } }
        try finished.finish()
        #expect(gzipError { try Self.hello.withUnsafeBytes { try finished.update($0) { _ in } } } == .ended)

        struct Full: Error {}
        var broken = try GzipDecompressor(limit: .max)
        #expect(throws: Full.self) { try Self.hello.withUnsafeBytes { try broken.update($0) { _ in throw Full() } } }
        #expect(gzipError { try broken.finish() } == .ended)
    }
}
