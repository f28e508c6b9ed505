import Foundation
import Synchronization

/// A small file that only its owner can read. It has at most one holder at a time, in this process or another.
///
/// The lock ends with the process, so an unlocked file belongs to no running process.
final class LockedFile: Sendable {
    private let file: OpenFile
    private let directory: SafeDirectory
    private let name: FileName
    private let length: Mutex<Int64>

    /// Opens and locks the file, and creates it if it does not exist. Returns `nil` if the file cannot be locked, for
    /// example because another holder has locked it.
    ///
    /// - Throws: ``FileError``.
    static func open(_ name: FileName, in directory: SafeDirectory) throws(FileError) -> LockedFile? {
        // The previous holder may have removed the file between opening and locking it. The locked file is then no
        // longer the one with that name, and the next holder would not find the lock.
        for _ in 0..<100 {
            guard let (file, isNew) = try directory.openPrivateFile(name) else { return nil }
            switch try file.lock() {
            case .acquired: break
            case .heldElsewhere: return nil
            case .unavailable:
                // Without locks, an empty file would be left behind for nothing.
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

    /// The path of the file, for use in messages.
    var path: String { file.path }

    /// Reads at most `limit` bytes from the start of the file.
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

    /// Truncates the file to the given size, in bytes. Later bytes are appended at its new end.
    func truncate(to size: Int) throws(FileError) {
        let result: Result<Void, FileError> = length.withLock { length in
            Result { () throws(FileError) in
                try file.truncate(to: Int64(size))
                length = Int64(size)
            }
        }
        try result.get()
    }

    /// Appends bytes to the file.
    func append(_ bytes: [UInt8]) throws(FileError) {
        let result: Result<Void, FileError> = length.withLock { length in
            Result { () throws(FileError) in
                try file.write(bytes, at: length)
                length += Int64(bytes.count)
            }
        }
        try result.get()
    }

    /// Waits until the written bytes are on stable storage.
    func synchronize() throws(FileError) { try file.synchronize() }

    /// Sets the modification time to the current time if it is more than an hour old.
    func touch() throws(FileError) {
        let now = Int64(time(nil))
        guard isUnchanged(since: now - 3600) else { return }
        try file.setModified(FileStatus.Time(seconds: now, nanoseconds: 0))
    }

    /// Returns whether the file was last modified before a given time, in seconds since 1970.
    func isUnchanged(since moment: Int64) -> Bool {
        guard let status = try? file.status() else { return false }
        return status.modified.seconds < moment
    }

    /// Releases the lock. This object must not be used afterwards.
    func unlock() { file.unlock() }

    /// Removes the file. The lock is held until it is released or this object is deallocated.
    func remove() { try? directory.unlink(name) }
}
