import Foundation

/// An operation that replaces a file or directory with a new one of the same name. The new file or directory, the
/// successor, is created first.
///
/// During the replacement of `n`, a directory `.n.0123456789abcdef.oss-partial` exists next to it. The successor is
/// created at `new/n` in that directory. In the last step, the existing `n`, the predecessor, is moved to `old/n`, and
/// the successor is moved to `n`. A process that is killed in between leaves the predecessor at `old/n`, and
/// ``recover(_:in:)`` moves it back.
final class NameReplacement: Sendable {
    private let name: FileName
    private let directory: SafeDirectory
    private let folderName: FileName
    private let folder: SafeDirectory
    /// The lock, held for the lifetime of this object; `nil` if none is required.
    private let lock: OpenFile?

    /// Starts replacing the file or directory that has the given name.
    ///
    /// - Parameters:
    ///   - token: A value that distinguishes this replacement from others of the same name.
    ///   - holdingLock: Whether to hold a lock, which shows other processes that the replacement is in progress. The
    ///     lock uses a descriptor.
    /// - Throws: ``FileError``, with `EBUSY` if another process holds the lock.
    init(of name: FileName, in directory: SafeDirectory, token: UInt64, holdingLock: Bool = true) throws(FileError) {
        self.name = name
        self.directory = directory
        folderName = AtomicFile.temporaryName(for: name, token: token)
        try directory.makeDirectory(folderName)
        folder = try directory.directory(folderName)
        try folder.makeDirectory(Self.successorFolder)
        guard holdingLock else {
            lock = nil
            return
        }
        let lock = try folder.openSelf()
        guard try lock.lock() != .heldElsewhere else {
            throw FileError("replace", directory.path(of: name), code: EBUSY)
        }
        self.lock = lock
    }

    /// Moves the new file or directory to its final name.
    ///
    /// - Parameter movesAside: Whether an existing file is moved aside first. Otherwise the name must be free.
    /// - Throws: ``FileError``, in which case the existing file is back at its name.
    func install(movingAside movesAside: Bool) throws(FileError) {
        let successors = try folder.directory(Self.successorFolder)
        guard movesAside else { return try successors.give(name, to: directory) }
        try folder.makeDirectory(Self.predecessorFolder)
        let predecessors = try folder.directory(Self.predecessorFolder)
        try directory.rename(name, to: name, in: predecessors)
        do {
            try successors.give(name, to: directory)
        } catch {
            try predecessors.give(name, to: directory)
            throw error
        }
        // The predecessor is about to be deleted.
        try directory.synchronize()
    }

    /// Removes the new file or directory unless it has been installed. Also removes the temporary directory unless it
    /// still contains the old file or directory.
    func discard() {
        Self.clear(folderName, folder, in: directory)
        lock?.unlock()
    }

    private static let successorFolder = FileName(unchecked: "new".utf8)
    private static let predecessorFolder = FileName(unchecked: "old".utf8)
}

// MARK: Paths

extension NameReplacement {
    /// Returns the path at which the new version of a file or directory is created. The item being replaced, `top`, is
    /// that file or directory or one of its parents.
    static func successorPath(of path: RelativePath, replacing top: RelativePath, token: UInt64) -> RelativePath {
        moved(path, top, token, successorFolder)
    }

    /// Returns the path to which an existing file or directory is moved. The item being replaced, `top`, is that file
    /// or directory or one of its parents.
    static func predecessorPath(of path: RelativePath, replacing top: RelativePath, token: UInt64) -> RelativePath {
        moved(path, top, token, predecessorFolder)
    }

    /// Returns the path of the old file or directory within the temporary directory of a replacement.
    static func predecessorPath(of name: FileName, in folder: RelativePath) -> RelativePath {
        .path(of: name.bytes, in: .path(of: predecessorFolder.bytes, in: folder))
    }

    private static func moved(
        _ path: RelativePath, _ top: RelativePath, _ token: UInt64, _ folder: FileName
    ) -> RelativePath {
        let names = path.components
        let depth = top.components.count - 1
        let inserted = [AtomicFile.temporaryName(for: names[depth], token: token), folder]
        return RelativePath(names[..<depth] + inserted + names[depth...])
    }
}

// MARK: Recovery

extension NameReplacement {
    /// The state of a replacement's temporary directory.
    enum Remains: Hashable, Sendable {
        /// The process that performs the replacement is still running.
        case inUse
        /// No old file or directory was left behind.
        case nothing
        /// An old file or directory was left behind, and its original name is free.
        case displaced(FileName)
        /// An old file or directory was left behind, and its original name has been taken.
        case replaced(FileName)

        static func decide(isInUse: Bool, predecessor: FileName?, isNameTaken: Bool) -> Remains {
            if isInUse { return .inUse }
            guard let predecessor else { return .nothing }
            return isNameTaken ? .replaced(predecessor) : .displaced(predecessor)
        }
    }

    /// Determines the state of a replacement's temporary directory.
    static func remains(_ folderName: FileName, in directory: SafeDirectory) throws(FileError) -> Remains {
        let folder = try directory.directory(folderName)
        let lock = try folder.openSelf()
        defer { lock.unlock() }
        return try remains(in: folder, isInUse: lock.lock() == .heldElsewhere, of: directory)
    }

    /// Moves the old file or directory back if its original name is free, and removes the new one.
    ///
    /// - Returns: The state before the call.
    @discardableResult
    static func recover(_ folderName: FileName, in directory: SafeDirectory) throws(FileError) -> Remains {
        let folder = try directory.directory(folderName)
        let lock = try folder.openSelf()
        defer { lock.unlock() }
        let remains = try remains(in: folder, isInUse: lock.lock() == .heldElsewhere, of: directory)
        if remains == .inUse { return remains }
        if case .displaced(let name) = remains {
            try folder.directory(predecessorFolder).give(name, to: directory)
            try directory.synchronize()
        }
        clear(folderName, folder, in: directory)
        return remains
    }

    private static func remains(
        in folder: SafeDirectory, isInUse: Bool, of directory: SafeDirectory
    ) throws(FileError) -> Remains {
        var predecessor: FileName?
        do throws(FileError) {
            let listing = try DirectoryListing(of: try folder.directory(predecessorFolder), links: .skip)
            if listing.count > 0 { predecessor = listing[0].name }
        } catch {
            guard error.code == ENOENT else { throw error }
        }
        var isNameTaken = false
        if let predecessor {
            do throws(FileError) {
                _ = try directory.status(of: predecessor, links: .skip)
                isNameTaken = true
            } catch {
                guard error.code == ENOENT else { throw error }
            }
        }
        return .decide(isInUse: isInUse, predecessor: predecessor, isNameTaken: isNameTaken)
    }

    private static func clear(_ folderName: FileName, _ folder: SafeDirectory, in directory: SafeDirectory) {
        // Anything left takes only space. The next transfer tries again.
        try? folder.removeTree(successorFolder)
        try? folder.removeEmptyTree(predecessorFolder)
        _ = try? directory.removeDirectory(folderName)
    }
}

extension SafeDirectory {
    /// Moves a file or directory into another directory, keeping its name. The name must be free there.
    ///
    /// - Throws: ``FileError``, with `EEXIST` if the name is taken.
    fileprivate func give(_ name: FileName, to folder: SafeDirectory) throws(FileError) {
        do throws(FileError) {
            guard try moveIfFree(name, to: name, in: folder) else {
                throw FileError("move '\(name)' to", folder.path(of: name), code: EEXIST)
            }
        } catch {
            // A rename of a directory replaces only an empty one.
            guard Self.cannotMove.contains(error.code), try status(of: name, links: .skip).kind == .directory else {
                throw error
            }
            try rename(name, to: name, in: folder)
        }
    }
}
