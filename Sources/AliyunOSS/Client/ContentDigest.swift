import Foundation
import OSSPrimitives

/// The checksums of the content of a file or object.
struct ContentDigest: Hashable, Sendable {
    /// MD5 in uppercase hexadecimal, as in an ETag; empty if no MD5 was requested.
    var md5: String
    var crc64: UInt64

    /// Computes the checksums of an entire file.
    ///
    /// - Parameter onRead: A closure that receives the size in bytes of each chunk that was read.
    init(of file: OpenFile, onRead: ((Int) -> Void)? = nil) async throws {
        try await self.init(of: FileSlice(file, offset: 0, length: .max), onRead: onRead)
    }

    /// Computes the checksums of a file slice, stopping at the end of the file.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or `CancellationError`.
    init(of slice: FileSlice, md5 wantsMD5: Bool = true, onRead: ((Int) -> Void)? = nil) async throws {
        var md5 = MD5()
        var crc64 = CRC64()
        try await slice.readChunks { bytes in
            if wantsMD5 { md5.update(bytes) }
            crc64.update(bytes)
            onRead?(bytes.count)
        }
        self.md5 = wantsMD5 ? Hexadecimal.uppercase(md5.finalize()) : ""
        self.crc64 = crc64.value
    }

    /// Computes the checksums of the body of a request.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or `CancellationError`.
    init(of body: HTTPBody, md5 wantsMD5: Bool = true) async throws {
        switch body {
        case .file(let slice): try await self.init(of: slice, md5: wantsMD5)
        case .none: self.init(of: Data(), md5: wantsMD5)
        case .data(let data): self.init(of: data, md5: wantsMD5)
        }
    }

    private init(of data: Data, md5 wantsMD5: Bool) {
        md5 = wantsMD5 ? Hexadecimal.uppercase(MD5.hash(data)) : ""
        crc64 = CRC64.checksum(data)
    }

    /// Creates a digest from completed hashes.
    init(_ md5: MD5, _ crc64: CRC64) {
        var md5 = md5
        self.md5 = Hexadecimal.uppercase(md5.finalize())
        self.crc64 = crc64.value
    }
}

extension FileSlice {
    private static let chunkSize = 256 << 10

    /// Reads the slice in chunks, stopping at the end of the file.
    ///
    /// - Parameter body: Closure that receives chunks of up to 256 KiB, valid during the call.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, `CancellationError`, or any error of `body`.
    func readChunks(_ body: (UnsafeRawBufferPointer) throws -> Void) async throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while position < length {
            try Task.checkCancellation()
            let wanted = Int(min(Int64(buffer.count), length - position))
            let chunk = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let count = try translatingFileErrors { () throws(FileError) in
                try file.read(into: chunk, at: offset + position)
            }
            if count == 0 { break }
            try body(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            position += Int64(count)
            // Hashing a large file takes seconds, during which other tasks must be able to run.
            await Task.yield()
        }
    }
}

/// The combined CRC-64 of consecutive chunks.
struct ChecksumChain: Sendable {
    private(set) var value: UInt64 = 0

    mutating func append(_ checksum: UInt64, length: Int64) {
        value = CRC64.combine(value, checksum, secondLength: UInt64(length))
    }
}
