/// Writes a file of records under a temporary name, and gives it its own when it is whole.
final class RecordWriter {
    private let directory: SafeDirectory
    private let name: FileName
    private let file: OpenFile
    private var buffer: [UInt8]
    private var position: Int64 = 0
    private var isOver = false
    /// The key of the last record.
    private(set) var last: ObjectKey?

    private static let bufferSize = 128 << 10

    /// - Throws: ``FileError``.
    init(_ name: FileName, in directory: SafeDirectory, _ identity: RecordIdentity) throws(FileError) {
        self.directory = directory
        self.name = name
        // What a killed process left there is nobody's.
        try? directory.unlink(name)
        file = try directory.createFile(name, permissions: 0o600)
        buffer = RecordCoding.header(identity)
        buffer.reserveCapacity(Self.bufferSize + RecordCoding.maximumLength)
    }

    deinit {
        discard()
    }

    /// Adds a record. The keys must come in order.
    func append(_ record: FileRecord) throws(FileError) {
        last = record.key
        RecordCoding.append(record, to: &buffer)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Everything that was written, for reading.
    func finish() throws(FileError) -> OpenFile {
        try flush()
        return file
    }

    /// Puts the file, which is whole, in the place of another.
    func install(as newName: FileName) throws(FileError) {
        try flush()
        try file.synchronize()
        try directory.rename(name, to: newName)
        isOver = true
        try directory.synchronize()
    }

    /// Removes the file, unless it was installed.
    func discard() {
        if !isOver { try? directory.unlink(name) }
        isOver = true
    }

    private func flush() throws(FileError) {
        try file.write(buffer, at: position)
        position += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }
}
