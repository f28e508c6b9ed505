import CZlib

/// A gzip compressor (RFC 1952) that uses a bounded amount of memory.
///
/// With the same version of zlib, equal input gives equal output on every platform, no matter how the input is divided
/// into chunks: the header contains no time, name or operating system.
package struct GzipCompressor: ~Copyable {
    /// The compression level. It must not change, because equal input would then give different output than before.
    private static let level: Int32 = 6
    /// The size, in bytes, of the blocks passed to zlib. It does not depend on the caller's chunks, because the output
    /// depends on how much input zlib gets at a time.
    private static let blockSize = 64 << 10
    private static let unknownSystem: Int32 = 255

    private let stream: ZlibStream
    /// The gzip header. zlib does not copy it, and reads it when it produces the first output.
    private let header: UnsafeMutablePointer<gz_header>
    private let block: UnsafeMutableRawBufferPointer
    private var gathered = 0
    private var isUsable = true

    package init() throws(GzipError) {
        stream = try ZlibStream(
            begin: { state in
                deflateInit2_(
                    state, Self.level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                    Int32(MemoryLayout<z_stream>.size))
            }, end: { deflateEnd($0) })
        header = .allocate(capacity: 1)
        header.initialize(to: gz_header())
        header.pointee.os = Self.unknownSystem
        block = .allocate(byteCount: Self.blockSize, alignment: 16)
        // The call fails only for a stream that is not gzip.
        _ = deflateSetHeader(stream.state, header)
    }

    deinit {
        header.deallocate()
        block.deallocate()
    }

    /// Compresses bytes and passes the compressed bytes to a closure.
    ///
    /// - Parameter output: A closure that receives compressed bytes, up to 64 KiB at a time, which are valid only
    ///   during the call.
    /// - Throws: ``GzipError``, or the error of `output`. The compressor cannot be used after an error.
    package mutating func update(
        _ input: UnsafeRawBufferPointer, _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try take()
        var rest = input
        while !rest.isEmpty {
            let count = min(rest.count, block.count - gathered)
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if count == block.count {
                try compress(piece, Z_NO_FLUSH, output)
            } else {
                UnsafeMutableRawBufferPointer(rebasing: block[gathered...]).copyMemory(from: piece)
                gathered += count
                if gathered == block.count {
                    try compress(UnsafeRawBufferPointer(block), Z_NO_FLUSH, output)
                    gathered = 0
                }
            }
        }
        isUsable = true
    }

    /// Ends the input and outputs the remaining compressed bytes.
    ///
    /// - Throws: The same errors as ``update(_:_:)``.
    package mutating func finish(_ output: (UnsafeRawBufferPointer) throws -> Void) throws {
        try take()
        try compress(UnsafeRawBufferPointer(rebasing: block[..<gathered]), Z_FINISH, output)
    }

    /// Marks the compressor as unusable until the current call completes.
    private mutating func take() throws(GzipError) {
        guard isUsable else { throw .ended }
        isUsable = false
    }

    private func compress(
        _ input: UnsafeRawBufferPointer, _ flush: Int32, _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let (code, unused) = try stream.run(input, { deflate($0, flush) }, output)
        // zlib returns Z_BUF_ERROR when a call makes no progress.
        let isDone = flush == Z_FINISH ? code == Z_STREAM_END : code == Z_OK || code == Z_BUF_ERROR
        guard isDone, unused == 0 else { throw GzipError.corrupted }
    }
}
