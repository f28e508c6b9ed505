import Synchronization

/// A record of the files and objects that were equal when last compared. Only one run at a time can open the record for
/// writing.
///
/// Every entry was true at one time: a file with this size, time and inode had the same content as an object with this
/// size and ETag. An outdated entry is therefore useless but never wrong as long as both sides are compared with it, and
/// losing an entry only costs another comparison. A run that trusts a snapshot alone does not see the objects, so an
/// entry of a snapshot is removed before its object is changed; see ``invalidate(_:)``.
///
/// The record consists of a sorted base, which is read along with both sides, and a log, to which every finished file
/// is appended. A complete run replaces the base with its confirmed and new entries, if they differ from it. After any
/// other run, the next one merges the log into the base.
final class TransferRecord: Sendable {
    fileprivate struct State {
        let files: RecordFiles
        let identity: RecordIdentity
        /// The lock held by the run; `nil` if the record is open for reading only.
        let lock: LockedFile?
        /// Whether a run can trust the entries without listing the objects.
        let isSnapshot: Bool
        let base: RecordBase
        var known: RecordMerge
        var head: FileRecord?
        /// Flags, one for each entry read from the base file, that show whether the entry has been confirmed.
        var kept: [Bool] = []
        var log: RecordLog?
        var isWritable: Bool
        var problem: String?
        var isOver = false
    }

    // One task at a time uses the state; the mutex proves it to the compiler.
    private let state: Mutex<State>

    /// Opens the record of a transfer, or returns `nil` if the record is unavailable.
    ///
    /// - Parameter isReadOnly: Whether to leave all files unchanged. In this case, another run may have the record
    ///   open, because a run only replaces entire files.
    /// - Returns: `nil` if the state directory cannot store a record or another run has the record open.
    /// - Throws: ``OSSError`` if a snapshot file that the user specified cannot be used: with code
    ///   ``OSSError/Code/invalidArgument`` if it is another kind of file, or ``OSSError/Code/fileSystem`` if the disk
    ///   or another run prevents its use.
    static func open(
        _ identity: RecordIdentity, at location: RecordLocation, isReadOnly: Bool = false
    ) throws(OSSError) -> TransferRecord? {
        guard let files = try RecordFiles(identity, at: location, creating: !isReadOnly) else { return nil }
        do throws(FileError) {
            let isSnapshot = if case .file = location { true } else { false }
            if isReadOnly { return try TransferRecord(files, identity, nil, isSnapshot: isSnapshot) }
            if let lock = try LockedFile.open(files.lock, in: files.directory) {
                do throws(FileError) {
                    return try TransferRecord(files, identity, lock, isSnapshot: isSnapshot)
                } catch {
                    lock.remove()
                    throw error
                }
            }
        } catch {
            guard case .file(let path) = location else { return nil }
            throw OSSError(.fileSystem, "cannot save the snapshot '\(path)': \(error)", underlying: error)
        }
        guard case .file(let path) = location else { return nil }
        throw OSSError(
            .fileSystem,
            "the snapshot '\(path)' is in use by another run; wait for that run to end or choose another file")
    }

    private init(
        _ files: RecordFiles, _ identity: RecordIdentity, _ lock: LockedFile?, isSnapshot: Bool
    ) throws(FileError) {
        var base = RecordBase(files, identity)
        var notes: [RecordSource] = []
        if let log = try? files.directory.openFile(at: .path(of: files.log.bytes, in: nil)) {
            notes = try RecordLog.sortedNotes(in: log, identity)
        }
        var log: RecordLog?
        if lock != nil {
            // An interrupted run left these notes. Merging them now keeps the log from growing with each such run.
            if !notes.isEmpty {
                try RecordWriter.replaceBase(RecordMerge([base.source] + notes), files, identity)
                base = RecordBase(files, identity, problem: base.problem)
                notes = []
            }
            log = try RecordLog(creating: files.log, in: files.directory, identity)
        }
        state = Mutex(
            State(
                files: files, identity: identity, lock: lock, isSnapshot: isSnapshot, base: base,
                known: RecordMerge([base.source] + notes),
                log: log, isWritable: lock != nil))
    }

    deinit {
        state.withLock { $0.close() }
    }

    /// A warning for the report if the record could not be read or written; otherwise, `nil`.
    var problem: String? { state.withLock { $0.problem ?? $0.base.problem } }

    /// Returns the record of a key, or `nil` if there is none. Keys must be requested in order.
    func entry(for key: ObjectKey) -> FileRecord? {
        state.withLock { state in
            while true {
                if state.head == nil {
                    state.head = state.known.next()
                    if state.isWritable, state.head != nil { state.kept.append(false) }
                }
                guard let head = state.head else { return nil }
                let order = head.key.compare(with: key)
                if order == 0 { return head.isForgotten ? nil : head }
                if order > 0 { return nil }
                state.head = nil
            }
        }
    }

    /// Confirms that a record is still valid.
    func keep(_ record: FileRecord) {
        change { state throws(FileError) in
            if state.head?.key == record.key, !state.kept.isEmpty {
                state.kept[state.kept.count - 1] = true
            } else {
                try state.log?.append(record)
            }
        }
    }

    /// Records that a file and its object are now equal. If the process is killed after this call, the note is not
    /// lost.
    ///
    /// If the file and the object cannot be equal, the existing record of the key is removed.
    func note(_ record: FileRecord) {
        let record = record.isSound ? record : .forgotten(record.key)
        change { state throws(FileError) in try state.log?.append(record) }
    }

    /// Removes the record of a key from a snapshot before its object is replaced or deleted. If the response is lost, the
    /// object may be either one, and a file that returns to its recorded state must not count as unchanged.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` if the entry cannot be removed. The object must not be
    ///   changed then.
    func invalidate(_ key: ObjectKey) throws(OSSError) {
        let isWritten = state.withLock { state in
            guard state.isSnapshot, state.lock != nil, !state.isOver else { return true }
            guard state.isWritable else { return false }
            do throws(FileError) {
                try state.log?.append(.forgotten(key))
            } catch {
                state.fail(error)
            }
            return state.isWritable
        }
        guard !isWritten else { return }
        throw OSSError(
            .fileSystem,
            "the snapshot could not be written, so the object was not changed; check the free space and the "
                + "permissions of its folder", key: key)
    }

    /// Removes the record of a key after the file or the object was deleted.
    func forget(_ key: ObjectKey) { note(.forgotten(key)) }

    /// Closes the record.
    ///
    /// - Parameter isComplete: Whether the run read both sides completely, in which case records that were neither
    ///   confirmed nor noted are removed.
    func finish(isComplete: Bool) {
        change { state throws(FileError) in
            if isComplete, state.differsFromBase() { try state.replaceBase() }
        }
        state.withLock { $0.close() }
    }

    /// Performs a change to the record, unless an earlier change failed.
    private func change(_ body: (inout State) throws(FileError) -> Void) {
        state.withLock { state in
            guard state.isWritable, !state.isOver else { return }
            do throws(FileError) {
                try body(&state)
            } catch {
                state.fail(error)
            }
        }
    }
}

extension TransferRecord.State {
    fileprivate mutating func fail(_ error: FileError) {
        problem = "the record of equal files could not be written: \(error); the next run will compare more files"
        isWritable = false
    }

    /// Removes the lock, and the log if it contains no notes.
    fileprivate mutating func close() {
        guard !isOver else { return }
        isOver = true
        guard let lock else { return }
        if log?.isEmpty != false { try? files.directory.unlink(files.log) }
        lock.remove()
    }

    /// Returns whether a new base file would have other entries than the existing one. After a run that changed nothing,
    /// writing the same entries again would take an eighth of its time.
    fileprivate mutating func differsFromBase() -> Bool {
        guard log?.isEmpty != false, kept.allSatisfy({ $0 }) else { return true }
        // The entries after the last requested key are not confirmed.
        return known.next() != nil || !base.isSound
    }

    /// Replaces the base file with the entries that this run confirmed or added.
    fileprivate mutating func replaceBase() throws(FileError) {
        let (all, kept) = (base.restarted(identity), kept)
        var index = 0
        let confirmed: RecordSource = {
            while index < kept.count, let record = all() {
                defer { index += 1 }
                if kept[index] { return record }
            }
            return nil
        }
        let notes = try log?.sortedNotes(identity) ?? []
        try RecordWriter.replaceBase(RecordMerge([confirmed] + notes), files, identity)
        try? files.directory.unlink(files.log)
    }
}

/// The sorted base file of a record.
private struct RecordBase {
    private let file: OpenFile?
    private let reader: RecordReader?
    private let path: String
    private var earlierProblem: String?

    init(_ files: RecordFiles, _ identity: RecordIdentity, problem: String? = nil) {
        path = files.directory.path(of: files.base)
        earlierProblem = problem
        file = try? files.directory.openFile(at: .path(of: files.base.bytes, in: nil), links: .follow)
        let reader = file.map { RecordReader($0, isSorted: true) }
        switch reader?.header(identity) {
        case .own: self.reader = reader
        case .empty, nil: self.reader = nil
        case .another, .damaged, .foreign:
            self.reader = nil
            earlierProblem = "the record '\(path)' was damaged; a new record was created"
        }
    }

    /// A source of the entries that have not yet been read.
    var source: RecordSource { { [reader] in reader?.next() } }

    /// Returns a source of all entries, starting from the first. The entries are read from the same open file, even if
    /// another file has replaced it in the meantime.
    func restarted(_ identity: RecordIdentity) -> RecordSource {
        guard reader != nil, let file else { return { nil } }
        let reader = RecordReader(file, isSorted: true)
        return reader.header(identity) == .own ? { reader.next() } : { nil }
    }

    /// Whether the file is a record in which no damage was found.
    var isSound: Bool { reader != nil && problem == nil }

    var problem: String? {
        if let earlierProblem { return earlierProblem }
        guard reader?.isDamaged == true else { return nil }
        return "the record '\(path)' was damaged; the files recorded after the damaged entry were compared again"
    }
}
