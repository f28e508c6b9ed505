import Foundation
import Synchronization

/// An open file, read and written at explicit offsets, so that any number of tasks can share it. Closed when released.
public final class OpenFile: Sendable {
    /// The descriptor. It stays valid as long as this object lives.
    public let descriptor: Int32
    /// The path it was opened with, for messages.
    public let path: String
    let interceptor: (any FileSystemInterceptor)?
    /// Whether this object has the lock on the file.
    let isLocked = Atomic(false)
    /// What is looked at before the last bytes are given out, if anything.
    let watch: FileChangeGuard?

    /// Takes ownership of a descriptor that is already open.
    public convenience init(descriptor: Int32, path: String) {
        self.init(descriptor: descriptor, path: path, interceptor: FileSystemSeam.interceptor)
    }

    init(descriptor: Int32, path: String, interceptor: (any FileSystemInterceptor)?) {
        self.descriptor = descriptor
        self.path = path
        self.interceptor = interceptor
        watch = nil
    }

    /// Makes another object for an open file, which cannot be read to its end when the file is no longer what it was.
    init(_ watch: FileChangeGuard) {
        descriptor = watch.file.descriptor
        path = watch.file.path
        interceptor = watch.file.interceptor
        self.watch = watch
    }

    deinit {
        // It is the other object's.
        if watch != nil { return }
        unlock()
        close(descriptor)
    }

    /// Opens a file for reading. A FIFO without a writer is refused at once and not waited for.
    ///
    /// - Throws: ``FileError``.
    public static func reading(_ path: String) throws(FileError) -> OpenFile {
        // O_NONBLOCK: without it, open(2) of a FIFO waits for its writer. It has no effect on regular files.
        let descriptor = FileSystemSeam.interceptor.perform(.open, path) { _ in
            open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
        return OpenFile(descriptor: descriptor, path: path)
    }

    /// What the file system says of this file now.
    ///
    /// - Throws: ``FileError``.
    public func status() throws(FileError) -> FileStatus {
        var status = stat()
        guard interceptor.perform(.status, path, { _ in fstat(descriptor, &status) }) == 0 else {
            throw FileError("read the attributes of", path, code: errno)
        }
        return FileStatus(status)
    }

    /// Reads at an offset, as much as there is, up to the size of the buffer. Zero means the end of the file.
    ///
    /// - Throws: ``FileError``.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = interceptor.perform(.read, path, count: buffer.count - done) { count in
                pread(descriptor, buffer.baseAddress.map { $0 + done }, count, off_t(offset + Int64(done)))
            }
            if count == 0 { break }
            if count > 0 { done += count } else if !isPassing(errno) { throw FileError("read", path, code: errno) }
        }
        try watch?.look(after: offset + Int64(done))
        return done
    }

    /// Writes a whole buffer at an offset.
    ///
    /// - Throws: ``FileError``.
    public func write(_ buffer: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
        var done = 0
        while done < buffer.count {
            let count = interceptor.perform(.write, path, count: buffer.count - done) { count in
                pwrite(descriptor, buffer.baseAddress.map { $0 + done }, count, off_t(offset + Int64(done)))
            }
            if count >= 0 { done += count } else if !isPassing(errno) { throw FileError("write", path, code: errno) }
        }
    }

    /// Cuts or extends the file to a size in bytes.
    ///
    /// - Throws: ``FileError``.
    public func truncate(to size: Int64) throws(FileError) {
        while interceptor.perform(.truncate, path, { _ in ftruncate(descriptor, off_t(size)) }) != 0 {
            if errno != EINTR { throw FileError("truncate", path, code: errno) }
        }
    }

    /// Waits until what was written is on stable storage, where the file system can do that.
    ///
    /// - Throws: ``FileError``.
    public func synchronize() throws(FileError) {
        try synchronize { fsync($0) }
    }

    func synchronize(_ call: (Int32) -> Int32) throws(FileError) {
        while interceptor.perform(.synchronize, path, { _ in call(descriptor) }) != 0 {
            switch errno {
            case EINTR: continue
            // Some file systems (SMB, FUSE) cannot do this. There is nothing to be done about it.
            case EINVAL, ENOTSUP: return
            default: throw FileError("sync", path, code: errno)
            }
        }
    }
}

/// Whether a call that failed with this `errno` is simply made again: a signal came, or (seen on network file systems) the
/// file was busy.
private func isPassing(_ code: Int32) -> Bool {
    guard code == EAGAIN else { return code == EINTR }
    usleep(1000)
    return true
}

extension OpenFile {
    /// Sets the permission bits.
    func setPermissions(_ permissions: UInt32) throws(FileError) {
        guard interceptor.perform(.setPermissions, path, { _ in fchmod(descriptor, mode_t(permissions)) }) == 0 else {
            throw FileError("set the permissions of", path, code: errno)
        }
    }

    /// Sets the time of the last change, and leaves that of the last access.
    func setModified(_ time: FileStatus.Time) throws(FileError) {
        // The first is the access time; the number stands for "leave it" (UTIME_OMIT, a macro Swift does not see).
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

/// A range of bytes of an open file.
public struct FileSlice: Sendable {
    /// The file.
    public var file: OpenFile
    /// The offset of the first byte.
    public var offset: Int64
    /// The number of bytes.
    public var length: Int64

    /// Makes a slice. It is not checked against the file's size: a slice past the end fails when it is read.
    public init(_ file: OpenFile, offset: Int64, length: Int64) {
        self.file = file
        self.offset = offset
        self.length = length
    }
}

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

extension OpenFile {
    private static let chunkSize = 256 << 10

    /// Whether two files have the same bytes. Reads both as far as they are equal.
    func hasSameBytes(as other: OpenFile) throws(FileError) -> Bool {
        var mine = [UInt8](repeating: 0, count: Self.chunkSize)
        var theirs = mine
        var position: Int64 = 0
        while true {
            let count = try read(into: &mine, at: position)
            guard try other.read(into: &theirs, at: position) == count else { return false }
            guard count > 0 else { return true }
            // Bytes behind the end stay from the chunk before, which was equal.
            guard mine == theirs else { return false }
            position += Int64(count)
        }
    }

    private func read(into bytes: inout [UInt8], at offset: Int64) throws(FileError) -> Int {
        let result: Result<Int, FileError> = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(FileError) in try read(into: buffer, at: offset) }
        }
        return try result.get()
    }
}

extension OpenFile {
    /// Makes an empty file without a name, for reading and writing, in the system's folder for temporary files. Nothing is left
    /// behind, whatever happens: it loses its name as soon as it is open.
    static func temporary() throws(FileError) -> OpenFile {
        let directory = FileManager.default.temporaryDirectory.path
        var template = Array("\(directory)/oss-spool.XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw FileError("create a temporary file in", directory, code: errno) }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return OpenFile(descriptor: descriptor, path: "\(directory)/oss-spool")
    }
}
