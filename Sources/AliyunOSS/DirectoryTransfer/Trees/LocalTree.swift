import Foundation

/// The entries of a local folder, in key order.
struct LocalTree: AsyncSequence {
    typealias Element = TreeElement<LocalEntry>

    /// The folder; `nil` if it does not exist yet.
    let root: SafeDirectory?
    let mapping: KeyPathMapping
    let links: SymbolicLinkPolicy
    var filter = SidedFilter(TransferFilter(), isSource: true)
    /// The transfer's own files and folders, such as its record, which are skipped.
    var own: Set<RelativePath> = []
    /// Policy for handling files that an interrupted download moved aside.
    var recovery = DirectoryWalker.Recovery.none

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(tree: self) }

    fileprivate func walker(_ root: SafeDirectory) throws(FileError) -> DirectoryWalker {
        let skipsFolder = filter.skipsFolder
        guard !own.isEmpty else {
            return try DirectoryWalker(root, links: links, recovery: recovery, skipsFolder: skipsFolder)
        }
        return try DirectoryWalker(root, links: links, recovery: recovery) { [own] path in
            own.contains(path) || skipsFolder?(path) ?? false
        }
    }

    /// An iterator over the entries found by one walk through the folder.
    struct AsyncIterator: AsyncIteratorProtocol {
        private let tree: LocalTree
        private var walker: DirectoryWalker?
        private var hasStarted = false
        private var last: ObjectKey?

        fileprivate init(tree: LocalTree) { self.tree = tree }

        mutating func next() async throws(OSSError) -> Element? {
            if !hasStarted, let root = tree.root {
                walker = try? await DescriptorShortage.outlasting { try tree.walker(root) }
                do throws(FileError) {
                    if walker == nil { walker = try tree.walker(root) }
                } catch {
                    throw OSSError(folder: error)
                }
            }
            hasStarted = true
            while let directoriesRead = walker?.directoriesRead, let found = await nextReadable() {
                // Reading a directory blocks a thread of the pool, so other tasks get a turn after each directory.
                if walker?.directoriesRead != directoriesRead { await Task.yield() }
                guard let element = element(found) else { continue }
                if case .entry(let entry) = element { try checkOrder(of: entry.key) }
                return element
            }
            return nil
        }

        /// Returns the next entry of the walk, or `nil` at the end. Waits for a free file descriptor if necessary.
        private mutating func nextReadable() async -> DirectoryWalker.Entry? {
            var found = walker?.next()
            do {
                try await DescriptorShortage.outlasting {
                    guard case .failed(let error)? = found?.content, DescriptorShortage.isCause(of: error) else {
                        return
                    }
                    walker?.stepBack()
                    found = walker?.next()
                    if case .failed(let error)? = found?.content, DescriptorShortage.isCause(of: error) { throw error }
                }
            } catch {
                // The entry keeps its failure.
            }
            return found
        }

        /// Throws an error unless the key follows the previous one in byte order. Merging two streams is correct only
        /// if both are in order.
        private mutating func checkOrder(of key: ObjectKey) throws(OSSError) {
            if let last, last.compare(with: key) >= 0 {
                throw OSSError(
                    .fileSystem,
                    "reading the folder returned '\(key)' after '\(last)', which is out of byte order: "
                        + "the folder probably changed while it was being read; try again", key: key)
            }
            last = key
        }

        private func element(_ found: DirectoryWalker.Entry) -> Element? {
            let path = found.path
            do throws(OSSError) {
                if tree.own.contains(path) {
                    return try entry(path, .leftOut(.transferState), isFolder: found.content.isAboutFolder)
                }
                switch found.content {
                case .file(let status):
                    let isExcluded = tree.filter.excludesFile(path, size: status.size, modified: status.modified.date)
                    // An excluded file in the destination is ignored entirely.
                    if isExcluded, !tree.filter.isSource { return nil }
                    return try entry(path, isExcluded ? .leftOut(.excluded) : .file(status))
                case .emptyDirectory:
                    return try entry(
                        path, tree.filter.excludesName(path, isFolder: true) ? .leftOut(.excluded) : .emptyFolder)
                case .skipped(let reason):
                    return try entry(path, .leftOut(TransferReason(reason)), isFolder: reason.isAboutFolder)
                case .unrepresentableName:
                    if tree.filter.excludesName(path, isFolder: false) { return nil }
                    return .unusable(path, KeyPathMapping.unrepresentable(path))
                case .movedAside(let from, let to):
                    return .unusable(from, OSSError(movedAside: from, to: to))
                case .failed(let error):
                    return .unusable(path, OSSError(reading: error))
                }
            } catch {
                return .unusable(path, error)
            }
        }

        private func entry(
            _ path: RelativePath, _ content: LocalEntry.Content, isFolder: Bool = false
        ) throws(OSSError) -> Element {
            let key = try tree.mapping.key(of: path, isFolder: isFolder || content == .emptyFolder)
            return .entry(LocalEntry(key: key, path: path, content: content))
        }
    }
}

extension DirectoryWalker.Content {
    /// Whether the walk treats the entry as a folder. This determines the position of the entry in the order.
    fileprivate var isAboutFolder: Bool {
        switch self {
        case .emptyDirectory: true
        case .skipped(let reason): reason.isAboutFolder
        case .file, .unrepresentableName, .movedAside, .failed: false
        }
    }
}

extension DirectoryWalker.SkipReason {
    /// Whether the walk treats the entry as a folder. This determines the position of the entry in the order.
    fileprivate var isAboutFolder: Bool {
        switch self {
        case .linkLoop, .excluded, .partialFolder: true
        case .symbolicLink, .brokenLink, .specialFile, .partialFile: false
        }
    }
}

extension FileStatus.Time {
    /// The time as a `Date`, accurate to within a microsecond.
    var date: Date { Date(timeIntervalSince1970: Double(seconds) + Double(nanoseconds) * 1e-9) }
}

/// An entry of a local folder and its key.
struct LocalEntry: TreeEntry {
    /// The content of an entry.
    enum Content: Hashable, Sendable {
        case file(FileStatus)
        /// An empty folder.
        case emptyFolder
        /// A file or folder that is skipped for the given reason. Its counterpart must therefore not be deleted.
        case leftOut(TransferReason)
    }

    var key: ObjectKey
    var path: RelativePath
    var content: Content

    /// Status of the file at the time of the walk; `nil` if the entry is not a file.
    var status: FileStatus? {
        if case .file(let status) = content { status } else { nil }
    }

    var size: Int64 { status?.size ?? 0 }
}
