import Foundation

/// The replacement of what stands at a name by something that is made first.
///
/// Beside `n` there is a folder `.n.0123456789abcdef.oss-partial` meanwhile. The successor is made at `new/n` in it. In the last
/// step what stands at `n` moves to `old/n`, and the successor to `n`. A process that is killed in between leaves the old one at
/// `old/n`: ``recover(_:in:)`` puts it back.
final class NameReplacement: Sendable {
    private let name: FileName
    private let directory: SafeDirectory
    private let folderName: FileName
    private let folder: SafeDirectory
    /// Locked as long as this object lives.
    private let lock: OpenFile?

    /// Begins a replacement.
    ///
    /// - Parameters:
    ///   - token: Tells this replacement from others of the same name.
    ///   - holdingLock: Whether nobody else takes it for one that was left behind. That costs a descriptor.
    /// - Throws: ``FileError``, with `EBUSY` when another process is at it.
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

    /// Puts the successor in the place of what stands at the name.
    ///
    /// - Parameter movesAside: Whether what stands there is moved aside first. Otherwise nothing may stand there.
    /// - Throws: ``FileError``. What stood there does so again.
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
        // The old one is about to be deleted.
        try directory.synchronize()
    }

    /// Removes a successor that did not get the name, and the folder unless something is left of what had it.
    func discard() {
        Self.clear(folderName, folder, in: directory)
        lock?.unlock()
    }

    private static let successorFolder = FileName(unchecked: "new".utf8)
    private static let predecessorFolder = FileName(unchecked: "old".utf8)
}

// MARK: Paths

extension NameReplacement {
    /// Where the successor of something at or below a name is made.
    static func successorPath(of path: RelativePath, replacing top: RelativePath, token: UInt64) -> RelativePath {
        moved(path, top, token, successorFolder)
    }

    /// Where something at or below a name is once it has been moved aside.
    static func predecessorPath(of path: RelativePath, replacing top: RelativePath, token: UInt64) -> RelativePath {
        moved(path, top, token, predecessorFolder)
    }

    /// Where something that had a name is in the folder of its replacement.
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

// MARK: What was left behind

extension NameReplacement {
    /// The remains of a replacement whose process was killed. Pure.
    enum Remains: Hashable, Sendable {
        /// Its process is alive.
        case inUse
        /// Nothing that anybody had.
        case nothing
        /// The file that had the name, which is free.
        case displaced(FileName)
        /// The file that had the name, which its successor has.
        case replaced(FileName)

        static func decide(isInUse: Bool, predecessor: FileName?, isNameTaken: Bool) -> Remains {
            if isInUse { return .inUse }
            guard let predecessor else { return .nothing }
            return isNameTaken ? .replaced(predecessor) : .displaced(predecessor)
        }
    }

    /// Looks at what is left in the folder of a replacement.
    static func remains(_ folderName: FileName, in directory: SafeDirectory) throws(FileError) -> Remains {
        let folder = try directory.directory(folderName)
        let lock = try folder.openSelf()
        defer { lock.unlock() }
        return try remains(in: folder, isInUse: lock.lock() == .heldElsewhere, of: directory)
    }

    /// Puts back what had the name, if the name is free, and removes the successor.
    ///
    /// - Returns: What was found.
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
        // What stays costs only its place: the next run comes by here again.
        try? folder.removeTree(successorFolder)
        try? folder.removeEmptyTree(predecessorFolder)
        _ = try? directory.removeDirectory(folderName)
    }
}

extension SafeDirectory {
    /// Moves a file or folder into another folder under the same name, where nothing has it.
    ///
    /// - Throws: ``FileError``, with `EEXIST` when something has that name there.
    fileprivate func give(_ name: FileName, to folder: SafeDirectory) throws(FileError) {
        do throws(FileError) {
            guard try moveIfFree(name, to: name, in: folder) else {
                throw FileError("move '\(name)' to", folder.path(of: name), code: EEXIST)
            }
        } catch {
            // A folder replaces only an empty one.
            guard Self.cannotMove.contains(error.code), try status(of: name, links: .skip).kind == .directory else {
                throw error
            }
            try rename(name, to: name, in: folder)
        }
    }
}
