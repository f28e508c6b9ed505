import Foundation
import OSSPrimitives

/// What the content of a file can be recognised by, on either side.
struct ContentDigest: Hashable, Sendable {
    /// In upper-case hexadecimal, as the service writes it in an ETag; empty when it was not asked for.
    var md5: String
    var crc64: UInt64

    private static let chunkSize = 256 << 10

    /// Reads a file from its start to its end.
    init(of file: OpenFile) async throws {
        try await self.init(of: FileSlice(file, offset: 0, length: .max))
    }

    /// Reads a part of a file; where the file ends before it, what there is.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or `CancellationError`.
    init(of slice: FileSlice, md5 wantsMD5: Bool = true) async throws {
        var md5 = MD5()
        var crc64 = CRC64()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while position < slice.length {
            try Task.checkCancellation()
            let wanted = Int(min(Int64(buffer.count), slice.length - position))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let offset = slice.offset + position
            let count = try translatingFileErrors { () throws(FileError) in
                try slice.file.read(into: piece, at: offset)
            }
            if count == 0 { break }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if wantsMD5 { md5.update(bytes) }
            crc64.update(bytes)
            position += Int64(count)
            // A large file is seconds of work: other tasks get their turn.
            await Task.yield()
        }
        self.md5 = wantsMD5 ? Hexadecimal.uppercase(md5.finalize()) : ""
        self.crc64 = crc64.value
    }
}
