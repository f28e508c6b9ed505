import Foundation
import Synchronization

/// A small file that one holder at a time may use, in this process or another, readable by its owner only.
///
/// The lock ends with the process, however it ends: a file that is not locked belongs to nobody who is alive.
final class LockedFile: Sendable {
    private let file: OpenFile
    private let directory: SafeDirectory
    private let name: FileName
    private let length: Mutex<Int64>

    /// Opens the file, or makes it, and locks it. Returns nothing when somebody else has it.
    ///
    /// - Throws: ``FileError``.
    static func open(_ name: FileName, in directory: SafeDirectory) throws(FileError) -> LockedFile? {
        // Whoever had it may have removed it between our opening and locking it: then what is locked is no longer the
        // file of that name, and the next holder would not find the lock.
        for _ in 0..<100 {
            guard let (file, isNew) = try directory.openPrivateFile(name) else { return nil }
            switch try file.lock() {
            case .acquired: break
            case .heldElsewhere: return nil
            case .unavailable:
                // Nobody can hold a lock here, so an empty file would be left for nothing.
                if isNew { try? directory.unlink(name) }
                return nil
            }
            let status = try file.status()
            if let now = try? directory.status(of: name, links: .skip), now.isSameFile(as: status) {
                return LockedFile(file: file, directory: directory, name: name, length: status.size)
            }
        }
        return nil
    }

    private init(file: OpenFile, directory: SafeDirectory, name: FileName, length: Int64) {
        self.file = file
        self.directory = directory
        self.name = name
        self.length = Mutex(length)
    }

    /// The path, for messages.
    var path: String { file.path }

    /// The bytes of the file, at most so many.
    func read(upTo limit: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: min(limit, Int(clamping: length.withLock { $0 })))
        var failure: FileError?
        var count = 0
        bytes.withUnsafeMutableBytes { buffer in
            do throws(FileError) { count = try file.read(into: buffer, at: 0) } catch { failure = error }
        }
        if let failure { throw failure }
        return Array(bytes.prefix(count))
    }

    /// Cuts the file to a size, and goes on writing there.
    func truncate(to size: Int) throws(FileError) {
        let result: Result<Void, FileError> = length.withLock { length in
            Result { () throws(FileError) in
                try file.truncate(to: Int64(size))
                length = Int64(size)
            }
        }
        try result.get()
    }

    /// Adds bytes at the end.
    func append(_ bytes: [UInt8]) throws(FileError) {
        let result: Result<Void, FileError> = length.withLock { length in
            Result { () throws(FileError) in
                try file.write(bytes, at: length)
                length += Int64(bytes.count)
            }
        }
        try result.get()
    }

    /// Waits until what was written is on stable storage.
    func synchronize() throws(FileError) { try file.synchronize() }

    /// Makes it a file of now, if it is older than an hour: that is as exactly as anybody wants to know it.
    func touch() throws(FileError) {
        let now = Int64(time(nil))
        guard isUnchanged(since: now - 3600) else { return }
        try file.setModified(FileStatus.Time(seconds: now, nanoseconds: 0))
    }

    /// Whether it was written and touched before a moment only, in seconds since 1970.
    func isUnchanged(since moment: Int64) -> Bool {
        guard let status = try? file.status() else { return false }
        return status.modified.seconds < moment
    }

    /// Gives the file back to whoever comes next. It is not used any more.
    func unlock() { file.unlock() }

    /// Removes the file. The lock stays until it is given back, or this object is released.
    func remove() { try? directory.unlink(name) }
}

extension OpenFile {
    /// Writes an array at an offset.
    func write(_ bytes: [UInt8], at offset: Int64) throws(FileError) {
        let failure: FileError? = bytes.withUnsafeBytes { buffer in
            do throws(FileError) {
                try write(buffer, at: offset)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}
