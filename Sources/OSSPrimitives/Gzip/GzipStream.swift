import CZlib
import Foundation

/// A zlib state and its output buffer. The state has a stable address, because zlib compares the address.
struct ZlibStream: ~Copyable {
    private static let outputSize = 64 << 10

    let state: z_streamp
    private let buffer: UnsafeMutableRawBufferPointer
    private let end: (z_streamp) -> Int32

    /// Creates a stream with functions that initialize and release its state.
    init(begin: (z_streamp) -> Int32, end: @escaping (z_streamp) -> Int32) throws(GzipError) {
        let state = z_streamp.allocate(capacity: 1)
        state.initialize(to: z_stream())
        guard begin(state) == Z_OK else {
            state.deallocate()
            throw .noMemory
        }
        self.state = state
        self.end = end
        buffer = .allocate(byteCount: Self.outputSize, alignment: 16)
    }

    deinit {
        _ = end(state)
        state.deallocate()
        buffer.deallocate()
    }

    /// Calls a zlib function until the input is exhausted, the end of the stream is reached, or a call fails.
    ///
    /// - Parameter input: At most 4 GiB, the range of zlib's counters.
    /// - Returns: The result of the last call and the number of unused input bytes.
    func run(
        _ input: UnsafeRawBufferPointer, _ function: (z_streamp) -> Int32,
        _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> (code: Int32, unused: Int) {
        state.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
        state.pointee.avail_in = uInt(input.count)
        var code: Int32
        repeat {
            state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
            state.pointee.avail_out = uInt(buffer.count)
            code = function(state)
            let count = buffer.count - Int(state.pointee.avail_out)
            if count > 0 { try output(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            // After a full buffer there can be more output, which only another call shows.
        } while code == Z_OK && state.pointee.avail_out == 0
        return (code, Int(state.pointee.avail_in))
    }
}

/// An error that occurs during compression or decompression.
package enum GzipError: String, Error, Hashable, CustomStringConvertible {
    case notGzip = "the data is not in gzip format"
    case truncated = "the data is incomplete"
    case corrupted = "the compressed data is damaged"
    case checksumMismatch = "the decompressed bytes do not match the recorded checksum or length"
    case trailingBytes = "the data is followed by bytes that are not in gzip format"
    case tooLarge = "the decompressed bytes exceed the limit"
    case noMemory = "out of memory"
    case ended = "the stream was used after its end or after an error"

    package var description: String { rawValue }
}

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
