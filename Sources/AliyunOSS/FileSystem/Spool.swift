import Foundation

/// A buffer for bytes to send. It holds up to 1 MiB in memory, and larger content in a temporary file without a name.
struct Spool {
    private static let memoryLimit = 1 << 20
    private static let bufferSize = 256 << 10

    private var buffer = Data()
    private var file: OpenFile?
    private var written: Int64 = 0

    /// Appends bytes to the buffer.
    ///
    /// - Throws: ``FileError``.
    mutating func append(_ chunk: some ContiguousBytes) throws {
        chunk.withUnsafeBytes { buffer.append(contentsOf: $0) }
        if buffer.count > (file == nil ? Self.memoryLimit : Self.bufferSize) { try flush() }
    }

    /// Returns all buffered content, in memory or as a file.
    ///
    /// - Throws: ``FileError``.
    mutating func finish() throws(FileError) -> Content {
        guard file != nil else { return .data(buffer) }
        try flush()
        guard let file else { return .data(buffer) }
        return .file(FileSlice(file, offset: 0, length: written))
    }

    enum Content: Sendable {
        case data(Data)
        case file(FileSlice)
    }

    private mutating func flush() throws(FileError) {
        let file: OpenFile
        if let open = self.file { file = open } else { file = try .temporary() }
        self.file = file
        try file.write(buffer, at: written)
        written += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }
}
