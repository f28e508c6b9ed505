import OSSPrimitives

/// The format of a file of records that a process may be killed while writing.
///
/// The file starts with a magic text that names its content and version. Each record is stored as its length (4 bytes), its
/// bytes and their CRC-64 (8 bytes), so that a reader takes it entirely or not at all. Numbers are little-endian.
struct FramedFile: Sendable {
    /// The bytes at the start of the file.
    let magic: [UInt8]
    /// Maximum length of a record in bytes. A larger length is damage.
    let maximumLength: Int

    /// The start of some bytes that should be a record.
    enum Frame {
        /// The range of the record's bytes, and the length in bytes with length field and checksum.
        case complete(Range<Int>, length: Int)
        /// More bytes are needed.
        case incomplete
        case damaged
    }

    /// Appends a record.
    static func append(_ record: some Collection<UInt8>, to bytes: inout [UInt8]) {
        var checksum = CRC64()
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: record.count).littleEndian) { bytes.append(contentsOf: $0) }
        let start = bytes.count
        bytes.append(contentsOf: record)
        bytes.withUnsafeBytes { checksum.update(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        withUnsafeBytes(of: checksum.value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Reads the record that some bytes start with.
    func frame(in bytes: UnsafeRawBufferPointer) -> Frame {
        guard bytes.count >= 4 else { return .incomplete }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        guard length <= maximumLength else { return .damaged }
        guard bytes.count >= length + 12 else { return .incomplete }
        var checksum = CRC64()
        checksum.update(UnsafeRawBufferPointer(rebasing: bytes[4..<4 + length]))
        let stored = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 + length, as: UInt64.self))
        return checksum.value == stored ? .complete(4..<4 + length, length: length + 12) : .damaged
    }

    /// Reads all records of a file up to the first one that is incomplete or damaged, or that `body` rejects.
    ///
    /// - Parameter body: Takes a record and returns whether it is valid.
    /// - Returns: The length of the valid part in bytes; 0 when the file does not start with the magic text.
    func readRecords(of bytes: [UInt8], _ body: (ArraySlice<UInt8>) -> Bool) -> Int {
        guard bytes.starts(with: magic) else { return 0 }
        var position = magic.count
        while position < bytes.count {
            let next = bytes.withUnsafeBytes { frame(in: UnsafeRawBufferPointer(rebasing: $0[position...])) }
            guard case .complete(let range, let length) = next,
                body(bytes[position + range.lowerBound..<position + range.upperBound])
            else { break }
            position += length
        }
        return position
    }
}
