/// Two contents of equal size that have to be compared.
enum PendingComparison: Sendable {
    /// A file and an object.
    case file(RelativePath, FileStatus, RemoteEntry)
    /// An object of the source and one of the destination.
    case objects(RemoteEntry, RemoteEntry)
    /// A file and an object of equal size that may have become this file's by a change of names.
    case renamed(RelativePath, FileStatus, [RemoteEntry])
}
