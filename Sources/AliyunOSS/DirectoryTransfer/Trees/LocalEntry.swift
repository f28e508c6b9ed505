/// Something in a local folder, and the key it has.
struct LocalEntry: TreeEntry {
    /// What it is.
    enum Content: Hashable, Sendable {
        case file(FileStatus)
        /// A folder with nothing in it.
        case emptyFolder
        /// Something that is there and has no part in the transfer. Nothing on the other side may be taken for gone
        /// because of it.
        case leftOut(TransferReason)
    }

    var key: ObjectKey
    var path: RelativePath
    var content: Content

    /// What the walk saw of a file.
    var status: FileStatus? {
        if case .file(let status) = content { status } else { nil }
    }

    var size: Int64 { status?.size ?? 0 }
}
