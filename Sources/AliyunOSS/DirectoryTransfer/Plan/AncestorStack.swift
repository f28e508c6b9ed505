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
