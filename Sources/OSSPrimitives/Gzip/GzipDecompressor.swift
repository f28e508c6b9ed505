import CZlib

/// A gzip decompressor (RFC 1952) that uses a bounded amount of memory. It verifies the checksum and the length of the
/// content.
///
/// Several consecutive members are decompressed as one content. Any other bytes after the end, including zeros, are an
/// error.
package struct GzipDecompressor: ~Copyable {
    private static let magic: [UInt8] = [0x1F, 0x8B]
    /// Maximum number of input bytes passed to zlib at a time. The limit is needed because zlib counts its input in 32
    /// bits.
    private static let longestPiece = 1 << 30

    private let stream: ZlibStream
    private let limit: Int64
    /// The number of bytes decompressed so far.
    package private(set) var expandedCount: Int64 = 0
    /// The number of bytes matched so far in the current member's magic number; 0 between members.
    private var matched = 0
    private var isFirstMember = true
    private var isUsable = true

    /// Creates a decompressor.
    ///
    /// - Parameter limit: Maximum number of decompressed bytes, so that a small input cannot fill a disk.
    package init(limit: Int64) throws(GzipError) {
        self.limit = limit
        stream = try ZlibStream(
            begin: { inflateInit2_($0, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) },
            end: { inflateEnd($0) })
    }

    /// Decompresses bytes and passes the decompressed bytes to a closure.
    ///
    /// - Parameter output: A closure that receives decompressed bytes, up to 64 KiB at a time, which are valid only
    ///   during the call. The bytes are verified only when ``finish()`` returns.
    /// - Throws: ``GzipError``, or the error of `output`. The decompressor cannot be used after an error.
    package mutating func update(
        _ input: UnsafeRawBufferPointer, _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try take()
        var rest = input
        while !rest.isEmpty {
            var length = min(rest.count, Self.longestPiece)
            if matched < Self.magic.count {
                guard rest[0] == Self.magic[matched] else {
                    throw isFirstMember ? GzipError.notGzip : GzipError.trailingBytes
                }
                matched += 1
                length = 1
            }
            let unused = try expand(UnsafeRawBufferPointer(rebasing: rest[..<length]), output)
            rest = UnsafeRawBufferPointer(rebasing: rest[(length - unused)...])
        }
        isUsable = true
    }

    /// Ends the input and verifies that it is complete.
    ///
    /// - Throws: ``GzipError`` if the input is incomplete, or after an earlier error.
    package mutating func finish() throws(GzipError) {
        try take()
        guard matched == 0, !isFirstMember else { throw .truncated }
    }

    /// Marks the decompressor as unusable until the current call completes.
    private mutating func take() throws(GzipError) {
        guard isUsable else { throw .ended }
        isUsable = false
    }

    /// Decompresses bytes and returns the number of unused input bytes, which belong to the next member.
    private mutating func expand(
        _ input: UnsafeRawBufferPointer, _ output: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
        var count = expandedCount
        let (code, unused) = try stream.run(input, { inflate($0, Z_NO_FLUSH) }) { bytes in
            guard Int64(bytes.count) <= limit - count else { throw GzipError.tooLarge }
            count += Int64(bytes.count)
            try output(bytes)
        }
        expandedCount = count
        switch code {
        // zlib returns Z_BUF_ERROR when a call makes no progress.
        case Z_OK, Z_BUF_ERROR:
            guard unused == 0 else { throw GzipError.corrupted }
        case Z_STREAM_END:
            _ = inflateReset(stream.state)
            (matched, isFirstMember) = (0, false)
        case Z_MEM_ERROR:
            throw GzipError.noMemory
        default:
            throw failure
        }
        return unused
    }

    /// The error for invalid data. zlib uses one code for all such errors, and distinguishes them only by their text.
    private var failure: GzipError {
        let message = stream.state.pointee.msg.map { String(cString: $0) }
        switch message {
        case "incorrect data check", "incorrect length check": return .checksumMismatch
        default: return .corrupted
        }
    }
}
