import Foundation

/// What an open file was when its reading began, so that nobody gets all of what is a mixture of before and after.
struct FileChangeGuard: Sendable {
    let file: OpenFile
    let status: FileStatus
    /// The offset behind the last byte that is to be read.
    let end: Int64

    /// Looks at the file, when what was read up to `position` are its last bytes. They have not been given out yet.
    ///
    /// - Throws: ``FileError`` with `EBUSY` when the file may have changed.
    func look(after position: Int64) throws(FileError) {
        guard position >= end, try file.status().hasChanged(from: status) else { return }
        throw FileError("read, since it changes,", file.path, code: EBUSY)
    }
}
