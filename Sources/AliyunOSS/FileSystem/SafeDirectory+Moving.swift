import CSystem
import Foundation

extension SafeDirectory {
    /// Renames a file, or moves it into another directory, unless the new name is taken. At every moment, the file has
    /// at least one of the two names.
    ///
    /// A hard link is tried first, because every system supports it. FAT and some network file systems have no links,
    /// but can rename without replacing.
    ///
    /// - Returns: Whether the name was free.
    /// - Throws: ``FileError``, with `EXDEV` if the other directory is on another file system, and with one of
    ///   ``cannotMove`` if the file system supports neither.
    func moveIfFree(
        _ name: FileName, to newName: FileName, in folder: SafeDirectory? = nil
    ) throws(FileError) -> Bool {
        let folder = folder ?? self
        let linked = interceptor.perform(.link, folder.path(of: newName)) { _ in
            linkat(descriptor, name.cString, folder.descriptor, newName.cString, 0)
        }
        if linked == 0 {
            try unlink(name)
            return true
        }
        if errno == EEXIST { return false }
        guard Self.cannotLink.contains(errno) else {
            throw FileError("link '\(name)' to", folder.path(of: newName), code: errno)
        }
        let renamed = interceptor.perform(.rename, folder.path(of: newName)) { _ in
            oss_rename_exclusively(descriptor, name.cString, folder.descriptor, newName.cString)
        }
        if renamed == 0 { return true }
        if errno == EEXIST { return false }
        throw FileError("rename '\(name)' to", folder.path(of: newName), code: errno)
    }

    /// Moves a file into another directory, under the first free name (`a.txt`, `a (1).txt` and so on). No file is
    /// replaced, and at every moment at least one complete file exists.
    func move(_ name: FileName, into target: SafeDirectory) throws(FileError) {
        for number in 0...10_000 {
            let newName = number == 0 ? name : name.numbered(number)
            do {
                if try moveIfFree(name, to: newName, in: target) { return }
            } catch  where error.code == EXDEV || Self.cannotMove.contains(error.code) {
                return try copy(name, into: target)
            }
        }
        throw FileError("find a free name for", target.path(of: name), code: EEXIST)
    }

    /// The `errno` values that `linkat` sets if the file system does not support hard links or the file has too many.
    private static let cannotLink: Set<Int32> = [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EMLINK]
    /// The `errno` values that file systems set if they cannot rename a file without replacing an existing one.
    static let cannotMove: Set<Int32> = [EINVAL, ENOTSUP, EOPNOTSUPP, ENOSYS]

    private func copy(_ name: FileName, into target: SafeDirectory) throws(FileError) {
        let source = try openFile(at: .path(of: name.bytes, in: nil))
        let before = try source.status()
        let copy = try AtomicFile(replacing: name, in: target)
        try copy.file.write(contentOf: source)
        guard try !source.status().hasChanged(from: before) else {
            throw FileError("move the modified file", path(of: name), code: EBUSY)
        }
        try copy.commit(modified: before.modified, permissions: before.permissions & 0o777, replacing: .nothing)
        try unlink(name)
    }
}

extension SafeDirectory {
    /// Removes a directory.
    ///
    /// - Returns: Whether the directory no longer exists; `false` if it is not empty.
    func removeDirectory(_ name: FileName) throws(FileError) -> Bool {
        let removed = interceptor.perform(.unlink, path(of: name)) { _ in
            unlinkat(descriptor, name.cString, AT_REMOVEDIR)
        }
        if removed == 0 || errno == ENOENT { return true }
        // POSIX allows either error.
        guard errno != ENOTEMPTY, errno != EEXIST else { return false }
        throw FileError("remove the folder", path(of: name), code: errno)
    }

    /// Removes a directory and its subdirectories, except those that contain files.
    func removeEmptyTree(_ name: FileName) throws(FileError) {
        guard try !removeDirectory(name) else { return }
        let folder = try directory(name)
        let listing = try DirectoryListing(of: folder, links: .skip)
        for index in 0..<listing.count where listing[index].kind == .directory {
            try folder.removeEmptyTree(listing[index].name)
        }
        _ = try removeDirectory(name)
    }

    /// Removes a file, or a directory and its contents. Links are removed, not followed.
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
