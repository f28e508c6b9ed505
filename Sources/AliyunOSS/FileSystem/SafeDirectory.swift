import CSystem
import Foundation
import Synchronization

/// An open directory. Everything below it is accessed through its descriptor, never again through its path.
///
/// Replacing a part of a path with a symbolic link cannot redirect an operation: every step is one `openat` that
/// rejects links.
final class SafeDirectory: Sendable {
    /// The descriptor, valid for the lifetime of this object.
    let descriptor: Int32
    /// The path with which the directory was opened, for use in messages.
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

    /// Opens a directory by its path. Links in this path are followed.
    convenience init(_ path: String) throws(FileError) {
        let interceptor = FileSystemSeam.interceptor
        let descriptor = interceptor.perform(.open, path) { _ in open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw FileError("open the folder", path, code: errno) }
        self.init(descriptor: descriptor, path: path, interceptor: interceptor)
    }

    /// Opens a directory by its path, and creates it and its parents if they do not exist.
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
            let created = try SafeDirectory(path)
            // Otherwise, the names of synced files could be lost with the name of their directory. A parent may be
            // writable but not readable, in which case it cannot be opened.
            try (try? created.parent())?.synchronize()
            return created
        }
    }

    /// Returns the path of a name in this directory, for use in messages.
    func path(of name: FileName) -> String {
        path.utf8.last == UInt8(ascii: "/") ? path + name.description : path + "/" + name.description
    }

    /// Returns the path of a file or directory below this directory, for use in messages.
    func path(of path: RelativePath) -> String {
        self.path(of: FileName(unchecked: path.bytes))
    }

    /// Whether files can be created in this directory. If not, `errno` contains the cause. On a read-only file system,
    /// the value is `false` even for root.
    var isWritable: Bool { faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) == 0 }

    /// Reads the current attributes of this directory.
    func status() throws(FileError) -> FileStatus {
        try FileStatus(ofDescriptor: descriptor, path, interceptor)
    }

    /// Reads the current attributes of a file or directory in this directory.
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

    /// Opens a subdirectory of this directory.
    func directory(_ name: FileName, links: SymbolicLinkPolicy = .skip) throws(FileError) -> SafeDirectory {
        let noFollow = links == .follow ? 0 : O_NOFOLLOW
        let opened = interceptor.perform(.open, path(of: name)) { _ in
            openat(descriptor, name.cString, O_RDONLY | O_DIRECTORY | O_CLOEXEC | noFollow)
        }
        guard opened >= 0 else { throw FileError("open the folder", path(of: name), code: errno) }
        return SafeDirectory(descriptor: opened, path: path(of: name), interceptor: interceptor)
    }

    /// Opens the directory that contains this one.
    private func parent() throws(FileError) -> SafeDirectory { try directory(FileName(unchecked: "..".utf8)) }

    /// Opens a directory at any depth below this one, and optionally creates missing directories.
    func directory(
        at names: some Sequence<FileName>, creating: Bool = false, links: SymbolicLinkPolicy = .skip
    ) throws(FileError) -> SafeDirectory {
        guard creating else { return try directory(at: names, links: links, create: nil) }
        return try directory(at: names, links: links) { name, parent throws(FileError) in
            try parent.makeDirectory(name)
        }
    }

    /// Opens a directory at any depth below this one.
    ///
    /// - Parameter create: A closure that creates a missing directory in its parent; `nil` if a missing directory is an
    ///   error.
    func directory(
        at names: some Sequence<FileName>, links: SymbolicLinkPolicy = .skip,
        create: ((_ name: FileName, _ parent: SafeDirectory) throws(FileError) -> Void)?
    ) throws(FileError) -> SafeDirectory {
        var folder = self
        for name in names {
            do throws(FileError) {
                folder = try folder.directory(name, links: links)
            } catch {
                guard let create, error.code == ENOENT else { throw error }
                try create(name, folder)
                folder = try folder.directory(name, links: links)
            }
        }
        return folder
    }

    /// Opens a regular file below this directory for reading. Its attributes are in ``OpenFile/openingStatus``.
    func openFile(at path: RelativePath, links: SymbolicLinkPolicy = .skip) throws(FileError) -> OpenFile {
        var names = path.components
        let name = names.removeLast()
        return try directory(at: names, links: links).openFile(name, links: links)
    }

    /// Opens a regular file in this directory for reading.
    func openFile(_ name: FileName, links: SymbolicLinkPolicy) throws(FileError) -> OpenFile {
        // Without O_NONBLOCK, open(2) of a FIFO waits for its writer. It has no effect on regular files.
        let noFollow = links == .follow ? 0 : O_NOFOLLOW
        let opened = interceptor.perform(.open, path(of: name)) { _ in
            openat(descriptor, name.cString, O_RDONLY | O_CLOEXEC | O_NONBLOCK | noFollow)
        }
        guard opened >= 0 else { throw FileError("open", path(of: name), code: errno) }
        let path = path(of: name)
        do throws(FileError) {
            let status = try FileStatus(ofDescriptor: opened, path, interceptor)
            guard status.kind == .regular else { throw FileError("read", path, code: EINVAL) }
            return OpenFile(descriptor: opened, path: path, openingStatus: status, interceptor: interceptor)
        } catch {
            close(opened)
            throw error
        }
    }

    /// Opens this directory again as a file that can be locked.
    func openSelf() throws(FileError) -> OpenFile {
        let opened = interceptor.perform(.open, path) { _ in
            openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard opened >= 0 else { throw FileError("open the folder", path, code: errno) }
        return OpenFile(descriptor: opened, path: path, interceptor: interceptor)
    }

    /// Creates a new, empty file and opens it for reading and writing.
    func createFile(_ name: FileName, permissions: UInt32) throws(FileError) -> OpenFile {
        let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let opened = interceptor.perform(.create, path(of: name)) { _ in
            openat(descriptor, name.cString, flags, mode_t(permissions))
        }
        guard opened >= 0 else { throw FileError("create", path(of: name), code: errno) }
        return OpenFile(descriptor: opened, path: path(of: name), interceptor: interceptor)
    }

    /// Opens a private file for reading and writing, and creates it if it does not exist. Returns `nil` if the existing
    /// file is not private, because it may belong to another user.
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
                // Its holder has just removed it.
                if errno != ENOENT { return nil }
            }
        }
        return nil
    }

    /// Prepares a file that a killed process left behind, so that ``openPrivateFile(_:)`` can open it again. The
    /// process was killed while completing the file, which already had its final permissions or a second name.
    ///
    /// - Returns: Whether another attempt to open the file is worthwhile. Files of other users and locked files stay
    ///   unchanged.
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
            // A second name means that the file is complete, or that another program linked it. In both cases it must
            // not be written to.
            if nameCount > 1 { try unlink(name) } else { try file.setPermissions(0o600) }
            return true
        } catch {
            return false
        }
    }

    /// Creates a subdirectory of this directory unless it already exists.
    func makeDirectory(_ name: FileName) throws(FileError) {
        let made = interceptor.perform(.makeDirectory, path(of: name)) { _ in
            mkdirat(descriptor, name.cString, 0o777)
        }
        guard made != 0, errno != EEXIST else { return }
        throw FileError("create the folder", path(of: name), code: errno)
    }

    /// Renames a file, or moves it into another directory, and replaces any existing file.
    func rename(_ name: FileName, to newName: FileName, in folder: SafeDirectory? = nil) throws(FileError) {
        let folder = folder ?? self
        let renamed = interceptor.perform(.rename, folder.path(of: newName)) { _ in
            renameat(descriptor, name.cString, folder.descriptor, newName.cString)
        }
        guard renamed == 0 else {
            throw FileError("rename '\(name)' to", folder.path(of: newName), code: errno)
        }
    }

    /// Removes a file or link.
    func unlink(_ name: FileName) throws(FileError) {
        guard interceptor.perform(.unlink, path(of: name), { _ in unlinkat(descriptor, name.cString, 0) }) == 0 else {
            throw FileError("remove", path(of: name), code: errno)
        }
    }

    /// Waits until the names in this directory are on stable storage, if the file system supports that.
    func synchronize() throws(FileError) {
        try synchronize { oss_sync($0) }
    }

    func synchronizeToDrive() throws(FileError) {
        try synchronize { fsync($0) }
    }

    private func synchronize(_ call: (Int32) -> Int32) throws(FileError) {
        while interceptor.perform(.synchronize, path, { _ in call(descriptor) }) != 0 {
            switch errno {
            case EINTR: continue
            // Some file systems (SMB, FUSE) do not support this.
            case EINVAL, ENOTSUP: return
            default: throw FileError("sync the folder", path, code: errno)
            }
        }
    }

    /// Waits until everything that was written to this directory's file system is on stable storage.
    func synchronizeFileSystem() throws(FileError) {
        while interceptor.perform(.synchronizeFileSystem, path, { _ in oss_sync_file_system(descriptor) }) != 0 {
            if errno != EINTR { throw FileError("sync the file system of", path, code: errno) }
        }
    }
}

/// The directory below a root that was opened last. A walk visits the files of a directory one after another, so most of
/// them are opened without opening their parents again.
final class RecentDirectory: Sendable {
    private let root: SafeDirectory
    private let links: SymbolicLinkPolicy
    /// The path of the directory in bytes, empty for the root, and the directory.
    private let recent = Mutex<(path: ArraySlice<UInt8>, directory: SafeDirectory)?>(nil)

    init(root: SafeDirectory, links: SymbolicLinkPolicy) {
        self.root = root
        self.links = links
    }

    /// Opens a regular file below the root for reading.
    func openFile(at path: RelativePath) throws(FileError) -> OpenFile {
        let (parent, name) = (path.parent, path.name)
        if let folder = recent.withLock({ $0?.path == parent ? $0?.directory : nil }) {
            do {
                return try folder.openFile(name, links: links)
            } catch  where error.isMissing {
                // The directory may have been replaced by another of the same name.
            }
        }
        let folder = try root.directory(at: path.components.dropLast(), links: links)
        recent.withLock { $0 = (parent, folder) }
        return try folder.openFile(name, links: links)
    }
}
