import CZlib

/// Compresses bytes as gzip (RFC 1952), piece by piece in bounded memory.
///
/// Equal input gives equal output, however it is cut into pieces, on every platform with the same zlib: the header holds no
/// time, no name and no operating system.
package struct GzipCompressor: ~Copyable {
    /// Never changed: with another one, equal input would give other output than before.
    private static let level: Int32 = 6
    /// zlib gets its input in blocks of this size, whatever the caller's pieces are: at the edge of its window, what it finds
    /// depends on how much of the input it was given at a time.
    private static let blockSize = 64 << 10
    private static let unknownSystem: Int32 = 255

    private let stream: ZlibStream
    /// zlib reads it when the first output is made, and keeps no copy.
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
        // It fails only for a stream that is not gzip.
        _ = deflateSetHeader(stream.state, header)
    }

    deinit {
        header.deallocate()
        block.deallocate()
    }

    /// Adds bytes at the end.
    ///
    /// - Parameter output: gets what there is of the compressed form, up to 64 KiB at a time, valid during the call.
    /// - Throws: ``GzipError``, or what `output` throws. After an error there is nothing to go on with.
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

    /// Says that there is nothing more, and gives the rest of the compressed form.
    ///
    /// - Throws: as ``update(_:_:)``.
    package mutating func finish(_ output: (UnsafeRawBufferPointer) throws -> Void) throws {
        try take()
        try compress(UnsafeRawBufferPointer(rebasing: block[..<gathered]), Z_FINISH, output)
    }

    /// Whoever does not come to the end of what he began leaves it unusable.
    private mutating func take() throws(GzipError) {
        guard isUsable else { throw .ended }
        isUsable = false
    }

    private func compress(
        _ input: UnsafeRawBufferPointer, _ flush: Int32, _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let (code, unused) = try stream.run(input, { deflate($0, flush) }, output)
        // Without progress, which means that everything was said before, it is Z_BUF_ERROR.
        let isDone = flush == Z_FINISH ? code == Z_STREAM_END : code == Z_OK || code == Z_BUF_ERROR
        guard isDone, unused == 0 else { throw GzipError.corrupted }
    }
}
