import CZlib

/// Expands gzip (RFC 1952), piece by piece in bounded memory, and verifies the checksum and the length that it states.
///
/// Several members, one after the other, are one content. Anything else behind the end is an error, zeros too.
package struct GzipDecompressor: ~Copyable {
    private static let magic: [UInt8] = [0x1F, 0x8B]
    /// zlib counts what it is given in 32 bits.
    private static let longestPiece = 1 << 30

    private let stream: ZlibStream
    private let limit: Int64
    /// The bytes that have come out so far.
    package private(set) var expandedCount: Int64 = 0
    /// How many bytes of the current member's magic number have come: none between two members.
    private var matched = 0
    private var isFirstMember = true
    private var isUsable = true

    /// - Parameter limit: how many bytes may come out in all, so that a small input cannot fill a disk.
    package init(limit: Int64) throws(GzipError) {
        self.limit = limit
        stream = try ZlibStream(
            begin: { inflateInit2_($0, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) },
            end: { inflateEnd($0) })
    }

    /// Adds compressed bytes at the end.
    ///
    /// - Parameter output: gets what they expand to, up to 64 KiB at a time, valid during the call. What it gets is proven only
    ///   when ``finish()`` does not throw.
    /// - Throws: ``GzipError``, or what `output` throws. After an error there is nothing to go on with.
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

    /// Says that there is nothing more.
    ///
    /// - Throws: ``GzipError`` when the input ended too early, or with an error before.
    package mutating func finish() throws(GzipError) {
        try take()
        guard matched == 0, !isFirstMember else { throw .truncated }
    }

    /// Whoever does not come to the end of what he began leaves it unusable.
    private mutating func take() throws(GzipError) {
        guard isUsable else { throw .ended }
        isUsable = false
    }

    /// Returns how many bytes belong to the next member.
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
        // Without progress, which means that everything was said before, it is Z_BUF_ERROR.
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

    /// zlib has one code for everything that is wrong with the data, and tells them apart by words only.
    private var failure: GzipError {
        let message = stream.state.pointee.msg.map { String(cString: $0) }
        switch message {
        case "incorrect data check", "incorrect length check": return .checksumMismatch
        default: return .corrupted
        }
    }
}
