import OSSPrimitives

/// A file format for a sequence of records. A file remains readable even if a process is killed while writing to it.
///
/// The file starts with a magic text that names its content and version. Each record is stored as its length (4 bytes),
/// its bytes and their CRC-64 (8 bytes), so a reader accepts a record entirely or not at all. Numbers are
/// little-endian.
struct FramedFile: Sendable {
    /// The bytes at the start of every file in this format.
    let magic: [UInt8]
    /// Maximum length of a record, in bytes. A larger length means that the file is damaged.
    let maximumLength: Int

    /// The result of reading a record from the start of a buffer.
    enum Frame {
        /// A complete record, with the range of its bytes and its total length in bytes, including the length field and
        /// the checksum.
        case complete(Range<Int>, length: Int)
        /// An incomplete record, which needs more bytes.
        case incomplete
        case damaged
    }

    /// Appends an encoded record to a buffer.
    static func append(_ record: some Collection<UInt8>, to bytes: inout [UInt8]) {
        var checksum = CRC64()
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: record.count).littleEndian) { bytes.append(contentsOf: $0) }
        let start = bytes.count
        bytes.append(contentsOf: record)
        bytes.withUnsafeBytes { checksum.update(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        withUnsafeBytes(of: checksum.value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Reads the record at the start of a buffer.
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

    /// Reads the records of a file up to the first one that is incomplete, damaged or rejected by `body`.
    ///
    /// - Parameter body: A closure that receives a record and returns whether it is valid.
    /// - Returns: The length of the valid part in bytes; 0 if the file does not start with the magic text.
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
