/// A queue that holds a file in a stream in byte order until it is certain whether the stream has something below a
/// folder of the same name.
///
/// The two need not be adjacent: `a`, `a.txt`, `a/b`. But every path between them starts with `a`, so a file is
/// released once a path comes that does not, or that follows all of `a/`. At most one file is held for each byte of the
/// current path, and a clash is found before anything of it is written.
struct ClashDetector<Item: Sendable>: Sendable {
    private struct Held: Sendable {
        var path: RelativePath
        var item: Item
        var hasClash = false
    }

    /// The result of holding a file.
    enum Release: Sendable {
        case free(Item)
        /// The stream has something below a folder of the same name.
        case clashing(Item)
    }

    private var held: [Held] = []

    /// Releases the files that a path cannot clash with and marks those that it does.
    ///
    /// - Returns: The file whose name is needed as a folder for this path, if any.
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

    /// Holds a file after ``advance(to:isFolder:release:)`` was called with its path.
    mutating func hold(_ path: RelativePath, _ item: Item) {
        held.append(Held(path: path, item: item))
    }

    /// Changes the held files that have a path, or a folder above it, as their name.
    ///
    /// - Returns: Whether there are any.
    mutating func change(above path: RelativePath, isFolder: Bool, _ body: (inout Item) -> Void) -> Bool {
        var found = false
        for index in held.indices
        where held[index].path.isAncestor(of: path) || (isFolder && held[index].path == path) {
            body(&held[index].item)
            found = true
        }
        return found
    }

    /// Releases the remaining files.
    mutating func finish(release: (Release) -> Void) {
        for last in held.reversed() { release(last.hasClash ? .clashing(last.item) : .free(last.item)) }
        held = []
    }

    /// Returns whether this path or a later one may lie below a folder of the same name as a file.
    private static func mayClash(_ file: RelativePath, _ path: RelativePath) -> Bool {
        guard path.bytes.starts(with: file.bytes) else { return false }
        return path.bytes.count == file.bytes.count || path.bytes[file.bytes.count] <= UInt8(ascii: "/")
    }
}

/// A set of paths added in byte order that finds the ancestors of a later path.
///
/// An ancestor and its descendants need not be adjacent: `a`, `a.txt`, `a/b`. But every path between them starts with
/// `a`, so a path that the current one does not start with can be removed: at most one is stored for each byte of the
/// current path.
struct AncestorStack: Sendable {
    private var paths: [[UInt8]] = []

    /// Adds a path, with or without `/` at the end.
    mutating func add(_ path: [UInt8]) {
        let path = path.last == Self.slash ? Array(path.dropLast()) : path
        // No path after `a/` lies below `a.txt`.
        while let last = paths.last, !path.starts(with: last) { paths.removeLast() }
        paths.append(path)
    }

    /// Returns whether a later path is one of the added paths or lies below one.
    mutating func covers(_ path: some Collection<UInt8>) -> Bool { deepest(covering: path) != nil }

    /// Returns the longest added path that is equal to a later path or an ancestor of it.
    mutating func deepest(covering path: some Collection<UInt8>) -> [UInt8]? {
        while let last = paths.last, !path.starts(with: last) { paths.removeLast() }
        return paths.last { candidate in
            let rest = path.dropFirst(candidate.count)
            return rest.isEmpty || rest.first == Self.slash
        }
    }

    private static let slash = UInt8(ascii: "/")
}
