import Foundation
import Synchronization

/// An open file that is read and written at explicit offsets, so that any number of tasks can share it. The file is
/// closed when this object is deallocated.
public final class OpenFile: Sendable {
    /// The descriptor, valid for the lifetime of this object.
    package let descriptor: Int32
    /// The path with which the file was opened, for use in messages.
    public let path: String
    /// The file's attributes as read when the file was opened, or `nil` if they were not read.
    let openingStatus: FileStatus?
    let interceptor: (any FileSystemInterceptor)?
    /// Whether this object holds the lock on the file.
    let isLocked = Atomic(false)
    /// A check to perform before the last bytes of the file are returned, or `nil` if none is required.
    private let changeGuard: FileChangeGuard?

    /// Creates a file object that owns a descriptor.
    package convenience init(descriptor: Int32, path: String) {
        self.init(descriptor: descriptor, path: path, interceptor: FileSystemSeam.interceptor)
    }

    init(
        descriptor: Int32, path: String, openingStatus: FileStatus? = nil, interceptor: (any FileSystemInterceptor)?
    ) {
        self.descriptor = descriptor
        self.path = path
        self.openingStatus = openingStatus
        self.interceptor = interceptor
        changeGuard = nil
    }

    /// Creates a second object for an open file. Reading the last bytes with this object fails if the file has
    /// changed.
    init(_ changeGuard: FileChangeGuard) {
        descriptor = changeGuard.file.descriptor
        path = changeGuard.file.path
        openingStatus = changeGuard.status
        interceptor = changeGuard.file.interceptor
        self.changeGuard = changeGuard
    }

    deinit {
        // With a guard, the descriptor belongs to the other object.
        if changeGuard != nil { return }
        unlock()
        close(descriptor)
    }

    /// Opens a file for reading. A FIFO without a writer does not block the call.
    ///
    /// - Throws: ``FileError``.
    public static func reading(_ path: String) throws(FileError) -> OpenFile {
        // Without O_NONBLOCK, open(2) of a FIFO waits for its writer. It has no effect on regular files.
        let descriptor = FileSystemSeam.interceptor.perform(.open, path) { _ in
            open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
        return OpenFile(descriptor: descriptor, path: path)
    }

    /// Reads the current attributes.
    ///
    /// - Throws: ``FileError``.
    package func status() throws(FileError) -> FileStatus {
        try FileStatus(ofDescriptor: descriptor, path, interceptor)
    }

    /// Reads bytes at an offset until the buffer is full or the file ends.
    ///
    /// - Parameters:
    ///   - buffer: The buffer to fill.
    ///   - offset: Offset of the first byte in the file.
    /// - Returns: The number of bytes read; 0 at the end of the file.
    /// - Throws: ``FileError``.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = interceptor.perform(.read, path, count: buffer.count - done) { count in
                pread(descriptor, buffer.baseAddress.map { $0 + done }, count, off_t(offset + Int64(done)))
            }
            if count == 0 { break }
            if count > 0 { done += count } else if !isTransient(errno) { throw FileError("read", path, code: errno) }
        }
        try changeGuard?.check(after: offset + Int64(done))
        return done
    }

    /// Writes all bytes of a buffer at an offset.
    ///
    /// - Parameters:
    ///   - buffer: The bytes to write.
    ///   - offset: Offset of the first byte in the file.
    /// - Throws: ``FileError``.
    public func write(_ buffer: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
        var done = 0
        while done < buffer.count {
            let count = interceptor.perform(.write, path, count: buffer.count - done) { count in
                pwrite(descriptor, buffer.baseAddress.map { $0 + done }, count, off_t(offset + Int64(done)))
            }
            if count >= 0 { done += count } else if !isTransient(errno) { throw FileError("write", path, code: errno) }
        }
    }
}

/// Returns whether to repeat a call that failed with this `errno` value. Either a signal interrupted the call, or the
/// file was busy, which happens on network file systems.
private func isTransient(_ code: Int32) -> Bool {
    guard code == EAGAIN else { return code == EINTR }
    usleep(1000)
    return true
}

/// A range of bytes in an open file.
public struct FileSlice: Sendable {
    /// The file that contains the range.
    public var file: OpenFile
    /// The offset of the first byte.
    public var offset: Int64
    /// The number of bytes in the range.
    public var length: Int64

    /// Creates a slice. The range is not checked against the size of the file: reading beyond the end fails.
    public init(_ file: OpenFile, offset: Int64, length: Int64) {
        self.file = file
        self.offset = offset
        self.length = length
    }
}

/// A check that a file has not changed since reading started. It keeps readers from receiving a mixture of two versions
/// that appears complete.
struct FileChangeGuard: Sendable {
    let file: OpenFile
    let status: FileStatus
    /// The offset at which the range being read ends.
    let end: Int64

    /// Checks the file for changes if the bytes about to be returned, which end at `position`, reach the end of the
    /// range.
    ///
    /// - Throws: ``FileError`` with `EBUSY` if the file may have changed.
    func check(after position: Int64) throws(FileError) {
        guard position >= end, try file.status().hasChanged(from: status) else { return }
        throw FileError("read the modified file", file.path, code: EBUSY)
    }
}

extension OpenFile {
    private static let chunkSize = 256 << 10

    /// Reads the file from start to end, or until `body` returns `false`.
    ///
    /// - Parameter body: A closure that receives each chunk and its offset.
    private func readChunks(
        _ body: (UnsafeRawBufferPointer, Int64) throws(FileError) -> Bool
    ) throws(FileError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while true {
            let count = try read(into: buffer, at: position)
            guard try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]), position), count > 0 else { return }
            position += Int64(count)
        }
    }

    /// Returns whether this file and another have the same bytes. Both are read up to the first difference.
    func hasSameBytes(as other: OpenFile) throws(FileError) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 16)
        defer { buffer.deallocate() }
        var isEqual = true
        try readChunks { (chunk, offset) throws(FileError) in
            let count = try other.read(into: buffer, at: offset)
            isEqual = count == chunk.count && chunk.elementsEqual(buffer[..<count])
            return isEqual
        }
        return isEqual
    }

    /// Writes the entire content of another file to this file.
    func write(contentOf source: OpenFile) throws(FileError) {
        try source.readChunks { (chunk, offset) throws(FileError) in
            try write(chunk, at: offset)
            return true
        }
    }

    /// Writes bytes at an offset.
    func write(_ bytes: some ContiguousBytes, at offset: Int64) throws(FileError) {
        let result: Result<Void, FileError> = bytes.withUnsafeBytes { buffer in
            Result { () throws(FileError) in try write(buffer, at: offset) }
        }
        try result.get()
    }

    /// Creates an empty file for reading and writing in the system's temporary directory. The file has no name after it
    /// is opened, so nothing is left behind.
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
