/// What was noted since the last run that ended well: a log that each note is added to at once, and sorted pieces that the log
/// is turned into when it is long. So nothing is lost to a killed process, and memory does not grow with the number of files.
final class RecordSegments {
    /// How many pieces there may be before they are made one again.
    static let maximumCount = 64
    /// The number of notes in the log before it is sorted. All of them are in memory until then, about 400 bytes each.
    static let logLimit = 4000

    private let files: RecordFiles
    private let identity: RecordIdentity
    private var log: OpenFile?
    private var logLength: Int64 = 0
    private var notes: [ObjectKey: FileRecord] = [:]
    /// The pieces that there are, the oldest first. Number 0 is what earlier runs left.
    private var numbers: [Int] = []

    /// Finds what earlier runs left, and sorts it.
    ///
    /// - Parameter isReadOnly: Whether it stays where it is, and nothing is noted.
    /// - Throws: ``FileError``.
    init(_ files: RecordFiles, _ identity: RecordIdentity, isReadOnly: Bool) throws(FileError) {
        self.files = files
        self.identity = identity
        numbers = (0..<Self.maximumCount).filter {
            (try? files.directory.status(of: files.segment($0), links: .skip)) != nil
        }
        if let old = try? files.directory.openFile(at: .path(of: files.log.bytes, in: nil)) {
            let reader = RecordReader(old, isSorted: false)
            if reader.header(identity) == .own { while let record = reader.next() { notes[record.key] = record } }
        }
        guard !isReadOnly else { return }
        if numbers != [0] || !notes.isEmpty { try join(from: 0) }
        try? files.directory.unlink(files.log)
        log = try files.directory.createFile(files.log, permissions: 0o600)
        do throws(FileError) {
            try beginLog()
        } catch {
            // Where there is no room for the first bytes, nothing is left behind.
            try? files.directory.unlink(files.log)
            throw error
        }
    }

    /// Adds a note.
    ///
    /// - Throws: ``FileError``.
    func append(_ record: FileRecord) throws(FileError) {
        var bytes: [UInt8] = []
        RecordCoding.append(record, to: &bytes)
        try log?.write(bytes, at: logLength)
        logLength += Int64(bytes.count)
        notes[record.key] = record
        if notes.count >= Self.logLimit { try sortLog() }
    }

    /// What earlier runs noted, in order.
    func earlierNotes() -> (() -> FileRecord?)? {
        // Where nothing is noted, all of it is from earlier runs, and not sorted into one piece.
        guard log == nil else { return numbers.first == 0 ? reader(of: 0) : nil }
        var records = RecordMerge(sources(from: 0))
        return { records.next() }
    }

    /// What this run noted, in order.
    func notesOfThisRun() -> [() -> FileRecord?] { sources(from: 1) }

    /// Removes everything that was noted.
    func remove() {
        for number in numbers { try? files.directory.unlink(files.segment(number)) }
        numbers = []
        notes = [:]
        try? files.directory.unlink(files.log)
    }

    /// Ends the use of the notes, and keeps them.
    func close() {
        if notes.isEmpty { try? files.directory.unlink(files.log) }
    }

    private func sources(from first: Int) -> [() -> FileRecord?] {
        var sources: [() -> FileRecord?] = numbers.filter { $0 >= first }.compactMap { reader(of: $0) }
        var rest = notes.values.sorted { $0.key < $1.key }[...]
        sources.append { rest.popFirst() }
        return sources
    }

    private func reader(of number: Int) -> (() -> FileRecord?)? {
        guard let file = try? files.directory.openFile(at: .path(of: files.segment(number).bytes, in: nil)) else {
            return nil
        }
        let reader = RecordReader(file, isSorted: true)
        guard reader.header(identity) == .own else { return nil }
        return { reader.next() }
    }

    private func beginLog() throws(FileError) {
        try log?.truncate(to: 0)
        let header = RecordCoding.header(identity)
        try log?.write(header, at: 0)
        logLength = Int64(header.count)
    }

    /// Turns the log into a sorted piece, and where there are too many of these, all of this run into one.
    private func sortLog() throws(FileError) {
        let next = max(1, (numbers.last ?? 0) + 1)
        if next < Self.maximumCount {
            let number = next
            try write(notes.values.sorted { $0.key < $1.key }, as: number)
            numbers.append(number)
            notes = [:]
        } else {
            try join(from: 1)
        }
        try beginLog()
    }

    /// Makes one piece of those from a number on, and of the log.
    private func join(from first: Int) throws(FileError) {
        var records = RecordMerge(sources(from: first))
        guard records.first != nil else { return }
        let writer = try RecordWriter(files.final, in: files.directory, identity)
        while let record = records.next() { try writer.append(record) }
        try writer.install(as: files.segment(first))
        for old in numbers where old > first { try? files.directory.unlink(files.segment(old)) }
        numbers = numbers.filter { $0 < first } + [first]
        notes = [:]
    }

    private func write(_ records: [FileRecord], as number: Int) throws(FileError) {
        let writer = try RecordWriter(files.final, in: files.directory, identity)
        for record in records { try writer.append(record) }
        try writer.install(as: files.segment(number))
    }
}
