import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("CRC-64")
struct CRC64Tests {
    @Test("Every published CRC-64 is reproduced")
    func vectors() throws {
        let vectors = VectorFile<CRC64Vector>.load("crc64", keys: .useDefaultKeys)
        #expect(vectors.count >= 20)
        for vector in vectors {
            let expected = try #require(UInt64(vector.expected.decimal))
            switch vector.kind {
            case "value":
                #expect(CRC64.checksum(vector.bytes) == expected, "\(vector.id)")
                #expect(CRC64.portableChecksum(vector.bytes) == expected, "\(vector.id)")
            case "trap":
                #expect(CRC64.checksum(vector.bytes) != expected, "\(vector.id)")
            case "running":
                var value: UInt64 = 0
                for piece in try #require(vector.pieces) {
                    var checksum = CRC64(value)
                    checksum.update(Array(piece.utf8))
                    value = checksum.value
                }
                #expect(value == expected, "\(vector.id)")
            case "combine":
                let first = CRC64.checksum(Array(try #require(vector.first).utf8))
                let second = CRC64.checksum(Array(try #require(vector.second).utf8))
                #expect(String(first) == vector.expected.first, "\(vector.id)")
                #expect(String(second) == vector.expected.second, "\(vector.id)")
                let length = try #require(vector.secondLength)
                #expect(CRC64.combine(first, second, secondLength: length) == expected, "\(vector.id)")
            case "combine-raw":
                let first = try #require(vector.crc1.flatMap { UInt64($0) })
                let second = try #require(vector.crc2.flatMap { UInt64($0) })
                let length = try #require(vector.secondLength)
                #expect(CRC64.combine(first, second, secondLength: length) == expected, "\(vector.id)")
            default:
                Issue.record("an unknown kind of vector: \(vector.kind)")
            }
        }
    }

    /// Returns x to the power of `exponent`, computed by repeated multiplication by x.
    private func power(_ exponent: Int) -> UInt64 {
        (0..<exponent).reduce(UInt64(1) << 63) { value, _ in
            (value >> 1) ^ (value & 1 == 1 ? 0xC96C_5795_D787_0F42 : 0)
        }
    }

    @Test("The folding constants equal the powers of x that they represent")
    func foldConstants() {
        let constants = CRC64.foldConstants
        #expect(constants.map(\.exponent) == [1024 + 63, 1024 - 1, 128 + 63, 128 - 1])
        for constant in constants {
            #expect(constant.value == power(constant.exponent), "x^\(constant.exponent)")
        }
    }

    @Test("The bitwise, table and folding implementations agree at every length up to 600")
    func definition() {
        var random = SeededRandom(seed: 1)
        let bytes = random.bytes(600)
        var remainder = ~UInt64(0)
        for count in 0...bytes.count {
            let head = Array(bytes[..<count])
            #expect(CRC64.checksum(head) == ~remainder, "\(count) bytes")
            #expect(CRC64.portableChecksum(head) == ~remainder, "\(count) bytes")
            guard count < bytes.count else { break }
            remainder ^= UInt64(bytes[count])
            for _ in 0..<8 { remainder = (remainder >> 1) ^ (remainder & 1 == 1 ? 0xC96C_5795_D787_0F42 : 0) }
        }
    }

    @Test(
        "Folding and the tables agree at every alignment and from any start value",
        arguments: [64, 255, 256, 257, 4096, 70001])
    func alignments(count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        let bytes = random.bytes(count + 16)
        for offset in 0..<16 {
            let start = random.next()
            bytes.withUnsafeBytes { all in
                let piece = UnsafeRawBufferPointer(rebasing: all[offset..<(offset + count)])
                var fast = CRC64(start)
                fast.update(piece)
                #expect(fast.value == CRC64.portableChecksum(piece, continuing: start), "offset \(offset)")
            }
        }
    }

    @Test(
        "A CRC-64 does not depend on how the input is split",
        arguments: [0, 1, 15, 16, 63, 64, 65, 128, 255, 256, 257, 10000])
    func splits(count: Int) {
        var random = SeededRandom(seed: UInt64(count) + 1)
        let bytes = random.bytes(count)
        let whole = CRC64.checksum(bytes)
        for longest in [1, 7, 64, 100, 300, 4000] {
            var running = CRC64()
            var combined: UInt64 = 0
            for range in random.split(count, longest: longest) {
                let piece = Array(bytes[range])
                running.update(piece)
                combined = CRC64.combine(combined, CRC64.checksum(piece), secondLength: UInt64(piece.count))
            }
            #expect(running.value == whole)
            #expect(combined == whole)
        }
    }

    @Test("No byte outside the buffer is read")
    func guardPages() throws {
        let page = try GuardedPage()
        for count in 0...700 {
            let atEnd = UnsafeRawBufferPointer(rebasing: page.bytes[(page.bytes.count - count)...])
            let atStart = UnsafeRawBufferPointer(rebasing: page.bytes[..<count])
            #expect(CRC64.checksum(atEnd) == CRC64.checksum(atStart))
            #expect(CRC64.portableChecksum(atEnd) == CRC64.portableChecksum(atStart))
        }
    }

    @Test("Checksums can be combined for lengths up to the maximum and in any grouping of three segments")
    func longLengths() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<50 {
            let (a, b, c) = (random.next(), random.next(), random.next())
            let second = random.next() >> 1
            let third = random.next() >> 1
            let left = CRC64.combine(CRC64.combine(a, b, secondLength: second), c, secondLength: third)
            let right = CRC64.combine(
                a, CRC64.combine(b, c, secondLength: third), secondLength: second + third)
            #expect(left == right)
        }
    }

    #if arch(x86_64) || arch(arm64)
        @Test("The tests use the accelerated implementation if the CPU supports it")
        func acceleration() {
            #if arch(arm64) && canImport(Darwin)
                #expect(CRC64.isAccelerated)
            #else
                if !CRC64.isAccelerated { Issue.record("no carry-less multiplication", severity: .warning) }
            #endif
        }
    #endif
}
