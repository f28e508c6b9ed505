import Foundation

/// Walks a folder and everything below it in the order of the paths as bytes, one entry at a time.
///
/// It never stops half-way: what cannot be read is an entry that says so. It holds one sorted listing a level, so its
/// memory is the depth of the tree times its widest folder, however many files there are.
struct DirectoryWalker {
    /// One thing found.
    struct Entry: Sendable {
        /// Where, below the root.
        var path: RelativePath
        /// What.
        var content: Content
    }

    /// What was found at a path.
    enum Content: Sendable {
        /// A regular file.
        case file(FileStatus)
        /// A folder with nothing in it. (A folder with something in it is known by what is in it.)
        case emptyDirectory
        /// Something that is left alone on purpose.
        case skipped(SkipReason)
        /// A file, or a folder with everything in it, whose name is not UTF-8.
        case unrepresentableName
        /// A file that a killed process had moved aside, from one path to another.
        case movedAside(from: RelativePath, to: RelativePath)
        /// A file, or a folder with everything in it, that could not be read.
        case failed(FileError)
    }

    /// Why something is left alone.
    enum SkipReason: Sendable, Hashable {
        /// A symbolic link, which the caller did not want followed.
        case symbolicLink
        /// A symbolic link to nothing.
        case brokenLink
        /// A symbolic link to a folder that it lies in.
        case linkLoop
        /// A FIFO, socket or device.
        case specialFile
        /// What an interrupted download left behind.
        case partialFile
        /// A folder in which something is replaced; see ``NameReplacement``.
        case partialFolder
        /// A folder with everything in it, which the caller did not want entered.
        case excluded
    }

    /// The treatment of files that a killed process had moved aside; see ``NameReplacement``.
    enum Recovery: Sendable {
        /// It stays where it is, and is told of.
        case none
        /// It is put back; if its successor has its name, it is told of.
        case putBack
        /// It is put back; if its successor has its name, it is found where it is.
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

    /// The number of folders read so far, so that a caller can tell when the last step was a long one.
    private(set) var directoriesRead = 0

    /// Starts at the root and reads its names.
    ///
    /// - Parameter skipsFolder: Asked of each folder, but not the root, before it is opened. One that is skipped is an
    ///   entry that says so, and neither it nor anything in it is touched.
    init(
        _ root: SafeDirectory, links: SymbolicLinkPolicy, recovery: Recovery = .none,
        skipsFolder: (@Sendable (RelativePath) -> Bool)? = nil
    ) throws(FileError) {
        self.links = links
        self.recovery = recovery
        self.skipsFolder = skipsFolder
        try descend(into: root, at: nil)
    }

    /// Goes back before the entry that was given last, which must be one that failed.
    mutating func stepBack() {
        guard let last = levels.indices.last else { return }
        levels[last].next -= 1
    }

    /// The next entry, or nothing after the last.
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

    /// What to report of a name; nothing when it is a folder that was entered.
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
        // It was a file when its folder was read, and has its place in the order as a file.
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
            // One that cannot be put back is told of when its turn comes.
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
    fileprivate var isUTF8: Bool { String(validating: bytes, as: UTF8.self) != nil }
}
