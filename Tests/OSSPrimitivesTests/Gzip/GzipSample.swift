import AliyunOSSTesting
import OSSPrimitives
import TestKit

/// Compresses bytes that arrive in chunks of the given sizes, or in one chunk if there are none.
func compressed(_ bytes: [UInt8], in pieces: [Range<Int>]? = nil) throws -> [UInt8] {
    var output: [UInt8] = []
    var compressor = try GzipCompressor()
    try bytes.withUnsafeBytes { bytes in
        for piece in pieces ?? [0..<bytes.count] {
            try compressor.update(UnsafeRawBufferPointer(rebasing: bytes[piece])) { output += $0 }
        }
    }
    try compressor.finish { output += $0 }
    return output
}

/// Expands gzip data that arrives in chunks of the given sizes, or in one chunk if there are none.
func expanded(_ bytes: [UInt8], in pieces: [Range<Int>]? = nil, limit: Int64 = 1 << 30) throws -> [UInt8] {
    var output: [UInt8] = []
    var decompressor = try GzipDecompressor(limit: limit)
    try bytes.withUnsafeBytes { bytes in
        for piece in pieces ?? [0..<bytes.count] {
            try decompressor.update(UnsafeRawBufferPointer(rebasing: bytes[piece])) { output += $0 }
        }
    }
    try decompressor.finish()
    return output
}

/// Contents of different kinds, with sizes around the implementation's buffer sizes.
enum GzipSample {
    static let sizes = [0, 1, 2, 100, 65_535, 65_536, 65_537, 131_072, 300_000]

    static func content(_ size: Int, _ random: inout SeededRandom) -> [[UInt8]] {
        let noise = random.bytes(size)
        return [noise, noise.map { $0 & 7 }, Array(repeating: 0, count: size)]
    }
}
