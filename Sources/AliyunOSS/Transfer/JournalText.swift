import Foundation
import OSSPrimitives

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
