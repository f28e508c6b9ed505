import Foundation
import OSSPrimitives
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

/// The text of a journal: lines of JSON, each with a checksum before it, so that a line is taken whole or not at all.
///
/// Written by a process that may be killed between any two bytes, and read by one that may be of another version, or by
/// somebody else's text editor. Whatever is not exactly what was written ends the reading there.
enum JournalText {
    /// Changes when what is written means something else than before.
    static let version = 1

    /// What stands between the checksum of a line and the rest of it.
    private enum Mark {
        /// The first line, or a record.
        static let usual = UInt8(ascii: " ")
        /// A header that takes the place of the one before it.
        static let header = UInt8(ascii: ">")
    }

    /// One line.
    ///
    /// - Parameter isNewHeader: Whether it takes the place of the header that is there.
    static func line(
        _ value: some Encodable, isNewHeader: Bool = false, version: Int = version
    ) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(value)
        let mark = isNewHeader ? Mark.header : Mark.usual
        return Array(checksumText(json, version).utf8) + [mark] + json + [UInt8(ascii: "\n")]
    }

    /// What a journal says: its last whole header, as many records as are whole, and where they end.
    struct Content<Header, Record> {
        var header: Header
        var records: [Record] = []
        var length: Int
    }

    /// Reads a journal; `nil` when there is nothing in it that can be relied on.
    static func read<Header: Decodable, Record: Decodable>(
        _ bytes: [UInt8], header: Header.Type = Header.self, record: Record.Type = Record.self
    ) -> Content<Header, Record>? {
        var content: Content<Header, Record>?
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            guard let (json, mark) = payload(of: bytes[start..<end]) else { break }
            let decoder = JSONDecoder()
            if content == nil {
                guard let header = try? decoder.decode(Header.self, from: json) else { return nil }
                content = Content(header: header, length: 0)
            } else if mark == Mark.header {
                guard let header = try? decoder.decode(Header.self, from: json) else { break }
                content?.header = header
            } else {
                guard let record = try? decoder.decode(Record.self, from: json) else { break }
                content?.records.append(record)
            }
            start = end + 1
            content?.length = start
        }
        return content
    }

    private static func payload(of line: ArraySlice<UInt8>) -> (json: Data, mark: UInt8)? {
        guard line.count > 17 else { return nil }
        let mark = line[line.startIndex + 16]
        let json = Data(line.dropFirst(17))
        guard mark == Mark.usual || mark == Mark.header,
            line.prefix(16).elementsEqual(checksumText(json, version).utf8)
        else { return nil }
        return (json, mark)
    }

    private static func checksumText(_ json: Data, _ version: Int) -> String {
        // The version is part of it: a line of another one is not taken for a line.
        let checksum = CRC64.checksum(Data("\(version) ".utf8) + json)
        return withUnsafeBytes(of: checksum.bigEndian) { Hexadecimal.lowercase($0) }
    }
}
