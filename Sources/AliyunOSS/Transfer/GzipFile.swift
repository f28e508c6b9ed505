import Foundation
import OSSPrimitives

/// The gzip form of a file, in a temporary file without a name.
struct GzipFile: Sendable {
    /// The compressed bytes.
    let content: FileSlice
    let digest: GzipDigest

    /// Compresses a part of a file. Where the file ends before it, that is what there is.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, also when the disk for temporary files is full, or
    ///   `CancellationError`.
    init(compressing slice: FileSlice) async throws {
        let file = try translatingFileErrors { () throws(FileError) in try OpenFile.temporary() }
        digest = try await GzipDigest(of: slice) { bytes, offset in
            try translatingFileErrors { () throws(FileError) in try file.write(bytes, at: offset) }
        }
        content = FileSlice(file, offset: 0, length: digest.size)
    }

    /// Expands the content of an object that carries a mark, and verifies that it is what the mark says.
    ///
    /// - Parameters:
    ///   - content: the compressed bytes.
    ///   - output: becomes the file that the mark is of, whatever it held before. After an error it is not to be used.
    /// - Throws: ``OSSError``: ``OSSError/Code/checksumMismatch`` when the content is something else,
    ///   ``OSSError/Code/fileSystem``; or `CancellationError`.
    static func expand(_ content: FileSlice, into output: OpenFile, expecting mark: GzipMark) async throws {
        var (size, crc64) = (Int64(0), CRC64())
        do {
            // What is more than expected is not written: it could fill the disk.
            var decompressor = try GzipDecompressor(limit: mark.size)
            try await content.readPieces { bytes in
                try decompressor.update(bytes) { bytes in
                    crc64.update(bytes)
                    try translatingFileErrors { () throws(FileError) in try output.write(bytes, at: size) }
                    size += Int64(bytes.count)
                }
            }
            try decompressor.finish()
        } catch let error as GzipError {
            throw mismatch(content, mark, "\(error)", underlying: error)
        }
        guard size == mark.size, crc64.value == mark.crc64 else {
            throw mismatch(content, mark, "it expands to \(size) bytes with CRC-64 \(crc64.value)")
        }
        try translatingFileErrors { () throws(FileError) in try output.truncate(to: size) }
    }

    private static func mismatch(
        _ content: FileSlice, _ mark: GzipMark, _ problem: String, underlying: GzipError? = nil
    ) -> OSSError {
        OSSError(
            .checksumMismatch,
            "'\(content.file.path)' is not the gzip form of \(mark.size) bytes with CRC-64 \(mark.crc64), as its "
                + "metadata says: \(problem); upload the object again",
            underlying: underlying)
    }
}

/// What the gzip form of a file can be recognised by, without the form itself: equal files have equal forms.
struct GzipDigest: Hashable, Sendable {
    /// The size of the compressed bytes.
    var size: Int64
    /// MD5 and CRC-64 of the compressed bytes.
    var compressed: ContentDigest
    /// The size and CRC-64 of the file's own bytes.
    var original: GzipMark

    /// Compresses a part of a file, and keeps nothing of it. Where the file ends before it, that is what there is.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or `CancellationError`.
    init(of slice: FileSlice) async throws {
        try await self.init(of: slice) { _, _ in }
    }

    /// The same, and hands out the compressed bytes with the offset of each piece.
    init(of slice: FileSlice, _ output: (UnsafeRawBufferPointer, Int64) throws -> Void) async throws {
        var (md5, crc64, size) = (MD5(), CRC64(), Int64(0))
        var original = (size: Int64(0), crc64: CRC64())
        func take(_ bytes: UnsafeRawBufferPointer) throws {
            md5.update(bytes)
            crc64.update(bytes)
            try output(bytes, size)
            size += Int64(bytes.count)
        }
        do {
            var compressor = try GzipCompressor()
            try await slice.readPieces { bytes in
                original.size += Int64(bytes.count)
                original.crc64.update(bytes)
                try compressor.update(bytes, take)
            }
            try compressor.finish(take)
        } catch let error as GzipError {
            throw OSSError(.fileSystem, "cannot compress '\(slice.file.path)': \(error)", underlying: error)
        }
        self.size = size
        compressed = ContentDigest(md5, crc64)
        self.original = GzipMark(size: original.size, crc64: original.crc64.value)
    }
}

/// What an object that is the gzip form of a file says of that file.
///
/// In its metadata, `gzip-size` is the file's size in bytes and `gzip-crc64` its CRC-64/XZ, both decimal.
struct GzipMark: Hashable, Sendable {
    /// What the object has as its `Content-Encoding`.
    static let contentEncoding = "gzip"

    /// The size of the file in bytes.
    var size: Int64
    /// CRC-64/XZ of its content.
    var crc64: UInt64

    init(size: Int64, crc64: UInt64) {
        self.size = size
        self.crc64 = crc64
    }

    /// Reads metadata. An object on which one of the two is missing or malformed is taken as it is.
    init?(metadata: [String: String]) {
        guard let size = metadata["gzip-size"].flatMap(Self.number), let size = Int64(exactly: size),
            let crc64 = metadata["gzip-crc64"].flatMap(Self.number)
        else { return nil }
        self.init(size: size, crc64: crc64)
    }

    /// The metadata to store.
    var metadata: [String: String] { ["gzip-size": String(size), "gzip-crc64": String(crc64)] }

    /// Adds what an object of these bytes must have stored beside them.
    ///
    /// - Throws: ``OSSError`` when the attributes say that the bytes are encoded in another way.
    func add(to attributes: inout ObjectAttributes) throws(OSSError) {
        if let encoding = attributes.contentEncoding, encoding != Self.contentEncoding {
            throw OSSError(
                .invalidArgument,
                "content with the encoding '\(encoding)' cannot be compressed as gzip; leave out one of the two")
        }
        attributes.contentEncoding = Self.contentEncoding
        attributes.metadata.merge(metadata) { _, mark in mark }
    }

    private static func number(_ text: String) -> UInt64? {
        // Swift's own reading takes a sign, too.
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
}
