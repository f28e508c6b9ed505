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
}

extension FileRecord {
    /// That nothing is known of a key: no file has such a size.
    static func forgotten(_ key: ObjectKey) -> FileRecord {
        FileRecord(key: key, size: -1, modified: .epoch, changed: .epoch, inode: 0, remoteSize: -1, eTag: "")
    }

    /// Whether it only says that nothing is known.
    var isForgotten: Bool { size < 0 }
}
