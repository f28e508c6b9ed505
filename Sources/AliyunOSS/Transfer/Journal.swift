import Foundation
import Synchronization

/// A journal of one transfer, from which a later attempt can resume. It contains a header that describes the transfer,
/// and a record for each completed range. The file is locked until ``release()`` or ``remove()``.
///
/// A journal is only a hint: its statements about the service are checked with requests, and its statements about local
/// files by reading them.
final class Journal<Header: Codable & Sendable, Record: Codable & Sendable>: Sendable {
    /// The content that an earlier attempt left behind; `nil` if there is none.
    let previous: (header: Header, records: [Record])?

    /// Whether a later attempt can resume from this journal; `false` if it could not be written, for example because
    /// the disk was full.
    var holdsHeader: Bool { isWritten.load(ordering: .acquiring) }

    private let file: LockedFile
    private let isWritten: Atomic<Bool>

    /// Opens the journal of a transfer.
    ///
    /// Returns `nil` if state is not stored, the standard directory cannot be used, or another transfer holds the
    /// journal. In these cases, the transfer runs without a journal and cannot be resumed.
    ///
    /// - Parameter identity: The properties that distinguish the transfer, in a fixed order.
    /// - Throws: ``OSSError`` if the user specified a state directory that cannot be used.
    init?(_ kind: String, identity: [String], in state: StateDirectory) throws(OSSError) {
        let name = JournalDirectory.name(kind, identity)
        guard let folder = try JournalDirectory(state) else { return nil }
        let opened = try? LockedFile.open(name, in: folder.directory)
        folder.sweepOnce()
        guard let file = opened else { return nil }
        self.file = file
        try? file.touch()
        let bytes = (try? file.read(upTo: 64 << 20)) ?? []
        guard let content = JournalCoding.read(bytes, header: Header.self, record: Record.self) else {
            previous = nil
            isWritten = Atomic(false)
            return
        }
        previous = (content.header, content.records)
        isWritten = Atomic(true)
        // An incomplete record would hide those that are appended after it.
        if content.length < bytes.count { try? file.truncate(to: content.length) }
    }

    /// Replaces the journal's content with a header. If the process is killed in the meantime, the journal is left
    /// empty, so the previous content must no longer be needed.
    ///
    /// - Throws: ``FileError``.
    func begin(_ header: Header) throws {
        let bytes = try JournalCoding.file(header)
        isWritten.store(false, ordering: .releasing)
        try file.truncate(to: 0)
        try file.append(bytes)
        try file.synchronize()
        isWritten.store(true, ordering: .releasing)
    }

    /// Replaces the journal's header. The previous one stays valid until the new one is stored completely.
    ///
    /// - Throws: ``FileError``.
    func replace(_ header: Header) throws {
        isWritten.store(false, ordering: .releasing)
        try file.append(try JournalCoding.newHeader(header))
        try file.synchronize()
        isWritten.store(true, ordering: .releasing)
    }

    /// Appends a record to the journal. The data it describes must already be on stable storage.
    ///
    /// - Throws: ``FileError``.
    func add(_ record: Record) throws {
        try file.append(try JournalCoding.record(record))
    }

    /// Marks the transfer as active while no records are added. A journal that has not been modified for a week is
    /// removed.
    func touch() { try? file.touch() }

    /// Unlocks the journal for a later attempt. This object must not be used afterwards.
    func release() { file.unlock() }

    /// Removes the journal when there is nothing left to resume.
    func remove() { file.remove() }
}

/// The record type of a journal that consists only of a header.
struct NoRecord: Codable, Sendable {}

/// Functions that encode and decode journal files, which contain JSON values in a ``FramedFile``.
enum JournalCoding {
    /// The format of journal files. The version changes whenever the meaning of the content changes, and content of any
    /// other version is ignored.
    static let format = FramedFile(magic: Array("aliyun-oss journal 2\n".utf8), maximumLength: 1 << 20)

    /// The byte that precedes each JSON value and identifies its kind.
    private enum Mark {
        static let record = UInt8(ascii: " ")
        /// The byte that marks a header. Only the last complete header in a file is used.
        static let header = UInt8(ascii: ">")
    }

    /// Returns the bytes of a complete journal file that contains only a header.
    static func file(_ header: some Encodable) throws -> [UInt8] { try format.magic + newHeader(header) }

    /// Returns the bytes of a header to append to a journal file.
    static func newHeader(_ header: some Encodable) throws -> [UInt8] { try frame(header, Mark.header) }

    /// Returns the bytes of a record to append to a journal file.
    static func record(_ record: some Encodable) throws -> [UInt8] { try frame(record, Mark.record) }

    private static func frame(_ value: some Encodable, _ mark: UInt8) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        FramedFile.append([mark] + (try encoder.encode(value)), to: &bytes)
        return bytes
    }

    /// The content of a journal, consisting of its last complete header, the complete records, and their length in
    /// bytes.
    struct Content<Header, Record> {
        var header: Header
        var records: [Record] = []
        var length = 0
    }

    /// Reads a journal. Returns `nil` if it has no valid header.
    static func read<Header: Decodable, Record: Decodable>(
        _ bytes: [UInt8], header: Header.Type = Header.self, record: Record.Type = Record.self
    ) -> Content<Header, Record>? {
        var content: Content<Header, Record>?
        let decoder = JSONDecoder()
        let length = format.readRecords(of: bytes) { frame in
            let json = Data(frame.dropFirst())
            if frame.first == Mark.header, let header = try? decoder.decode(Header.self, from: json) {
                if content == nil { content = Content(header: header) } else { content?.header = header }
                return true
            }
            guard content != nil, frame.first == Mark.record, let record = try? decoder.decode(Record.self, from: json)
            else { return false }
            content?.records.append(record)
            return true
        }
        content?.length = length
        return content
    }
}
