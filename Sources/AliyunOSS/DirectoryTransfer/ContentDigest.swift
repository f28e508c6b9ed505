import Foundation
import OSSPrimitives

/// What the content of a file can be recognised by, on either side.
struct ContentDigest: Hashable, Sendable {
    /// In upper-case hexadecimal, as the service writes it in an ETag.
    var md5: String
    var crc64: UInt64

    private static let chunkSize = 256 << 10

    /// Reads a file from its start to its end.
    init(of file: OpenFile) async throws {
        var md5 = MD5()
        var crc64 = CRC64()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while true {
            try Task.checkCancellation()
            let count = try file.read(into: buffer, at: offset)
            if count == 0 { break }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            md5.update(bytes)
            crc64.update(bytes)
            offset += Int64(count)
            // A large file is seconds of work: other tasks get their turn.
            await Task.yield()
        }
        self.md5 = Hexadecimal.uppercase(md5.finalize())
        self.crc64 = crc64.value
    }
}
