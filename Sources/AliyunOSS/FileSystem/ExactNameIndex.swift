/// Says whether a path is there in exactly this spelling, and not only in one that the file system takes for the same.
///
/// Each folder is read once: make a new value for each moment that is asked about.
struct ExactNameIndex {
    private let root: SafeDirectory
    private let links: SymbolicLinkPolicy
    /// By the bytes of the folder's path; the root has none.
    private var names: [[UInt8]: Set<FileName>] = [:]

    init(root: SafeDirectory, links: SymbolicLinkPolicy) {
        self.root = root
        self.links = links
    }

    /// Whether every name of the path stands in its folder. What cannot be read has it.
    mutating func contain(_ path: RelativePath) -> Bool {
        var folder: [FileName] = []
        for name in path.components {
            guard namesIn(folder)?.contains(name) ?? true else { return false }
            folder.append(name)
        }
        return true
    }

    private mutating func namesIn(_ folder: [FileName]) -> Set<FileName>? {
        let path = folder.flatMap { Array($0.bytes) + [UInt8(ascii: "/")] }
        if let known = names[path] { return known }
        guard let listing = try? DirectoryListing(of: root.directory(at: folder, links: links), links: .skip) else {
            return nil
        }
        let found = Set((0..<listing.count).map { listing[$0].name })
        names[path] = found
        return found
    }
}
