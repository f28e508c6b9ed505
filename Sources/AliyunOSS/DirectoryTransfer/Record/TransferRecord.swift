import Synchronization

/// What is known of the files of a folder and the objects under a prefix from the last time that they were equal, opened for one
/// run. Whoever else opens it meanwhile does not get it.
///
/// Everything it says was true once: a file of this size, time and inode had the content of an object of this size and ETag. So
/// an old word of it is never wrong, only of no use. Nothing depends on it but what has to be compared again.
final class TransferRecord: Sendable {
    fileprivate struct State {
        let files: RecordFiles
        let identity: RecordIdentity
        /// Held as long as this exists. Nothing, when the record is only read.
        let lock: LockedFile?
        let segments: RecordSegments
        /// The base that is read.
        let base: RecordReader?
        var known: RecordMerge
        var head: FileRecord?
        var kept: RecordWriter?
        var problem: String?
        var isOver = false
    }

    /// The state is used by one task at a time in a run; the lock makes sure of it.
    private let state: Mutex<State>

    /// Opens the record of a transfer.
    ///
    /// - Parameter isReadOnly: Whether it is only looked at. Then nothing is made or changed, and another run may have it: what
    ///   that run writes replaces whole files.
    /// - Returns: Nothing, when none can be kept in the state directory, or another run has it.
    /// - Throws: ``OSSError`` when a file of the user's choice cannot be used: with code ``OSSError/Code/invalidArgument`` when it
    ///   is something else, and ``OSSError/Code/fileSystem`` when the disk or another run keeps it from being used now.
    static func open(
        _ identity: RecordIdentity, at location: RecordLocation, isReadOnly: Bool = false
    ) throws(OSSError) -> TransferRecord? {
        guard let files = try RecordFiles(identity, at: location, creating: !isReadOnly) else { return nil }
        do throws(FileError) {
            if isReadOnly { return try TransferRecord(files, identity, nil) }
            if let lock = try LockedFile.open(files.lock, in: files.directory) {
                do throws(FileError) {
                    return try TransferRecord(files, identity, lock)
                } catch {
                    lock.remove()
                    throw error
                }
            }
        } catch {
            guard case .file(let path) = location else { return nil }
            throw OSSError(.fileSystem, "the snapshot '\(path)' cannot be kept: \(error)", underlying: error)
        }
        guard case .file(let path) = location else { return nil }
        throw OSSError(
            .fileSystem, "the snapshot '\(path)' is in use by another run; wait for its end or give another file")
    }

    private init(_ files: RecordFiles, _ identity: RecordIdentity, _ lock: LockedFile?) throws(FileError) {
        let segments = try RecordSegments(files, identity, isReadOnly: lock == nil)
        var sources: [() -> FileRecord?] = []
        var problem: String?
        var base: RecordReader?
        if let file = try? files.directory.openFile(at: .path(of: files.base.bytes, in: nil), links: .follow) {
            let reader = RecordReader(file, isSorted: true)
            switch reader.header(identity) {
            case .own:
                sources.append { reader.next() }
                base = reader
            case .empty: break
            default: problem = "the record '\(files.directory.path(of: files.base))' was damaged and begins anew"
            }
        }
        if let notes = segments.earlierNotes() { sources.append(notes) }
        let kept: RecordWriter?
        do throws(FileError) {
            kept = lock == nil ? nil : try RecordWriter(files.kept, in: files.directory, identity)
        } catch {
            segments.close()
            throw error
        }
        state = Mutex(
            State(
                files: files, identity: identity, lock: lock, segments: segments, base: base,
                known: RecordMerge(sources),
                kept: kept, problem: problem))
    }

    deinit {
        state.withLock { $0.close() }
    }

    /// What did not go as it should; the run goes on without.
    var problem: String? {
        state.withLock { state in
            if let problem = state.problem { return problem }
            guard state.base?.isDamaged == true else { return nil }
            let path = state.files.directory.path(of: state.files.base)
            return "the record '\(path)' was damaged, and what came behind was compared afresh"
        }
    }

    /// What is known of a key. Keys must be asked for in order.
    func entry(for key: ObjectKey) -> FileRecord? {
        state.withLock { state in
            while true {
                if state.head == nil { state.head = state.known.next() }
                guard let head = state.head else { return nil }
                let order = head.key.compare(with: key)
                if order == 0 { return head.isForgotten ? nil : head }
                if order > 0 { return nil }
                state.head = nil
            }
        }
    }

    /// Notes that what is known of a key holds. Keys must come in order.
    func keep(_ record: FileRecord) {
        change { state throws(FileError) in
            if let last = state.kept?.last, last.compare(with: record.key) >= 0 {
                try state.segments.append(record)
            } else {
                try state.kept?.append(record)
            }
        }
    }

    /// Notes what both sides of a file have now. It is on its way to the disk when this returns: a process that is killed has
    /// not forgotten it.
    ///
    /// A record whose two sides cannot be equal says that nothing is known.
    func note(_ record: FileRecord) {
        let record = record.isSound ? record : .forgotten(record.key)
        change { state throws(FileError) in try state.segments.append(record) }
    }

    /// Notes that nothing is known of a key any more: one of its sides was deleted.
    func forget(_ key: ObjectKey) { note(.forgotten(key)) }

    /// Ends the use of the record.
    ///
    /// - Parameter isComplete: Whether everything that both sides have was seen. Then what was neither kept nor noted is
    ///   forgotten; else it stays.
    func finish(isComplete: Bool) {
        change { state throws(FileError) in
            guard isComplete else { return }
            try state.replaceBase()
            state.segments.remove()
        }
        state.withLock { $0.close() }
    }

    /// A record that cannot be written to is left as it is.
    private func change(_ body: (inout State) throws(FileError) -> Void) {
        state.withLock { state in
            guard state.kept != nil, !state.isOver else { return }
            do throws(FileError) {
                try body(&state)
            } catch {
                state.problem =
                    "the record of what is equal could not be written, so that the next run has more to compare: \(error)"
                state.kept?.discard()
                state.kept = nil
            }
        }
    }
}

extension TransferRecord.State {
    /// Lets go of everything.
    fileprivate mutating func close() {
        guard !isOver else { return }
        isOver = true
        guard let lock else { return }
        kept?.discard()
        segments.close()
        lock.remove()
    }

    /// Puts what was kept and noted in this run in the place of what was known before.
    fileprivate mutating func replaceBase() throws(FileError) {
        guard let keptFile = try kept?.finish() else { return }
        let reader = RecordReader(keptFile, isSorted: true)
        guard reader.header(identity) == .own else { return }
        var records = RecordMerge([{ reader.next() }] + segments.notesOfThisRun())
        let writer = try RecordWriter(files.final, in: files.directory, identity)
        while let record = records.next() { if !record.isForgotten { try writer.append(record) } }
        try writer.install(as: files.base)
    }
}
