import CZlib
import Foundation

/// The CRC-32 checksum of IEEE 802.3, which the service adds to the frames of a SelectObject response.
package enum CRC32 {
    /// Returns the checksum of at most 4 GiB.
    package static func checksum(_ bytes: some ContiguousBytes) -> UInt32 {
        bytes.withUnsafeBytes { buffer in
            let start = buffer.bindMemory(to: UInt8.self).baseAddress
            return UInt32(truncatingIfNeeded: crc32(0, start, UInt32(truncatingIfNeeded: buffer.count)))
        }
    }
}
