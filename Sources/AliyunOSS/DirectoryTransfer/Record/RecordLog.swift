/// A log of the changes that a run makes to a record, oldest first. Each change is a note. Each note is written before
/// ``append(_:)`` returns, so a process that is killed loses none.
struct RecordLog {
    private let file: OpenFile
    private let start: Int64
    private var end: Int64

    /// Whether the log contains no notes.
    var isEmpty: Bool { end == start }

    /// Creates an empty log, replacing any existing one.
    init(creating name: FileName, in directory: SafeDirectory, _ identity: RecordIdentity) throws(FileError) {
        try? directory.unlink(name)
        file = try directory.createFile(name, permissions: 0o600)
        let header = RecordCoding.header(identity)
        start = Int64(header.count)
        end = start
        do throws(FileError) {
            try file.write(header, at: 0)
        } catch {
            // Nothing must be left behind if the disk has no space for the header.
            try? directory.unlink(name)
            throw error
        }
    }

    /// Appends a note to the log.
    mutating func append(_ record: FileRecord) throws(FileError) {
        var bytes: [UInt8] = []
        RecordCoding.append(record, to: &bytes)
        try file.write(bytes, at: end)
        end += Int64(bytes.count)
    }

    /// Returns the notes as a list of record sources, oldest first. Each source is sorted by key.
    func sortedNotes(_ identity: RecordIdentity) throws(FileError) -> [RecordSource] {
        try Self.sortedNotes(in: file, identity)
    }

    /// Number of notes that are sorted in memory at a time. Each takes about 400 bytes, and each chunk that is stored
    /// takes 32 KiB while the notes are read: both sums are about equal for a million notes.
    static let chunkSize = 10_000

    /// Returns the notes in a log file as a list of record sources, oldest first. Each source is sorted by key. All
    /// chunks but the last are stored in an unnamed temporary file, so memory use does not grow with the number of
    /// notes.
    static func sortedNotes(in log: OpenFile, _ identity: RecordIdentity) throws(FileError) -> [RecordSource] {
        let reader = RecordReader(log, isSorted: false)
        guard reader.header(identity) == .own else { return [] }
        var sources: [RecordSource] = []
        var chunk: [ObjectKey: FileRecord] = [:]
        var chunks: OpenFile?
        var position: Int64 = 0
        while let record = reader.next() {
            chunk[record.key] = record
            guard chunk.count == chunkSize else { continue }
            let file: OpenFile
            if let chunks { file = chunks } else { file = try .temporary() }
            chunks = file
            var bytes: [UInt8] = []
            for record in chunk.values.sorted(by: { $0.key < $1.key }) { RecordCoding.append(record, to: &bytes) }
            try file.write(bytes, at: position)
            let sorted = RecordReader(file, from: position, to: position + Int64(bytes.count), isSorted: true)
            sources.append { sorted.next() }
            position += Int64(bytes.count)
            chunk.removeAll(keepingCapacity: true)
        }
        guard !chunk.isEmpty else { return sources }
        var rest = chunk.values.sorted { $0.key < $1.key }[...]
        sources.append { rest.popFirst() }
        return sources
    }
}
