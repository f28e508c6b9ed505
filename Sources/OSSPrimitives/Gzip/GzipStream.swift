import CZlib

/// The state of zlib, at an address of its own because zlib compares it, and the memory that output passes through.
struct ZlibStream: ~Copyable {
    private static let outputSize = 64 << 10

    let state: z_streamp
    private let buffer: UnsafeMutableRawBufferPointer
    private let end: (z_streamp) -> Int32

    /// Begins with one function of zlib; another one ends it with this value.
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

    /// Calls a function of zlib until it has used the input up, has come to the end of the data, or has failed.
    ///
    /// - Parameter input: at most 4 GiB, which is all that zlib's counters can hold.
    /// - Returns: what the last call returned, and how many bytes of the input it left.
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
            // A full buffer may mean that there is more. Whether there is, the next call says.
        } while code == Z_OK && state.pointee.avail_out == 0
        return (code, Int(state.pointee.avail_in))
    }
}

/// Why bytes were not compressed or expanded.
package enum GzipError: String, Error, Hashable, CustomStringConvertible {
    case notGzip = "it does not begin as gzip does"
    case truncated = "it ends early"
    case corrupted = "the compressed data are damaged"
    case checksumMismatch = "the expanded bytes have another checksum or length than it states"
    case trailingBytes = "something follows that is not gzip"
    case tooLarge = "it expands to more bytes than it may"
    case noMemory = "there is no memory"
    case ended = "it was used after its end, or after an error"

    package var description: String { rawValue }
}
