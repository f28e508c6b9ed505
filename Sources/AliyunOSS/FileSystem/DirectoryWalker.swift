import Foundation

/// An iterator over the entries of a directory tree, in byte order of their paths.
///
/// It does not stop at errors: an entry that cannot be read is reported as such. It holds one sorted listing per level,
/// so its memory depends on the depth of the tree and its largest directory, not on the number of files.
struct DirectoryWalker {
    /// An entry of the tree.
    struct Entry: Sendable {
        /// The path relative to the root.
        var path: RelativePath
        /// The content at the path.
        var content: Content
    }

    /// The content at a path.
    enum Content: Sendable {
        /// A regular file.
        case file(FileStatus)
        /// An empty directory. Other directories are reported through their entries.
        case emptyDirectory
        /// An entry that is skipped intentionally.
        case skipped(SkipReason)
        /// A file or directory whose name is not valid UTF-8. The contents of such a directory are not visited.
        case unrepresentableName
        /// A file that a killed process moved aside, with its original and current paths.
        case movedAside(from: RelativePath, to: RelativePath)
        /// A file or directory that could not be read. The contents of such a directory are not visited.
        case failed(FileError)
    }

    /// A reason for skipping an entry.
    enum SkipReason: Sendable, Hashable {
        /// A symbolic link, skipped because links are not followed.
        case symbolicLink
        /// A symbolic link whose target does not exist.
        case brokenLink
        /// A symbolic link to a directory that contains the link.
        case linkLoop
        /// A FIFO, socket or device.
        case specialFile
        /// The temporary file of an interrupted download.
        case partialFile
        /// The directory of a pending replacement; see ``NameReplacement``.
        case partialFolder
        /// A directory that the caller excluded along with its contents.
        case excluded
    }

    /// A policy for files that a killed process moved aside; see ``NameReplacement``.
    enum Recovery: Sendable {
        /// Leave the files where they are, and report them.
        case none
        /// Move the files back to their original names, or report them if another file has since taken the name.
        case putBack
        /// Move the files back to their original names, or visit them where they are if another file has since taken
        /// the name.
        case putBackOrEnter
    }

    private struct Level {
        var directory: SafeDirectory
        var path: RelativePath?
        var identity: Identity
        var listing: DirectoryListing
        var next = 0
    }

    private struct Identity: Equatable {
        var device: UInt64
        var inode: UInt64
    }

    private let links: SymbolicLinkPolicy
    private let skipsFolder: (@Sendable (RelativePath) -> Bool)?
    private let recovery: Recovery
    private var levels: [Level] = []

    /// The number of directories read so far. A caller can use it to tell whether a step took long.
    private(set) var directoriesRead = 0

    /// Creates a walker, and reads the names in the root.
    ///
    /// - Parameter skipsFolder: A closure that returns whether to skip a directory. It is called for every directory
    ///   except the root, before the directory is opened. A skipped directory is reported but not accessed.
    init(
        _ root: SafeDirectory, links: SymbolicLinkPolicy, recovery: Recovery = .none,
        skipsFolder: (@Sendable (RelativePath) -> Bool)? = nil
    ) throws(FileError) {
        self.links = links
        self.recovery = recovery
        self.skipsFolder = skipsFolder
        try descend(into: root, at: nil)
    }

    /// Steps back so that ``next()`` returns the last entry again. That entry must have failed.
    mutating func stepBack() {
        guard let last = levels.indices.last else { return }
        levels[last].next -= 1
    }

    /// Returns the next entry, or `nil` after the last one.
    mutating func next() -> Entry? {
        while let level = levels.last {
            guard level.next < level.listing.count else {
                levels.removeLast()
                continue
            }
            levels[levels.count - 1].next += 1
            let (name, kind) = level.listing[level.next]
            let path = RelativePath.path(of: name.bytes, in: level.path)
            if let content = visit(name, kind, at: path, in: level.directory) {
                return Entry(path: path, content: content)
            }
        }
        return nil
    }

    /// Returns the content to report for a name, or `nil` if the name belongs to a directory that the walker entered.
    private mutating func visit(
        _ name: FileName, _ kind: FileStatus.Kind, at path: RelativePath, in directory: SafeDirectory
    ) -> Content? {
        switch kind {
        case .other: return .skipped(.specialFile)
        case .symbolicLink: return .skipped(links == .follow ? .brokenLink : .symbolicLink)
        case .directory where AtomicFile.isTemporary(name): return replacement(name, at: path, in: directory)
        case .directory where skipsFolder?(path) == true: return .skipped(.excluded)
        case .regular, .directory: break
        }
        guard name.isUTF8 else { return .unrepresentableName }
        do {
            return kind == .regular ? try file(name, in: directory) : try folder(name, at: path, in: directory)
        } catch {
            return .failed(error)
        }
    }

    private func file(_ name: FileName, in directory: SafeDirectory) throws(FileError) -> Content {
        guard !AtomicFile.isTemporary(name) else { return .skipped(.partialFile) }
        let status = try directory.status(of: name, links: links)
        // It was a file when its directory was read, and is sorted as a file.
        guard status.kind == .regular else { throw FileError("read", directory.path(of: name), code: ENOENT) }
        return .file(status)
    }

    private mutating func replacement(
        _ name: FileName, at path: RelativePath, in directory: SafeDirectory
    ) -> Content? {
        do {
            switch try NameReplacement.remains(name, in: directory) {
            case .inUse, .nothing: return .skipped(.partialFolder)
            case .replaced where recovery == .putBackOrEnter: return try folder(name, at: path, in: directory)
            case .replaced(let original), .displaced(let original):
                return .movedAside(
                    from: .path(of: original.bytes, in: levels.last?.path),
                    to: NameReplacement.predecessorPath(of: original, in: path))
            }
        } catch {
            return .failed(error)
        }
    }

    private mutating func folder(
        _ name: FileName, at path: RelativePath, in directory: SafeDirectory
    ) throws(FileError) -> Content? {
        let folder = try directory.directory(name, links: links)
        return try descend(into: folder, at: path)
    }

    @discardableResult
    private mutating func descend(into directory: SafeDirectory, at path: RelativePath?) throws(FileError) -> Content? {
        let status = try directory.status()
        let identity = Identity(device: status.device, inode: status.inode)
        guard !levels.contains(where: { $0.identity == identity }) else { return .skipped(.linkLoop) }
        var listing = try DirectoryListing(of: directory, links: links)
        if recovery != .none, !listing.replacements.isEmpty {
            // A directory that cannot be recovered is reported in its turn.
            for name in listing.replacements { _ = try? NameReplacement.recover(name, in: directory) }
            listing = try DirectoryListing(of: directory, links: links)
        }
        directoriesRead += 1
        guard listing.count > 0 else { return .emptyDirectory }
        levels.append(Level(directory: directory, path: path, identity: identity, listing: listing))
        return nil
    }
}

extension FileName {
    /// Most names are ASCII, which is found out without a string.
    fileprivate var isUTF8: Bool { cString.allSatisfy { $0 >= 0 } || String(validating: bytes, as: UTF8.self) != nil }
}
