import Foundation

extension SafeDirectory {
    /// Removes a folder from this folder.
    ///
    /// - Returns: Whether it is gone; not, when there is something in it.
    func removeDirectory(_ name: FileName) throws(FileError) -> Bool {
        let removed = interceptor.perform(.unlink, path(of: name)) { _ in
            unlinkat(descriptor, name.cString, AT_REMOVEDIR)
        }
        if removed == 0 || errno == ENOENT { return true }
        // POSIX leaves it to the system which of the two it is.
        guard errno != ENOTEMPTY, errno != EEXIST else { return false }
        throw FileError("remove the folder", path(of: name), code: errno)
    }
}
