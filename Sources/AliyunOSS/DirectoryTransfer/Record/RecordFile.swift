/// A closure that returns the next record, or `nil` if there are no more records.
typealias RecordSource = () -> FileRecord?

/// A reader for a record file. Reading stops at the end of the file or at the first damaged entry.
final class RecordReader {
    private let file: OpenFile
    private let isSorted: Bool
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
    private var start = 0
    private var end = 0
    private var position: Int64
    private let limit: Int64
    private var last: ObjectKey?
    /// Whether the reader has encountered damaged data or a read error.
    private(set) var isDamaged = false
    private var isOver = false
    private var hasFailed = false

    /// Creates a reader for a file or part of a file.
    ///
    /// - Parameter isSorted: Whether a key that is out of order counts as damage.
    init(_ file: OpenFile, from position: Int64 = 0, to limit: Int64 = .max, isSorted: Bool) {
        self.file = file
        self.position = position
        self.limit = limit
        self.isSorted = isSorted
    }

    deinit {
        buffer.deallocate()
    }

    /// A classification of a file by its header.
    enum Header: Equatable {
        case empty
        case own
        case another
        /// A record file with a damaged header.
        case damaged
        case foreign
    }

    /// Reads the header, compares it with the expected identity and returns the classification of the file.
    func header(_ identity: RecordIdentity) -> Header {
        let magic = RecordCoding.format.magic
        // An unreadable file may belong to another user and must not be replaced.
        guard fill() || start < end else { return hasFailed ? .foreign : .empty }
        let found = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        guard found.count >= magic.count, found.prefix(magic.count).elementsEqual(magic) else { return .foreign }
        start += magic.count
        guard let payload = nextPayload() else { return .damaged }
        return payload.elementsEqual(identity.digest) ? .own : .another
    }

    /// Returns the next record, or `nil` at the end.
    func next() -> FileRecord? {
        guard let payload = nextPayload() else { return nil }
        guard let record = RecordCoding.record(payload) else { return damage() }
        if isSorted {
            if let last, last.compare(with: record.key) >= 0 { return damage() }
            last = record.key
        }
        return record
    }

    private func damage() -> FileRecord? {
        isDamaged = true
        isOver = true
        return nil
    }

    /// Returns the next payload, or `nil` at the end. The payload is valid until the next call.
    private func nextPayload() -> UnsafeRawBufferPointer? {
        while !isOver {
            switch RecordCoding.format.frame(in: UnsafeRawBufferPointer(rebasing: buffer[start..<end])) {
            case .complete(let range, let length):
                defer { start += length }
                return UnsafeRawBufferPointer(rebasing: buffer[start + range.lowerBound..<start + range.upperBound])
            case .damaged:
                isDamaged = true
                isOver = true
            case .incomplete:
                if fill() { continue }
                // A killed process may leave an incomplete entry.
                if start < end { isDamaged = true }
                isOver = true
            }
        }
        return nil
    }

    /// Reads more bytes into the buffer, and returns whether any bytes were read.
    private func fill() -> Bool {
        if start > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            end -= start
            start = 0
        }
        guard end < buffer.count else { return false }
        let count: Int
        do {
            let free = Int(min(Int64(buffer.count - end), limit - position))
            count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end..<end + free]), at: position)
        } catch {
            hasFailed = true
            isDamaged = true
            return false
        }
        guard count > 0 else { return false }
        position += Int64(count)
        end += count
        return true
    }
}

/// A writer for a record file. The file has a temporary name until it is complete.
final class RecordWriter {
    private let directory: SafeDirectory
    private let name: FileName
    private let file: OpenFile
    private var buffer: [UInt8]
    private var position: Int64 = 0
    private var isInstalled = false

    private static let bufferSize = 128 << 10

    /// Creates a record file with a temporary name.
    ///
    /// - Throws: ``FileError``.
    init(_ name: FileName, in directory: SafeDirectory, _ identity: RecordIdentity) throws(FileError) {
        self.directory = directory
        self.name = name
        // A killed process may have left this file.
        try? directory.unlink(name)
        file = try directory.createFile(name, permissions: 0o600)
        buffer = RecordCoding.header(identity)
        buffer.reserveCapacity(Self.bufferSize + RecordCoding.format.maximumLength)
    }

    deinit {
        if !isInstalled { try? directory.unlink(name) }
    }

    private func append(_ record: FileRecord) throws(FileError) {
        RecordCoding.append(record, to: &buffer)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Replaces the base file of a record with merged entries.
    static func replaceBase(
        _ records: RecordMerge, _ files: RecordFiles, _ identity: RecordIdentity
    ) throws(FileError) {
        var records = records
        let writer = try RecordWriter(files.new, in: files.directory, identity)
        while let record = records.next() { if !record.isForgotten { try writer.append(record) } }
        try writer.install(as: files.base)
    }

    /// Syncs the file to disk and renames it to its final name. The directory is synced last, so a crash leaves either
    /// the old file or the new one.
    private func install(as newName: FileName) throws(FileError) {
        try flush()
        try file.synchronize()
        try directory.rename(name, to: newName)
        isInstalled = true
        try directory.synchronize()
    }

    private func flush() throws(FileError) {
        try file.write(buffer, at: position)
        position += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }
}

/// A merge of sorted record sources. If several sources have the same key, the last one takes precedence.
struct RecordMerge {
    private typealias Head = (record: FileRecord, source: Int)

    private let sources: [RecordSource]
    /// The next record of each source, in the opposite order: the last element is the next record of the merge. The
    /// sources of a log hardly overlap, because a run visits the keys almost in their order, so the record that follows
    /// an element usually takes its place.
    private var heads: [Head] = []

    /// Creates a merge of sorted sources.
    ///
    /// - Parameter sources: The sources, oldest first.
    init(_ sources: [RecordSource]) {
        self.sources = sources
        for source in sources.indices { insertNext(of: source) }
    }

    /// Key of the next record; `nil` at the end.
    var first: ObjectKey? { heads.last?.record.key }

    /// Returns the next record, or `nil` at the end.
    mutating func next() -> FileRecord? {
        guard let head = heads.popLast() else { return nil }
        insertNext(of: head.source)
        while let older = heads.last, older.record.key == head.record.key {
            heads.removeLast()
            insertNext(of: older.source)
        }
        return head.record
    }

    private mutating func insertNext(of source: Int) {
        guard let record = sources[source]() else { return }
        var (start, end) = (0, heads.count)
        while start < end {
            let middle = (start + end) / 2
            let order = heads[middle].record.key.compare(with: record.key)
            if order > 0 || (order == 0 && heads[middle].source < source) { start = middle + 1 } else { end = middle }
        }
        heads.insert((record, source), at: start)
    }
}
