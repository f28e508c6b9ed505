import Foundation

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
