/// A pattern without braces, checked, and tied to the root or free to begin in any folder.
struct PatternAlternative: Hashable, Sendable {
    /// What it consists of, from the root on: what may begin in any folder begins with ``PatternElement/anyFolders``.
    private(set) var elements: [PatternElement] = []
    /// Whether only folders match: there was a `/` at its end.
    let isForFolders: Bool

    /// Checks what was read, and finds out what it means as a whole.
    init(_ text: [PatternElement]) throws(PatternProblem) {
        guard !text.isEmpty else { throw PatternProblem("is empty, or can be; every file has a name") }
        var rest = text[...]
        isForFolders = rest.last == .slash
        if isForFolders { rest.removeLast() }
        let hasSlashFirst = rest.first == .slash
        if hasSlashFirst { rest.removeFirst() }
        guard !rest.isEmpty else { throw PatternProblem("has no name in it; '**' matches everything") }
        let names = rest.split(separator: .slash, omittingEmptySubsequences: false)
        for name in names { try Self.check(name) }
        if names.count == 1, !hasSlashFirst { elements.append(.anyFolders) }
        for name in names.dropLast() {
            if name.elementsEqual([.anyPath]) {
                // Several in a row are one.
                if elements.last != .anyFolders { elements.append(.anyFolders) }
            } else {
                elements += name
                elements.append(.slash)
            }
        }
        elements += names.last ?? []
    }

    /// Refuses what no path has: such a pattern would silently never match.
    private static func check(_ name: ArraySlice<PatternElement>) throws(PatternProblem) {
        guard !name.isEmpty else { throw PatternProblem("has an empty name in it ('//'), which no path has") }
        guard !name.elementsEqual([.literal(".")]), !name.elementsEqual([.literal("."), .literal(".")]) else {
            throw PatternProblem(
                "has '.' or '..' as a name in it, which no path has; begin at the root of the transfer")
        }
    }
}
