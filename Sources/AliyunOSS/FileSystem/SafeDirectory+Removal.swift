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

    /// Removes a folder with the folders in it, as far as there is nothing else in them.
    func removeEmptyTree(_ name: FileName) throws(FileError) {
        guard try !removeDirectory(name) else { return }
        let folder = try directory(name)
        let listing = try DirectoryListing(of: folder, links: .skip)
        for index in 0..<listing.count where listing[index].kind == .directory {
            try folder.removeEmptyTree(listing[index].name)
        }
        _ = try removeDirectory(name)
    }

    /// Removes a file, or a folder with everything in it. Links are removed and not followed.
    func removeTree(_ name: FileName) throws(FileError) {
        let kind: FileStatus.Kind
        do {
            kind = try status(of: name, links: .skip).kind
        } catch  where error.code == ENOENT {
            return
        }
        guard kind == .directory else { return try unlink(name) }
        let folder = try directory(name)
        let listing = try DirectoryListing(of: folder, links: .skip)
        for index in 0..<listing.count { try folder.removeTree(listing[index].name) }
        _ = try removeDirectory(name)
    }
}
