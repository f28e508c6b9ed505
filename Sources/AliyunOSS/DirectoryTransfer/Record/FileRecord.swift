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
