/// What both sides of a file had when they were last equal.
struct FileRecord: Hashable, Sendable {
    var key: ObjectKey
    /// Of the local file.
    var size: Int64
    /// Of the local file.
    var modified: FileStatus.Time
    /// Of the local file.
    var inode: UInt64
    /// Of the object.
    var remoteSize: Int64
    /// Of the object, without quotes.
    var eTag: String
}
