import Foundation

/// A folder held open, so that everything below it is reached through its descriptor and never through its path again.
///
/// Replacing any part of a path by a symbolic link, at any moment, cannot redirect an operation to another place:
/// every step is one `openat` that refuses links.
final class SafeDirectory: Sendable {
    /// The descriptor. It stays valid as long as this object lives.
    let descriptor: Int32
    /// The path it was opened with, for messages.
    let path: String
    let interceptor: (any FileSystemInterceptor)?

    private init(descriptor: Int32, path: String, interceptor: (any FileSystemInterceptor)?) {
        self.descriptor = descriptor
        self.path = path
        self.interceptor = interceptor
    }

    deinit {
        close(descriptor)
    }

    /// Opens a folder by its path. Links in this path are the caller's choice and are followed, once.
    convenience init(_ path: String) throws(FileError) {
        let interceptor = FileSystemSeam.interceptor
        let descriptor = interceptor.perform(.open, path) { _ in open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError("open the folder", path, code: errno) }
        self.init(descriptor: descriptor, path: path, interceptor: interceptor)
    }

    /// Opens a folder by its path and makes it, and the folders it lies in, when it does not exist.
    static func creating(_ path: String, permissions: UInt32 = 0o777) throws(FileError) -> SafeDirectory {
        do {
            return try SafeDirectory(path)
        } catch  where error.code == ENOENT {
            if let slash = path.utf8.lastIndex(where: { $0 != UInt8(ascii: "/") })
                .flatMap({ path.utf8[...$0].lastIndex(of: UInt8(ascii: "/")) }), slash != path.startIndex
            {
                _ = try creating(String(path[..<slash]))
            }
            let made = FileSystemSeam.interceptor.perform(.makeDirectory, path) { _ in mkdir(path, mode_t(permissions))
            }
            if made != 0, errno != EEXIST { throw FileError("create the folder", path, code: errno) }
            return try SafeDirectory(path)
        }
    }

    /// The path of something in this folder, for messages.
    func path(of name: FileName) -> String {
        path.utf8.last == UInt8(ascii: "/") ? path + name.description : path + "/" + name.description
    }

    /// The path of something below this folder, for messages.
    func path(of path: RelativePath) -> String {
        self.path(of: FileName(unchecked: path.bytes))
    }

    /// Whether files can be created in this folder; if not, the cause is in `errno`. On a read-only disk that is nobody's.
    var isWritable: Bool { faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 }

    /// What the file system says of this folder now.
    func status() throws(FileError) -> FileStatus {
        var status = stat()
        guard interceptor.perform(.status, path, { _ in fstat(descriptor, &status) }) == 0 else {
            throw FileError("read the attributes of", path, code: errno)
        }
        return FileStatus(status)
    }

    /// What the file system says of something in this folder.
    func status(of name: FileName, links: SymbolicLinkPolicy) throws(FileError) -> FileStatus {
        var status = stat()
        let flags = links == .follow ? 0 : AT_SYMLINK_NOFOLLOW
        let result = interceptor.perform(.status, path(of: name)) { _ in
            fstatat(descriptor, name.cString, &status, flags)
        }
        guard result == 0 else {
            throw FileError("read the attributes of", path(of: name), code: errno)
        }
        return FileStatus(status)
    }

    /// Opens a folder in this folder.
    func directory(_ name: FileName, links: SymbolicLinkPolicy = .skip) throws(FileError) -> SafeDirectory {
        let noFollow = links == .follow ? 0 : O_NOFOLLOW
        let opened = interceptor.perform(.open, path(of: name)) { _ in
            openat(descriptor, name.cString, O_RDONLY | O_DIRECTORY | O_CLOEXEC | noFollow)
        }
        guard opened >= 0 else { throw FileError("open the folder", path(of: name), code: errno) }
        return SafeDirectory(descriptor: opened, path: path(of: name), interceptor: interceptor)
    }

    /// Opens the folder at the end of a path below this one, and makes the folders that are missing if asked to.
    func directory(
        at names: some Sequence<FileName>, creating: Bool = false, links: SymbolicLinkPolicy = .skip
    ) throws(FileError) -> SafeDirectory {
        var folder = self
        for name in names {
            do {
                folder = try folder.directory(name, links: links)
            } catch  where creating && error.code == ENOENT {
                try folder.makeDirectory(name)
                folder = try folder.directory(name, links: links)
            }
        }
        return folder
    }

    /// Opens the regular file at the end of a path below this folder, for reading.
    func openFile(at path: RelativePath, links: SymbolicLinkPolicy = .skip) throws(FileError) -> OpenFile {
        var names = path.components
        let name = names.removeLast()
        let folder = try directory(at: names, links: links)
        // O_NONBLOCK: without it, open(2) of a FIFO waits for its writer. It has no effect on regular files.
        let noFollow = links == .follow ? 0 : O_NOFOLLOW
        let opened = interceptor.perform(.open, folder.path(of: name)) { _ in
            openat(folder.descriptor, name.cString, O_RDONLY | O_CLOEXEC | O_NONBLOCK | noFollow)
        }
        guard opened >= 0 else { throw FileError("open", folder.path(of: name), code: errno) }
        let file = OpenFile(descriptor: opened, path: folder.path(of: name), interceptor: interceptor)
        guard try file.status().kind == .regular else { throw FileError("read", file.path, code: EINVAL) }
        return file
    }

    /// Opens this folder once more, for what can only be done with a file: locking it.
    func openSelf() throws(FileError) -> OpenFile {
        let opened = interceptor.perform(.open, path) { _ in
            openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard opened >= 0 else { throw FileError("open the folder", path, code: errno) }
        return OpenFile(descriptor: opened, path: path, interceptor: interceptor)
    }

    /// Makes a new, empty file in this folder and opens it for reading and writing.
    func createFile(_ name: FileName, permissions: UInt32) throws(FileError) -> OpenFile {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let opened = interceptor.perform(.create, path(of: name)) { _ in
            openat(descriptor, name.cString, flags, mode_t(permissions))
        }
        guard opened >= 0 else { throw FileError("create", path(of: name), code: errno) }
        return OpenFile(descriptor: opened, path: path(of: name), interceptor: interceptor)
    }

    /// Opens a file in this folder for reading and writing that nobody but its owner can use, and makes it when it does not
    /// exist. Returns nothing when what stands there is not such a file: it may be somebody else's.
    func openPrivateFile(_ name: FileName) throws(FileError) -> (file: OpenFile, isNew: Bool)? {
        for _ in 0..<100 {
            do {
                return (try createFile(name, permissions: 0o600), true)
            } catch  where error.code == EEXIST {
                let opened = interceptor.perform(.open, path(of: name)) { _ in
                    openat(descriptor, name.cString, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
                }
                if opened >= 0 {
                    let file = OpenFile(descriptor: opened, path: path(of: name), interceptor: interceptor)
                    return file.isPrivate ? (file, false) : nil
                }
                // Gone again: its holder has finished.
                if errno != ENOENT { return nil }
            }
        }
        return nil
    }

    /// Clears the way for ``openPrivateFile(_:)`` where a process was killed while it finished such a file: it has the
    /// permissions of the finished one already, or its second name.
    ///
    /// - Returns: whether it is worth another try. What is somebody else's, or in use, is left alone.
    func reclaim(_ name: FileName) -> Bool {
        let opened = interceptor.perform(.open, path(of: name)) { _ in
            openat(descriptor, name.cString, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        }
        guard opened >= 0 else { return false }
        let file = OpenFile(descriptor: opened, path: path(of: name), interceptor: interceptor)
        guard let nameCount = file.ownNameCount, (try? file.lock()) == .acquired, let status = try? file.status(),
            let now = try? self.status(of: name, links: .skip), now.isSameFile(as: status)
        else { return false }
        do {
            // Under its other name it is finished, or somebody made that name: neither is to be written to.
            if nameCount > 1 { try unlink(name) } else { try file.setPermissions(0o600) }
            return true
        } catch {
            return false
        }
    }

    /// Makes a folder in this folder. It is no error that one exists.
    func makeDirectory(_ name: FileName) throws(FileError) {
        let made = interceptor.perform(.makeDirectory, path(of: name)) { _ in
            mkdirat(descriptor, name.cString, 0o777)
        }
        guard made != 0, errno != EEXIST else { return }
        throw FileError("create the folder", path(of: name), code: errno)
    }

    /// Gives a file in this folder another name, here or in another folder, in place of the file that has it.
    func rename(_ name: FileName, to newName: FileName, in folder: SafeDirectory? = nil) throws(FileError) {
        let folder = folder ?? self
        let renamed = interceptor.perform(.rename, folder.path(of: newName)) { _ in
            renameat(descriptor, name.cString, folder.descriptor, newName.cString)
        }
        guard renamed == 0 else {
            throw FileError("rename '\(name)' to", folder.path(of: newName), code: errno)
        }
    }

    /// Removes a file or link from this folder.
    func unlink(_ name: FileName) throws(FileError) {
        guard interceptor.perform(.unlink, path(of: name), { _ in unlinkat(descriptor, name.cString, 0) }) == 0 else {
            throw FileError("remove", path(of: name), code: errno)
        }
    }

    /// Waits until the names in this folder are on stable storage.
    func synchronize() throws(FileError) {
        // Some file systems (SMB, FUSE) cannot do this and say so. There is nothing to be done about it.
        let synced = interceptor.perform(.synchronize, path) { _ in fsync(descriptor) }
        guard synced != 0, errno != EINVAL, errno != ENOTSUP, errno != EINTR else { return }
        throw FileError("sync the folder", path, code: errno)
    }
}
