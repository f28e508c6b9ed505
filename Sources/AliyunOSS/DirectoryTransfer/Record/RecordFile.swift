/// Reads a file of records from its start to its end, or to the first thing in it that is not what was written.
final class RecordReader {
    private let file: OpenFile
    private let isSorted: Bool
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
    private var start = 0
    private var end = 0
    private var position: Int64 = 0
    private var last: ObjectKey?
    /// Whether something in the file was not what was written; it is read up to there.
    private(set) var isDamaged = false
    private var isOver = false
    /// Whether the disk did not give what is there.
    private var hasFailed = false

    /// - Parameter isSorted: Whether the keys are to be in order. Then one that is not is damage.
    init(_ file: OpenFile, isSorted: Bool) {
        self.file = file
        self.isSorted = isSorted
    }

    deinit {
        buffer.deallocate()
    }

    /// What stands at the beginning of a file.
    enum Header: Equatable {
        case empty
        /// A record of this identity.
        case own
        case another
        /// A record whose beginning is damaged.
        case damaged
        case foreign
    }

    /// Reads the beginning.
    func header(_ identity: RecordIdentity) -> Header {
        let magic = RecordCoding.magic
        // What cannot be read may be anything, and is not to be replaced.
        guard fill() || start < end else { return hasFailed ? .foreign : .empty }
        let found = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        guard found.count >= magic.count, found.prefix(magic.count).elementsEqual(magic) else { return .foreign }
        start += magic.count
        guard let payload = nextPayload() else { return .damaged }
        return payload.elementsEqual(identity.digest) ? .own : .another
    }

    /// The next record.
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

    /// Valid until the next call.
    private func nextPayload() -> UnsafeRawBufferPointer? {
        while !isOver {
            switch RecordCoding.frame(in: UnsafeRawBufferPointer(rebasing: buffer[start..<end])) {
            case .whole(let range, let length):
                defer { start += length }
                return UnsafeRawBufferPointer(rebasing: buffer[start + range.lowerBound..<start + range.upperBound])
            case .damaged:
                isDamaged = true
                isOver = true
            case .incomplete:
                if fill() { continue }
                // What was being written when a process was killed is no damage, but what it left there is no record.
                if start < end { isDamaged = true }
                isOver = true
            }
        }
        return nil
    }

    /// Reads on. Returns whether there was more.
    private func fill() -> Bool {
        if start > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            end -= start
            start = 0
        }
        guard end < buffer.count else { return false }
        let count: Int
        do {
            count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]), at: position)
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

/// Several streams of records in order of their keys as one. Of those with the same key, that of the last stream counts.
struct RecordMerge {
    private var sources: [() -> FileRecord?]
    private var heads: [FileRecord?]

    /// - Parameter sources: The streams, the oldest first.
    init(_ sources: [() -> FileRecord?]) {
        self.sources = sources
        heads = sources.map { $0() }
    }

    /// The next record, without taking it.
    var first: ObjectKey? {
        var smallest: ObjectKey?
        for case let head? in heads where smallest.map({ head.key.compare(with: $0) < 0 }) ?? true {
            smallest = head.key
        }
        return smallest
    }

    /// Takes the next record.
    mutating func next() -> FileRecord? {
        if heads.count == 1 {
            defer { heads[0] = heads[0] == nil ? nil : sources[0]() }
            return heads[0]
        }
        guard let key = first else { return nil }
        var newest: FileRecord?
        for index in heads.indices where heads[index].map({ $0.key == key }) ?? false {
            newest = heads[index]
            heads[index] = sources[index]()
        }
        return newest
    }
}
