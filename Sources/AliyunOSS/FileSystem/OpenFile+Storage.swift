import CSystem
import Foundation
import Synchronization

extension OpenFile {
    /// The result of an attempt to lock a file.
    enum LockResult {
        /// This object has the lock now.
        case acquired
        /// Another opening of the file has the lock, in this process or another.
        case heldElsewhere
        /// The file system has no locks.
        case unavailable
    }

    /// Takes the lock on this file, unless somebody else has it. It is given back when the file is closed, at the latest
    /// with the end of the process.
    func lock() throws(FileError) -> LockResult {
        while interceptor.perform(.lock, path, { _ in flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return .heldElsewhere
            // EBADF: NFS locks only what is open for writing, and so no folder.
            case ENOTSUP, EOPNOTSUPP, ENOLCK, ENOSYS, EINVAL, EBADF: return .unavailable
            default: throw FileError("lock", path, code: errno)
            }
        }
        isLocked.store(true, ordering: .relaxed)
        return .acquired
    }

    /// Gives the lock back now. Closing alone would leave it to a child process that has not come to its own program yet, and
    /// to wait for the closing would leave it to whoever still has this object: a task that has ended may keep what it
    /// worked with for a moment longer than those who waited for it.
    func unlock() {
        if isLocked.exchange(false, ordering: .relaxed) { flock(descriptor, LOCK_UN) }
    }

    /// How many names it has, if it is a regular file of this user's.
    var ownNameCount: Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
            return nil
        }
        return Int(status.st_nlink)
    }

    /// Whether it is a regular file of this user's that nobody else can use, under one name only.
    var isPrivate: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_nlink <= 1
            && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }

    /// Sets space on the disk aside and gives the file its size, so that a full disk is known before anything is written.
    func allocate(_ size: Int64) throws(FileError) {
        guard size > 0 else { return try truncate(to: 0) }
        while interceptor.perform(.allocate, path, { _ in oss_allocate(descriptor, size) }) != 0 {
            switch errno {
            case EINTR: continue
            // Some file systems cannot set space aside. A file with a hole has the size at least.
            case EOPNOTSUPP, ENOTSUP, ENOSYS, EINVAL, ENODEV, EPERM: return try truncate(to: size)
            default: throw FileError("set aside space for", path, code: errno)
            }
        }
    }

    /// Waits until the bytes that were written are on stable storage, without the file's times.
    func synchronizeData() throws(FileError) {
        #if os(Linux)
            try synchronize { fdatasync($0) }
        #else
            try synchronize()
        #endif
    }
}
