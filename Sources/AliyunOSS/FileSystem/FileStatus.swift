import Foundation

/// The attributes that identify a file and its version.
package struct FileStatus: Sendable, Hashable, Codable {
    /// A kind of file.
    package enum Kind: String, Sendable, Hashable, Codable {
        case regular
        case directory
        case symbolicLink
        /// A FIFO, socket or device. These are never transferred.
        case other
    }

    /// A point in time with the precision of the file system.
    package struct Time: Sendable, Hashable, Comparable, Codable {
        /// Seconds since 1970-01-01 UTC.
        package var seconds: Int64
        /// Nanoseconds within that second.
        package var nanoseconds: Int64

        /// Creates a time.
        package init(seconds: Int64, nanoseconds: Int64) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        static let epoch = Time(seconds: 0, nanoseconds: 0)

        /// Returns whether one time is before another.
        package static func < (left: Time, right: Time) -> Bool {
            (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
        }
    }

    /// The file's kind.
    package var kind: Kind
    /// Size in bytes.
    package var size: Int64
    /// Time at which the content last changed.
    package var modified: Time
    /// Time at which the content or the attributes last changed. Programs cannot set this time.
    package var changed: Time
    /// Inode number of the file within its device.
    package var inode: UInt64
    /// Number of the device that contains the file.
    package var device: UInt64
    /// Permission bits (the low twelve bits of the mode).
    package var permissions: UInt32

    /// Reads the attributes of an open file or directory.
    init(
        ofDescriptor descriptor: Int32, _ path: String, _ interceptor: (any FileSystemInterceptor)?
    ) throws(FileError) {
        var status = stat()
        guard interceptor.perform(.status, path, { _ in fstat(descriptor, &status) }) == 0 else {
            throw FileError("read the attributes of", path, code: errno)
        }
        self.init(status)
    }

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

    /// The attributes with the inode number set to 0. Some file systems (FUSE) assign inode numbers to names instead of
    /// files.
    var withoutNumber: FileStatus {
        var status = self
        status.inode = 0
        return status
    }

    /// Returns whether both values describe the same file, regardless of its content.
    func isSameFile(as other: FileStatus) -> Bool { inode == other.inode && device == other.device }

    /// Returns whether the content may have changed since earlier attributes were read, judging by the file's identity,
    /// size and times.
    package func hasChanged(from earlier: FileStatus) -> Bool {
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
    /// The failed operation, as a verb such as `open` or `rename`.
    public var operation: String
    /// The path of the file.
    public var path: String
    /// The error number (`errno`) of the failed call.
    public var code: Int32

    /// Creates an error from an `errno` value.
    public init(_ operation: String, _ path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// A description of the failed operation, the path and the cause. An example is `cannot open 'a/b': Permission
    /// denied`.
    public var description: String { "cannot \(operation) '\(path)': \(String(cString: strerror(code)))" }
}

extension FileError {
    /// Whether the file does not exist.
    var isMissing: Bool { code == ENOENT }
}

/// A policy for handling symbolic links in a directory.
public enum SymbolicLinkPolicy: String, Sendable, Hashable, CaseIterable {
    /// Treat a link as its target, which can be a file or a directory. Links whose target does not exist, and links to
    /// a directory that contains them, are skipped.
    case follow
    /// Skip links.
    case skip
}
