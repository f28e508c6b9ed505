import CSystem
import Foundation
import Synchronization

/// A way to wait for the disk on behalf of many files: one `syncfs` for all of them if it is as safe as an `fsync` of
/// each, or on Apple platforms one flush of the drive's cache.
///
/// `syncfs` reports each write error once to each open file description, and only errors that occurred after the
/// description was opened. The descriptor used here is that of the root directory, which is opened before any file
/// below it is written. Calls must not overlap, because the one that receives an error would hide it from the other.
final class SharedSync: Sendable {
    private let root: SafeDirectory
    private let device: UInt64?
    private let isUsable: Atomic<Bool>
    private let hasDriveCache: Bool

    /// Number of files from which `syncfs` is used. It also writes the data of other programs, which can cost more than
    /// syncing a few files.
    static let minimumCount = 8

    /// Whether `fsync` leaves the data in the cache of the drive, from which only a separate command flushes it.
    private static var systemHasDriveCache: Bool {
        #if canImport(Darwin)
            true
        #else
            false
        #endif
    }

    init(_ root: SafeDirectory, hasDriveCache: Bool = SharedSync.systemHasDriveCache) {
        self.root = root
        self.hasDriveCache = hasDriveCache
        device = try? root.status().device
        isUsable = Atomic(root.interceptor?.hasReliableSharedSync ?? Self.isReliable(root))
    }

    /// Waits until files or directories are on stable storage.
    ///
    /// - Parameter devices: The devices that contain them.
    /// - Returns: The error of each one, or `nil` if it was synced.
    func synchronize(_ items: [some Synchronizable], on devices: Set<UInt64>) -> [FileError?] {
        let isSharedDevice = device.map { devices == [$0] } == true
        if items.count >= Self.minimumCount, isSharedDevice, isUsable.load(ordering: .relaxed) {
            do {
                try root.synchronizeFileSystem()
                return items.map { _ in nil }
            } catch {
                // The error may belong to another program, or to a file that is still being written and is synced
                // later. Only an fsync of each file can tell, and no later syncfs would report the error again.
                isUsable.store(false, ordering: .relaxed)
            }
        }
        guard hasDriveCache, isSharedDevice, items.count > 1 else {
            return items.map { item in Self.error { () throws(FileError) in try item.synchronize() } }
        }
        // A flush applies to the entire cache of the drive and takes milliseconds, so one after all files is enough.
        let errors = items.map { item in Self.error { () throws(FileError) in try item.synchronizeToDrive() } }
        let flushError = Self.error { () throws(FileError) in try root.synchronize() }
        return errors.map { $0 ?? flushError }
    }

    private static func error(of body: () throws(FileError) -> Void) -> FileError? {
        do throws(FileError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private static func isReliable(_ root: SafeDirectory) -> Bool {
        let version = ProcessInfo.processInfo.operatingSystemVersion
        return isReliable(
            onFileSystem: oss_file_system_type(root.descriptor),
            kernel: (version.majorVersion, version.minorVersion))
    }

    /// Returns whether a `syncfs` without an error proves that everything is on stable storage.
    ///
    /// Linux reports write errors through `syncfs` since version 5.8. Network file systems, FUSE and overlays are
    /// excluded: a FUSE server may not receive the call, and overlayfs does not pass on the errors of the file system
    /// below it.
    ///
    /// - Parameter type: The `f_type` of fstatfs(2), or -1 on other systems.
    static func isReliable(onFileSystem type: Int64, kernel: (major: Int, minor: Int)) -> Bool {
        kernel >= (5, 8) && reliableTypes.contains(type)
    }

    /// ext2 to ext4, XFS, Btrfs, F2FS and tmpfs.
    private static let reliableTypes: Set<Int64> = [0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0x0102_1994]
}

/// A file or directory whose content can be written to stable storage.
protocol Synchronizable {
    /// Waits until the content is on stable storage, if the file system supports that.
    func synchronize() throws(FileError)
    /// Waits until the drive has received the content, which on Apple platforms may still be in its cache.
    func synchronizeToDrive() throws(FileError)
}

extension OpenFile: Synchronizable {}
extension SafeDirectory: Synchronizable {}

/// The directories in which a run has created subdirectories whose names may not be on stable storage yet.
final class UnsyncedDirectories: Sendable {
    private let directories = Mutex<[String: SafeDirectory]>([:])

    /// Creates a subdirectory unless it already exists.
    func makeDirectory(_ name: FileName, in parent: SafeDirectory) throws(FileError) {
        // The lock ensures that no file in the new directory is committed before its parent is listed.
        try directories.withLock { directories throws(FileError) in
            try parent.makeDirectory(name)
            directories[parent.path] = parent
        }
    }

    /// Returns the directories and removes them from the list.
    func removeAll() -> [SafeDirectory] {
        directories.withLock { directories in
            defer { directories = [:] }
            return Array(directories.values)
        }
    }

    /// Adds directories that could not be synced.
    func restore(_ parents: [SafeDirectory]) {
        directories.withLock { for parent in parents { $0[parent.path] = parent } }
    }
}
