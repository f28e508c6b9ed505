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
