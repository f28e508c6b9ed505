import Foundation
import OSSPrimitives

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
