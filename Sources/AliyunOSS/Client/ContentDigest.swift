import Foundation
import OSSPrimitives

/// What the content of a file can be recognised by, on either side.
struct ContentDigest: Hashable, Sendable {
    /// In upper-case hexadecimal, as the service writes it in an ETag; empty when it was not asked for.
    var md5: String
    var crc64: UInt64

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
        try await slice.readPieces { bytes in
            if wantsMD5 { md5.update(bytes) }
            crc64.update(bytes)
        }
        self.md5 = wantsMD5 ? Hexadecimal.uppercase(md5.finalize()) : ""
        self.crc64 = crc64.value
    }

    /// Reads the body of a request.
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

    /// What was computed piece by piece.
    init(_ md5: MD5, _ crc64: CRC64) {
        var md5 = md5
        self.md5 = Hexadecimal.uppercase(md5.finalize())
        self.crc64 = crc64.value
    }
}

extension FileSlice {
    private static let pieceSize = 256 << 10

    /// Reads the slice from its start to its end, or to that of the file when it comes first.
    ///
    /// - Parameter body: gets the bytes, up to 256 KiB at a time, valid during the call.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, `CancellationError`, or what `body` throws.
    func readPieces(_ body: (UnsafeRawBufferPointer) throws -> Void) async throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while position < length {
            try Task.checkCancellation()
            let wanted = Int(min(Int64(buffer.count), length - position))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
            let count = try translatingFileErrors { () throws(FileError) in
                try file.read(into: piece, at: offset + position)
            }
            if count == 0 { break }
            try body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            position += Int64(count)
            // A large file is seconds of work: other tasks get their turn.
            await Task.yield()
        }
    }
}

/// The CRC-64 of consecutive chunks.
struct ChecksumChain: Sendable {
    private(set) var value: UInt64 = 0

    mutating func append(_ checksum: UInt64, length: Int64) {
        value = CRC64.combine(value, checksum, secondLength: UInt64(length))
    }
}
