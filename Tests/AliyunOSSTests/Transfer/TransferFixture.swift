import Foundation
import OSSPrimitives
import TestKit

@testable import AliyunOSS

/// Pseudorandom bytes in which any misplaced range is detected.
func pattern(_ count: Int) -> [UInt8] { Array(Data.pattern(count)) }

extension FileSlice {
    /// Reads all bytes.
    func bytes() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await readChunks { bytes += $0 }
        return bytes
    }
}

/// Text without repetitions that gzip compresses slightly.
func compressiblePattern(_ count: Int) -> [UInt8] {
    pattern(count).map { 32 + $0 & 63 }
}

/// Compresses bytes in memory.
func gzip(_ content: [UInt8]) throws -> [UInt8] {
    var output: [UInt8] = []
    var compressor = try GzipCompressor()
    try content.withUnsafeBytes { bytes in try compressor.update(bytes) { output += $0 } }
    try compressor.finish { output += $0 }
    return output
}
