import CSystem
import Foundation
import Synchronization

extension OpenFile {
    /// The result of an attempt to lock a file.
    enum LockResult {
        /// The lock was acquired and is held by this object.
        case acquired
        /// Another open file description holds the lock, in this process or another.
        case heldElsewhere
        /// The file system does not support locks.
        case unavailable
    }

    /// Tries to lock the file. The lock is released when the file is closed, no later than when the process ends.
    func lock() throws(FileError) -> LockResult {
        while interceptor.perform(.lock, path, { _ in flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return .heldElsewhere
            // EBADF: NFS locks only files that are open for writing, so it cannot lock a directory.
            case ENOTSUP, EOPNOTSUPP, ENOLCK, ENOSYS, EINVAL, EBADF: return .unavailable
            default: throw FileError("lock", path, code: errno)
            }
        }
        isLocked.store(true, ordering: .relaxed)
        return .acquired
    }

    /// Releases the lock immediately, if it is held.
    ///
    /// Closing alone is not enough: a child process inherits the lock until it runs its own program, and a finished
    /// task can hold this object for a moment longer than the caller that awaited it.
    func unlock() {
        if isLocked.exchange(false, ordering: .relaxed) { flock(descriptor, LOCK_UN) }
    }

    /// The number of hard links to this file; `nil` if it is not a regular file that belongs to the current user.
    var ownNameCount: Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid() else {
            return nil
        }
        return Int(status.st_nlink)
    }

    /// Whether this is a regular file with at most one hard link, accessible only to the current user.
    var isPrivate: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_nlink <= 1
            && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }

    /// Truncates or extends the file to the given size, in bytes.
    ///
    /// - Throws: ``FileError``.
    package func truncate(to size: Int64) throws(FileError) {
        while interceptor.perform(.truncate, path, { _ in ftruncate(descriptor, off_t(size)) }) != 0 {
            if errno != EINTR { throw FileError("truncate", path, code: errno) }
        }
    }

    /// Sets the file's size, in bytes, and reserves disk space for it, so that a full disk is detected before anything
    /// is written.
    func allocate(_ size: Int64) throws(FileError) {
        guard size > 0 else { return try truncate(to: 0) }
        while interceptor.perform(.allocate, path, { _ in oss_allocate(descriptor, size) }) != 0 {
            switch errno {
            case EINTR: continue
            // Some file systems cannot reserve space. A sparse file at least has the right size.
            case EOPNOTSUPP, ENOTSUP, ENOSYS, EINVAL, ENODEV, EPERM: return try truncate(to: size)
            default: throw FileError("reserve space for", path, code: errno)
            }
        }
    }

    /// Waits until the written bytes and the attributes are on stable storage, if the file system supports that.
    ///
    /// - Throws: ``FileError``.
    package func synchronize() throws(FileError) {
        try synchronize { oss_sync($0) }
    }

    func synchronizeToDrive() throws(FileError) {
        try synchronize { fsync($0) }
    }

    /// Waits until the written bytes are on stable storage. The file's times may not be stored yet.
    func synchronizeData() throws(FileError) {
        #if os(Linux)
            try synchronize { fdatasync($0) }
        #else
            try synchronize()
        #endif
    }

    private func synchronize(_ call: (Int32) -> Int32) throws(FileError) {
        while interceptor.perform(.synchronize, path, { _ in call(descriptor) }) != 0 {
            switch errno {
            case EINTR: continue
            // Some file systems (SMB, FUSE) do not support this.
            case EINVAL, ENOTSUP: return
            default: throw FileError("sync", path, code: errno)
            }
        }
    }

    /// Sets the file's permission bits.
    func setPermissions(_ permissions: UInt32) throws(FileError) {
        guard interceptor.perform(.setPermissions, path, { _ in fchmod(descriptor, mode_t(permissions)) }) == 0 else {
            throw FileError("set the permissions of", path, code: errno)
        }
    }

    /// Sets the modification time and leaves the access time unchanged.
    func setModified(_ time: FileStatus.Time) throws(FileError) {
        // UTIME_OMIT, a macro that Swift does not import.
        #if canImport(Darwin)
            let omit = -2
        #else
            let omit = (1 << 30) - 2
        #endif
        let times = [
            timespec(tv_sec: 0, tv_nsec: omit), timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds)),
        ]
        guard interceptor.perform(.setTime, path, { _ in futimens(descriptor, times) }) == 0 else {
            throw FileError("set the time of", path, code: errno)
        }
    }
}
