import Foundation
import Synchronization

/// The record of one transfer, from which the next attempt goes on: a header that says what it is, and a line for each
/// piece that is done. It is locked until it is released.
///
/// It is never believed: what it says of the service is checked by asking, and what it says of the disk by reading.
final class Journal<Header: Codable & Sendable, Record: Codable & Sendable>: Sendable {
    /// What an earlier attempt left.
    let previous: (header: Header, records: [Record])?

    /// Whether there is something in it that the next attempt can go on with. A full disk may have kept it out.
    var holdsHeader: Bool { isWritten.load(ordering: .acquiring) }

    private let file: LockedFile
    private let isWritten: Atomic<Bool>

    /// Opens the journal of a transfer. Returns nothing when there can be none: there is to be no state, the standard directory
    /// cannot be used, or another transfer of the same has it. A transfer does without, then; it cannot be resumed.
    ///
    /// - Parameter identity: What makes it this transfer and no other, in any order that is always the same.
    /// - Throws: ``OSSError`` when the user named a state directory that cannot be used.
    init?(_ kind: String, identity: [String], in state: StateDirectory) throws(OSSError) {
        let name = JournalFolder.name(kind, identity)
        guard let folder = try JournalFolder(state) else { return nil }
        let opened = try? LockedFile.open(name, in: folder.directory)
        folder.sweepOnce()
        guard let file = opened else { return nil }
        self.file = file
        try? file.touch()
        let bytes = (try? file.read(upTo: 64 << 20)) ?? []
        guard let content = JournalText.read(bytes, header: Header.self, record: Record.self) else {
            previous = nil
            isWritten = Atomic(false)
            return
        }
        previous = (content.header, content.records)
        isWritten = Atomic(true)
        // A line that was cut off would hide those that are written behind it.
        if content.length < bytes.count { try? file.truncate(to: content.length) }
    }

    /// Begins anew with a header. Whoever is killed meanwhile leaves a journal that says nothing: nothing that it said may
    /// be needed any more.
    ///
    /// - Throws: ``FileError``.
    func begin(_ header: Header) throws {
        let line = try JournalText.line(header)
        isWritten.store(false, ordering: .releasing)
        try file.truncate(to: 0)
        try file.append(line)
        try file.synchronize()
        isWritten.store(true, ordering: .releasing)
    }

    /// Puts another header in the place of the one that is there, which counts until the new one is whole.
    ///
    /// - Throws: ``FileError``.
    func replace(_ header: Header) throws {
        isWritten.store(false, ordering: .releasing)
        try file.append(try JournalText.line(header, isNewHeader: true))
        try file.synchronize()
        isWritten.store(true, ordering: .releasing)
    }

    /// Adds a record. What it vouches for must be on stable storage.
    ///
    /// - Throws: ``FileError``.
    func add(_ record: Record) throws {
        try file.append(try JournalText.line(record))
    }

    /// Says that the transfer goes on, where that takes no record: what nobody touches for a week is taken for abandoned.
    func touch() { try? file.touch() }

    /// Lets the next attempt have it. It is not used any more.
    func release() { file.unlock() }

    /// Removes the journal: there is nothing to go on with.
    func remove() { file.remove() }
}

/// What to use as a record where a header says everything.
struct NoRecord: Codable, Sendable {}
