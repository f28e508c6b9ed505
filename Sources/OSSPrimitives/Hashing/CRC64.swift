import CChecksum
import Foundation

/// The CRC-64/XZ checksum, which the service computes for every object and calls `crc64ecma`.
package struct CRC64: Sendable, Equatable {
    /// The checksum of the bytes added so far. In headers, it is written as an unsigned decimal number.
    package private(set) var value: UInt64

    package init() {
        value = 0
    }

    /// Creates a checksum that continues from the checksum of earlier bytes.
    package init(_ value: UInt64) {
        self.value = value
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        value = oss_crc64_update(value, bytes.baseAddress, bytes.count)
    }

    package mutating func update(_ bytes: some ContiguousBytes) {
        bytes.withUnsafeBytes { update($0) }
    }

    package static func checksum(_ bytes: some ContiguousBytes) -> UInt64 {
        var checksum = CRC64()
        checksum.update(bytes)
        return checksum.value
    }

    /// Returns the combined checksum of two consecutive byte sequences, given the checksum of each. `secondLength` is
    /// the length of the second sequence in bytes.
    package static func combine(_ first: UInt64, _ second: UInt64, secondLength: UInt64) -> UInt64 {
        oss_crc64_combine(first, second, secondLength)
    }

    /// Computes the checksum with the portable implementation, for tests and benchmarks that compare it with
    /// ``checksum(_:)``.
    package static func portableChecksum(_ bytes: some ContiguousBytes, continuing value: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { oss_crc64_update_portable(value, $0.baseAddress, $0.count) }
    }

    /// Whether this CPU supports the carry-less multiplication that the fast implementation uses.
    package static var isAccelerated: Bool {
        oss_crc64_has_carryless_multiplication()
    }

    /// The constants of the fast implementation. Each is x to the power `exponent` modulo the polynomial, lowest bit
    /// first.
    package static var foldConstants: [(exponent: Int, value: UInt64)] {
        (0..<Int(OSS_CRC64_FOLD_CONSTANT_COUNT)).map { index in
            (Int(oss_crc64_fold_exponent(index)), oss_crc64_fold_constant(index))
        }
    }
}
