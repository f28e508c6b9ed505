/// A file that has the content of an object which no file has the name of any more.
struct RenamedFile: Hashable, Sendable {
    /// The object.
    var source: ObjectKey
    /// Of the object that was compared, without quotes: another one is not copied.
    var eTag: String
    /// The file, as it was when it was compared.
    var path: RelativePath
    var status: FileStatus
    /// CRC-64 of its content.
    var checksum: UInt64
}
