import Foundation
import OSSPrimitives

/// A gzip-compressed copy of a file, stored in a temporary file without a name.
struct GzipFile: Sendable {
    /// The compressed bytes.
    let content: FileSlice
    let digest: GzipDigest

    /// Compresses a range of a file into a temporary file.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, for example if the disk for temporary files is
    ///   full, or `CancellationError`.
    init(compressing slice: FileSlice) async throws {
        let file = try translatingFileErrors { () throws(FileError) in try OpenFile.temporary() }
        digest = try await GzipDigest(of: slice) { bytes, offset in
            try translatingFileErrors { () throws(FileError) in try file.write(bytes, at: offset) }
        }
        content = FileSlice(file, offset: 0, length: digest.size)
    }

    /// Decompresses and verifies the content of an object.
    ///
    /// - Parameters:
    ///   - content: The compressed bytes.
    ///   - output: The file to write to. Its content is replaced, and must not be used after an error.
    ///   - mark: The expected size and checksum.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/checksumMismatch`` if the content differs, or
    ///   ``OSSError/Code/fileSystem``; or `CancellationError`.
    static func expand(_ content: FileSlice, into output: OpenFile, expecting mark: GzipMark) async throws {
        var (size, crc64) = (Int64(0), CRC64())
        do {
            // More bytes than expected are not written, because they could fill the disk.
            var decompressor = try GzipDecompressor(limit: mark.size)
            try await content.readChunks { bytes in
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
            throw mismatch(content, mark, "it decompresses to \(size) bytes with CRC-64 \(crc64.value)")
        }
        try translatingFileErrors { () throws(FileError) in try output.truncate(to: size) }
    }

    private static func mismatch(
        _ content: FileSlice, _ mark: GzipMark, _ problem: String, underlying: GzipError? = nil
    ) -> OSSError {
        OSSError(
            .checksumMismatch,
            "the decompressed content of '\(content.file.path)' does not match its metadata (expected \(mark.size) bytes "
                + "with CRC-64 \(mark.crc64)): \(problem); upload the object again",
            underlying: underlying)
    }
}

/// The checksums of a gzip-compressed file. They identify the file, because equal files compress to equal bytes.
struct GzipDigest: Hashable, Sendable {
    /// Size in bytes of the compressed content.
    var size: Int64
    /// MD5 and CRC-64 of the compressed content.
    var compressed: ContentDigest
    /// Size and CRC-64 of the uncompressed file.
    var original: GzipMark

    /// Compresses a range of a file and computes the checksums of the result, without storing the result.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or `CancellationError`.
    init(of slice: FileSlice) async throws {
        try await self.init(of: slice) { _, _ in }
    }

    /// Compresses a range of a file, and passes each compressed chunk to a closure along with its offset.
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
            try await slice.readChunks { bytes in
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

/// Object metadata that describes the original file of a gzip-compressed object. `gzip-size` is the file's size in
/// bytes, and `gzip-crc64` is its CRC-64/XZ, both as decimal numbers.
struct GzipMark: Hashable, Sendable {
    /// The `Content-Encoding` of the object.
    static let contentEncoding = "gzip"

    /// Size of the uncompressed file in bytes.
    var size: Int64
    /// CRC-64/XZ of the uncompressed file.
    var crc64: UInt64

    init(size: Int64, crc64: UInt64) {
        self.size = size
        self.crc64 = crc64
    }

    /// Creates a value from an object's metadata, or returns `nil` if an entry is missing or malformed. Such an object
    /// is not decompressed.
    init?(metadata: [String: String]) {
        guard let size = metadata["gzip-size"].flatMap(Self.number), let size = Int64(exactly: size),
            let crc64 = metadata["gzip-crc64"].flatMap(Self.number)
        else { return nil }
        self.init(size: size, crc64: crc64)
    }

    /// The metadata to store with the object.
    var metadata: [String: String] { ["gzip-size": String(size), "gzip-crc64": String(crc64)] }

    /// Adds the content encoding and the metadata to attributes.
    ///
    /// - Throws: ``OSSError`` if the attributes specify a different content encoding.
    func add(to attributes: inout ObjectAttributes) throws(OSSError) {
        if let encoding = attributes.contentEncoding, encoding != Self.contentEncoding {
            throw OSSError(
                .invalidArgument,
                "cannot compress content that already has the encoding '\(encoding)'; remove the encoding or turn off compression"
            )
        }
        attributes.contentEncoding = Self.contentEncoding
        attributes.metadata.merge(metadata) { _, mark in mark }
    }

    private static func number(_ text: String) -> UInt64? {
        // Swift's initializer also accepts a sign.
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
}
