import Foundation
import OSSPrimitives

@testable import AliyunOSS

extension ScratchFolder {
    /// A file of the folder, open for reading and writing, to its end.
    func slice(_ name: String) throws -> FileSlice {
        let descriptor = open(self[name], O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", self[name], code: errno) }
        return FileSlice(OpenFile(descriptor: descriptor, path: self[name]), offset: 0, length: .max)
    }
}

extension FileSlice {
    /// Its bytes.
    func bytes() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await readPieces { bytes += $0 }
        return bytes
    }
}

/// Text that gzip makes a little smaller, and no two pieces of which are alike.
func compressiblePattern(_ count: Int) -> [UInt8] {
    pattern(count).map { 32 + $0 & 63 }
}

/// The bytes that compressing gives, by way of nothing that writes to files.
func gzip(_ content: [UInt8]) throws -> [UInt8] {
    var output: [UInt8] = []
    var compressor = try GzipCompressor()
    try content.withUnsafeBytes { bytes in try compressor.update(bytes) { output += $0 } }
    try compressor.finish { output += $0 }
    return output
}
