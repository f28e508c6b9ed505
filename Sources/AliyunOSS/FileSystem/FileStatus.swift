import Foundation

/// What the file system says of a file: enough to tell whether it is still the same file with the same content.
public struct FileStatus: Sendable, Hashable, Codable {
    /// What stands at a path.
    public enum Kind: String, Sendable, Hashable, Codable {
        case regular
        case directory
        case symbolicLink
        /// A FIFO, socket or device: never transferred.
        case other
    }

    /// A point in time with the file system's own precision.
    public struct Time: Sendable, Hashable, Comparable, Codable {
        /// Seconds since 1970-01-01 UTC.
        public var seconds: Int64
        /// Nanoseconds within that second.
        public var nanoseconds: Int64

        /// Makes a time.
        public init(seconds: Int64, nanoseconds: Int64) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        static let epoch = Time(seconds: 0, nanoseconds: 0)

        /// Orders by time.
        public static func < (left: Time, right: Time) -> Bool {
            (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
        }
    }

    /// What kind of file it is.
    public var kind: Kind
    /// Its size in bytes.
    public var size: Int64
    /// When its content last changed.
    public var modified: Time
    /// When its content or its attributes last changed. Programs cannot set this one.
    public var changed: Time
    /// The file's number within its device.
    public var inode: UInt64
    /// The device it lives on.
    public var device: UInt64
    /// The permission bits (the low twelve bits of the mode).
    public var permissions: UInt32

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symbolicLink
        default: kind = .other
        }
        size = Int64(status.st_size)
        #if canImport(Darwin)
            modified = Time(status.st_mtimespec)
            changed = Time(status.st_ctimespec)
        #else
            modified = Time(status.st_mtim)
            changed = Time(status.st_ctim)
        #endif
        inode = UInt64(status.st_ino)
        device = UInt64(truncatingIfNeeded: status.st_dev)
        permissions = UInt32(status.st_mode & 0o7777)
    }

    /// What is the same of a file under whatever name it is found: some file systems (FUSE) number names and not files.
    var withoutNumber: FileStatus {
        var status = self
        status.inode = 0
        return status
    }

    /// Whether it is the same file, whatever its content.
    func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }

    /// Whether the content may have changed between two readings: another file, another size, or another time.
    public func hasChanged(from earlier: FileStatus) -> Bool {
        size != earlier.size || modified != earlier.modified || changed != earlier.changed || inode != earlier.inode
            || device != earlier.device
    }
}

extension FileStatus.Time {
    fileprivate init(_ time: timespec) {
        self.init(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}

/// A failed system call on a local file.
public struct FileError: Error, Sendable, CustomStringConvertible {
    /// What was being done, as a verb: `open`, `read`, `rename`.
    public var operation: String
    /// The path it was done to.
    public var path: String
    /// The `errno` of the call.
    public var code: Int32

    /// Makes an error from the `errno` a call left behind.
    public init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// For example: `cannot open 'a/b': Permission denied`.
    public var description: String { "cannot \(operation) '\(path)': \(String(cString: strerror(code)))" }
}

extension FileError {
    /// Whether there is nothing at the path.
    var isMissing: Bool { code == ENOENT }
}

/// What to do with the symbolic links in a folder that is read.
public enum SymbolicLinkPolicy: String, Sendable, Hashable, CaseIterable {
    /// A link stands for what it points to: the file's content, or the whole folder. A link that points to nothing, or
    /// back to a folder it lies in, is skipped.
    case follow
    /// Links are left alone.
    case skip
}
