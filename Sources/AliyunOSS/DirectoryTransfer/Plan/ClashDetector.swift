/// A queue that holds each file of a stream until it is known whether the stream also contains a folder with the same
/// name.
///
/// The stream is in byte order, but a file and the entries of a folder with the same name need not be adjacent: `a`,
/// `a.txt`, `a/b`. But every path between them starts with `a`, so the file `a` is released at the first path that does
/// not start with `a` or that follows all paths in `a/`. At most one file is held for each byte of the current path,
/// and a clash is found before anything involved in it is written.
struct ClashDetector<Item: Sendable>: Sendable {
    private struct Held: Sendable {
        var path: RelativePath
        var item: Item
        var hasClash = false
    }

    /// An item that is no longer held, and whether it clashes with a folder.
    enum Release: Sendable {
        case free(Item)
        /// The item clashes with a folder of the same name, because the stream has entries inside that folder.
        case clashing(Item)
    }

    private var held: [Held] = []

    /// Releases the held files that can no longer clash with any path, and marks those that clash with the given path.
    ///
    /// - Returns: The held file whose path must be a folder for the given path to exist, or `nil` if there is none.
    mutating func advance(to path: RelativePath, isFolder: Bool, release: (Release) -> Void) -> RelativePath? {
        while let last = held.last, !Self.mayClash(last.path, path) {
            held.removeLast()
            release(last.hasClash ? .clashing(last.item) : .free(last.item))
        }
        var file: RelativePath?
        for index in held.indices {
            guard held[index].path.isAncestor(of: path) || (isFolder && held[index].path == path) else { continue }
            held[index].hasClash = true
            file = file ?? held[index].path
        }
        return file
    }

    /// Holds a file until it is known whether it clashes with a folder. Call ``advance(to:isFolder:release:)`` with the
    /// path of the file first.
    mutating func hold(_ path: RelativePath, _ item: Item) {
        held.append(Held(path: path, item: item))
    }

    /// Applies a closure to each held file whose path is the given path or one of its parent folders.
    ///
    /// - Returns: Whether there are any such files.
    mutating func change(above path: RelativePath, isFolder: Bool, _ body: (inout Item) -> Void) -> Bool {
        var found = false
        for index in held.indices
        where held[index].path.isAncestor(of: path) || (isFolder && held[index].path == path) {
            body(&held[index].item)
            found = true
        }
        return found
    }

    /// Releases all remaining files.
    mutating func finish(release: (Release) -> Void) {
        for last in held.reversed() { release(last.hasClash ? .clashing(last.item) : .free(last.item)) }
        held = []
    }

    /// Returns whether the given path or a later one may be in a folder with the same name as the given file.
    private static func mayClash(_ file: RelativePath, _ path: RelativePath) -> Bool {
        guard path.bytes.starts(with: file.bytes) else { return false }
        return path.bytes.count == file.bytes.count || path.bytes[file.bytes.count] <= UInt8(ascii: "/")
    }
}

/// A set of paths, added in byte order, that can be searched for the ancestors of a later path.
///
/// An ancestor and its descendants need not be adjacent: `a`, `a.txt`, `a/b`. But every path between them starts with
/// `a`, so a stored path can be removed once the current path does not start with it. At most one path is stored for
/// each byte of the current path.
struct AncestorStack: Sendable {
    private var paths: [[UInt8]] = []

    /// Adds a path, with or without a trailing `/`.
    mutating func add(_ path: [UInt8]) {
        let path = path.last == Self.slash ? Array(path.dropLast()) : path
        // No path after `a/` lies below `a.txt`.
        while let last = paths.last, !path.starts(with: last) { paths.removeLast() }
        paths.append(path)
    }

    /// Returns whether a path is one of the added paths or is below one. Paths must be checked in ascending order.
    mutating func covers(_ path: some Collection<UInt8>) -> Bool { deepest(covering: path) != nil }

    /// Returns the longest added path that is the given path or one of its ancestors, or `nil` if there is none. Paths
    /// must be checked in ascending order.
    mutating func deepest(covering path: some Collection<UInt8>) -> [UInt8]? {
        while let last = paths.last, !path.starts(with: last) { paths.removeLast() }
        return paths.last { candidate in
            let rest = path.dropFirst(candidate.count)
            return rest.isEmpty || rest.first == Self.slash
        }
    }

    private static let slash = UInt8(ascii: "/")
}
