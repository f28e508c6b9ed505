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
