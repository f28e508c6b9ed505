import Foundation
import OSSPrimitives

/// What both sides of a file had when they were last equal.
struct FileRecord: Hashable, Sendable {
    var key: ObjectKey
    /// Of the local file.
    var size: Int64
    /// Of the local file.
    var modified: FileStatus.Time
    /// Of the local file. No program can set it, so it shows what size and time do not: a file that was changed in place and
    /// given its time back, or another one that got the same number.
    var changed: FileStatus.Time
    /// Of the local file.
    var inode: UInt64
    /// Of the object.
    var remoteSize: Int64
    /// Of the object, without quotes.
    var eTag: String
    /// Whether the object holds the gzip form of the file, so that the two sizes differ.
    var isEncoded = false
}

extension FileRecord {
    /// Whether the two sides can be equal at all. Nothing else is recorded, and nothing else of a record is believed: a
    /// download that was cut off, and an upload that a stranger acknowledged, would count as unchanged for ever.
    var isSound: Bool {
        let isFolder = size == 0 && key.rawValue.utf8.last == UInt8(ascii: "/")
        return (size == remoteSize || isEncoded) && (!eTag.isEmpty || isFolder)
    }

    /// That nothing is known of a key: no file has such a size.
    static func forgotten(_ key: ObjectKey) -> FileRecord {
        FileRecord(key: key, size: -1, modified: .epoch, changed: .epoch, inode: 0, remoteSize: -1, eTag: "")
    }

    /// Whether it only says that nothing is known.
    var isForgotten: Bool { size < 0 }
}

extension FileRecord {
    /// That there is an object which stands for a folder.
    init(folder key: ObjectKey) {
        self.init(key: key, size: 0, modified: .epoch, changed: .epoch, inode: 0, remoteSize: 0, eTag: "")
    }

    init(_ status: FileStatus, _ object: RemoteEntry, isEncoded: Bool = false) {
        self.init(
            key: object.key, size: status.size, modified: status.modified, changed: status.changed,
            inode: status.inode, remoteSize: object.size, eTag: object.eTag, isEncoded: isEncoded)
    }

    init(_ status: FileStatus, at key: ObjectKey, _ object: StoredObject, isEncoded: Bool = false) {
        self.init(
            key: key, size: status.size, modified: status.modified, changed: status.changed, inode: status.inode,
            remoteSize: object.size, eTag: object.eTag, isEncoded: isEncoded)
    }
}

/// How a record is written: one after the other, each with its length before it and a checksum behind it, so that it is read
/// whole or not at all. Written by a process that may be killed between any two bytes. Numbers are little-endian.
enum RecordCoding {
    /// What a file of records begins with. The number changes when what follows means something else.
    static let magic = Array("aliyun-oss record 2\n".utf8)

    /// More than any record has: a length beyond it is damage.
    static let maximumLength = 4096

    /// The beginning of a file: what it is and whose.
    static func header(_ identity: RecordIdentity) -> [UInt8] {
        var bytes = magic
        frame(Array(identity.digest), into: &bytes)
        return bytes
    }

    /// Adds a record.
    static func append(_ record: FileRecord, to bytes: inout [UInt8]) {
        var payload: [UInt8] = []
        payload.reserveCapacity(record.key.rawValue.utf8.count + record.eTag.utf8.count + 64)
        append(UInt16(truncatingIfNeeded: record.key.rawValue.utf8.count), to: &payload)
        payload.append(contentsOf: record.key.rawValue.utf8)
        append(record.size, to: &payload)
        append(record.modified.seconds, to: &payload)
        append(record.modified.nanoseconds, to: &payload)
        append(record.changed.seconds, to: &payload)
        append(record.changed.nanoseconds, to: &payload)
        append(record.inode, to: &payload)
        append(record.remoteSize, to: &payload)
        payload.append(record.isEncoded ? 1 : 0)
        payload.append(contentsOf: record.eTag.utf8.prefix(1024))
        frame(payload, into: &bytes)
    }

    /// What some bytes begin with.
    enum Frame {
        /// The payload, and how many bytes the whole takes.
        case whole(Range<Int>, length: Int)
        /// There must be more bytes.
        case incomplete
        case damaged
    }

    /// Takes the first frame apart.
    static func frame(in bytes: UnsafeRawBufferPointer) -> Frame {
        guard bytes.count >= 4 else { return .incomplete }
        let length = Int(number(UInt32.self, in: bytes, at: 0))
        guard length <= maximumLength else { return .damaged }
        guard bytes.count >= length + 12 else { return .incomplete }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[4..<4 + length])
        guard checksum(payload) == number(UInt64.self, in: bytes, at: 4 + length) else { return .damaged }
        return .whole(4..<4 + length, length: length + 12)
    }

    /// Reads a payload; nothing when it is no record.
    static func record(_ payload: UnsafeRawBufferPointer) -> FileRecord? {
        guard payload.count >= 2 else { return nil }
        let keyLength = Int(number(UInt16.self, in: payload, at: 0))
        var position = 2 + keyLength
        guard payload.count >= position + 57,
            let key = String(validating: payload[2..<2 + keyLength], as: UTF8.self)
        else { return nil }
        func next<Number: FixedWidthInteger>(_ type: Number.Type) -> Number {
            defer { position += MemoryLayout<Number>.size }
            return number(type, in: payload, at: position)
        }
        let size = next(Int64.self)
        let modified = FileStatus.Time(seconds: next(Int64.self), nanoseconds: next(Int64.self))
        let changed = FileStatus.Time(seconds: next(Int64.self), nanoseconds: next(Int64.self))
        let inode = next(UInt64.self)
        let remoteSize = next(Int64.self)
        let isEncoded = next(UInt8.self) != 0
        guard let eTag = String(validating: payload[position...], as: UTF8.self) else { return nil }
        return FileRecord(
            key: ObjectKey(unchecked: key), size: size, modified: modified, changed: changed, inode: inode,
            remoteSize: remoteSize, eTag: eTag, isEncoded: isEncoded)
    }

    private static func frame(_ payload: [UInt8], into bytes: inout [UInt8]) {
        append(UInt32(payload.count), to: &bytes)
        bytes.append(contentsOf: payload)
        append(payload.withUnsafeBytes { checksum($0) }, to: &bytes)
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var checksum = CRC64()
        checksum.update(bytes)
        return checksum.value
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func number<Number: FixedWidthInteger>(
        _ type: Number.Type, in bytes: UnsafeRawBufferPointer, at offset: Int
    ) -> Number {
        Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }
}

/// Which record it is: whose bucket, which prefix, which folder.
struct RecordIdentity: Hashable, Sendable {
    var text: String

    /// The SHA-256 of the text.
    var digest: [UInt8] { Array(SHA256.hash(Data(text.utf8))) }

    /// So many hexadecimal digits of it, for names.
    func name(digits: Int) -> String { String(Hexadecimal.lowercase(digest).prefix(digits)) }
}
