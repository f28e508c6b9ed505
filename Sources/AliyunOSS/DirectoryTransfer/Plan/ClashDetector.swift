/// Holds back a file until it is known whether there is something below a folder of its name, in a stream in byte order.
///
/// The two need not be neighbours: `a`, `a.txt`, `a/b`. But everything between them begins with `a`, so a file is free as
/// soon as a key comes that does not, or that comes after all of `a/`. At most one file is held for each byte of the
/// current path, and a clash is found before anything of it is written.
struct ClashDetector<Item: Sendable>: Sendable {
    private struct Held: Sendable {
        var path: RelativePath
        var item: Item
        var hasClash = false
    }

    /// What became of a file that was held.
    enum Release: Sendable {
        case free(Item)
        /// Something lies below a folder of its name.
        case clashing(Item)
    }

    private var held: [Held] = []

    /// Lets the path come: what it frees is released, what it clashes with is marked.
    ///
    /// - Returns: The file whose name this path needs for a folder, if there is one.
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

    /// Holds a file. Its path must have been advanced to.
    mutating func hold(_ path: RelativePath, _ item: Item) {
        held.append(Held(path: path, item: item))
    }

    /// Changes the files that are held and that this path, which is in the way, lies below.
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

    /// Releases all that is left.
    mutating func finish(release: (Release) -> Void) {
        for last in held.reversed() { release(last.hasClash ? .clashing(last.item) : .free(last.item)) }
        held = []
    }

    /// Whether this path, or one after it, may lie below a folder of the file's name.
    private static func mayClash(_ file: RelativePath, _ path: RelativePath) -> Bool {
        guard path.bytes.starts(with: file.bytes) else { return false }
        return path.bytes.count == file.bytes.count || path.bytes[file.bytes.count] <= UInt8(ascii: "/")
    }
}

/// Paths that come in byte order, of which only those matter that a later path may lie below.
///
/// Such a path and what lies below it need not be neighbours: `a`, `a.txt`, `a/b`. But everything between them begins with
/// `a`, so what the current path does not begin with can be forgotten: at most one is kept for each of its bytes.
struct AncestorStack: Sendable {
    private var paths: [[UInt8]] = []

    /// Remembers a path, with or without `/` at its end.
    mutating func add(_ path: [UInt8]) {
        let path = path.last == Self.slash ? Array(path.dropLast()) : path
        // Nothing that comes after `a/` lies below `a.txt`.
        while let last = paths.last, !path.starts(with: last) { paths.removeLast() }
        paths.append(path)
    }

    /// Whether a path that comes after all that were added is one of them or lies below one.
    mutating func covers(_ path: some Collection<UInt8>) -> Bool { deepest(covering: path) != nil }

    /// The longest of the paths that were added which is this one or has it below it.
    mutating func deepest(covering path: some Collection<UInt8>) -> [UInt8]? {
        while let last = paths.last, !path.starts(with: last) { paths.removeLast() }
        return paths.last { candidate in
            let rest = path.dropFirst(candidate.count)
            return rest.isEmpty || rest.first == Self.slash
        }
    }

    private static let slash = UInt8(ascii: "/")
}
