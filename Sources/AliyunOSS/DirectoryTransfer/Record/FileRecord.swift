import Foundation
import OSSPrimitives

/// The properties of a file and its object when the two last matched.
struct FileRecord: Hashable, Sendable {
    var key: ObjectKey
    /// Size of the local file, in bytes.
    var size: Int64
    /// Modification time of the local file.
    var modified: FileStatus.Time
    /// Change time of the local file. No program can set the change time, so it reveals a file that was changed in
    /// place and then given its old modification time, and a different file with the same inode number.
    var changed: FileStatus.Time
    /// Inode number of the local file.
    var inode: UInt64
    /// Size of the object, in bytes.
    var remoteSize: Int64
    /// ETag of the object, without the surrounding quotes.
    var eTag: String
    /// Whether the object is a gzip-compressed copy of the file, in which case the two sizes differ.
    var isEncoded = false
    /// Digest of the attributes that a run stored with the object; 0 if they are unknown. See
    /// ``FileObjectAttributes/digest``.
    var attributes: UInt64 = 0
}

extension FileRecord {
    /// Whether a file and an object with these properties can be equal. Records for which this is `false` are neither
    /// written nor trusted, because a truncated download, or an upload acknowledged by another server, would then count
    /// as unchanged forever.
    var isSound: Bool {
        let isFolder = size == 0 && key.rawValue.utf8.last == UInt8(ascii: "/")
        return (size == remoteSize || isEncoded) && (!eTag.isEmpty || isFolder)
    }

    /// Returns a record that removes the existing record of a key. Its size is negative, so it never matches a file.
    static func forgotten(_ key: ObjectKey) -> FileRecord {
        FileRecord(key: key, size: -1, modified: .epoch, changed: .epoch, inode: 0, remoteSize: -1, eTag: "")
    }

    /// Whether the record only removes an earlier record of the same key.
    var isForgotten: Bool { size < 0 }
}

extension FileRecord {
    /// Creates the record of an object that represents a folder.
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

/// The coding of records as entries of a ``FramedFile``. Numbers are little-endian.
enum RecordCoding {
    /// The format of record files. The version number in the magic text changes if the coding does, unless the entries
    /// of earlier versions can still be read.
    static let format = FramedFile(magic: Array("aliyun-oss record 3\n".utf8), maximumLength: 4096)

    /// Returns the header of a record file. The header consists of the magic bytes and the identity of the record.
    static func header(_ identity: RecordIdentity) -> [UInt8] {
        var bytes = format.magic
        FramedFile.append(identity.digest, to: &bytes)
        return bytes
    }

    /// Encodes a record and appends it to a buffer.
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
        payload.append((record.isEncoded ? Flag.isEncoded : 0) | (record.attributes != 0 ? Flag.hasAttributes : 0))
        if record.attributes != 0 { append(record.attributes, to: &payload) }
        payload.append(contentsOf: record.eTag.utf8.prefix(1024))
        FramedFile.append(payload, to: &bytes)
    }

    /// Decodes a record from a payload, or returns `nil` if the payload is not a record.
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
        let flags = next(UInt8.self)
        var attributes: UInt64 = 0
        if flags & Flag.hasAttributes != 0 {
            guard payload.count >= position + 8 else { return nil }
            attributes = next(UInt64.self)
        }
        guard flags <= Flag.isEncoded | Flag.hasAttributes,
            let eTag = String(validating: payload[position...], as: UTF8.self)
        else { return nil }
        return FileRecord(
            key: ObjectKey(unchecked: key), size: size, modified: modified, changed: changed, inode: inode,
            remoteSize: remoteSize, eTag: eTag, isEncoded: flags & Flag.isEncoded != 0, attributes: attributes)
    }

    private enum Flag {
        static let isEncoded: UInt8 = 1
        /// The digest of the attributes follows.
        static let hasAttributes: UInt8 = 2
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

/// The identity of a record, consisting of the bucket, the prefix and the folder.
struct RecordIdentity: Hashable, Sendable {
    var text: String

    /// SHA-256 digest of the text.
    var digest: [UInt8] { Array(SHA256.hash(Data(text.utf8))) }

    /// Returns the first hexadecimal digits of the digest, for use in file names.
    func name(digits: Int) -> String { String(Hexadecimal.lowercase(digest).prefix(digits)) }
}
