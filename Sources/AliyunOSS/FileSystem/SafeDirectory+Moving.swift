import CSystem
import Foundation

extension SafeDirectory {
    /// Gives a file in this folder another name, here or in another folder, unless something has that name already. At every
    /// moment it has one of the two.
    ///
    /// A link first: it is there on every system. FAT and some file systems of a network have none, and can rename without
    /// replacing instead.
    ///
    /// - Returns: whether the name was free.
    /// - Throws: ``FileError``; with `EXDEV` when the other folder is on another file system, and with one of ``cannotMove``
    ///   when this one can do neither.
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

    /// Moves a file into another folder, under the first free name: `a.txt`, `a (1).txt` … It never replaces anything, and
    /// at every moment there is at least one whole file.
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

    /// What `linkat` says where there are no hard links, or no more of them.
    private static let cannotLink: Set<Int32> = [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EMLINK]
    /// What is said where a file cannot be renamed without replacing another either.
    static let cannotMove: Set<Int32> = [EINVAL, ENOTSUP, EOPNOTSUPP, ENOSYS]

    private func copy(_ name: FileName, into target: SafeDirectory) throws(FileError) {
        let source = try openFile(at: .path(of: name.bytes, in: nil))
        let before = try source.status()
        let copy = try AtomicFile(replacing: name, in: target)
        try copy.file.write(contentOf: source)
        guard try !source.status().hasChanged(from: before) else {
            throw FileError("move, since it changes,", path(of: name), code: EBUSY)
        }
        try copy.commit(modified: before.modified, permissions: before.permissions & 0o777, replacing: .nothing)
        try unlink(name)
    }
}

extension OpenFile {
    /// Writes all that another file has.
    fileprivate func write(contentOf source: OpenFile) throws(FileError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while true {
            let count = try source.read(into: buffer, at: position)
            if count == 0 { return }
            try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: position)
            position += Int64(count)
        }
    }
}

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
