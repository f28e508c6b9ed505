import Foundation

/// The names in a directory, sorted so that a walk of the tree yields paths in byte order.
///
/// To produce this order, directory names are compared with a trailing `/`: the file `a.txt` precedes everything in the
/// directory `a` ('.' is below '/'), and `a0` follows it. A bucket lists its keys in the same order.
///
/// The names are stored in one array, so a directory of a million files takes tens of megabytes.
struct DirectoryListing {
    private var names: [UInt8] = []
    private var items: [Item] = []

    private struct Item {
        var offset: UInt32
        var length: UInt16
        var kind: FileStatus.Kind
    }

    /// The number of names in the directory.
    var count: Int { items.count }
    /// The names of temporary directories that belong to pending replacements; see ``NameReplacement``.
    private(set) var replacements: [FileName] = []

    /// Creates a listing by reading a directory. When links are followed, a link has the kind of its target, or remains
    /// a link if the target does not exist.
    init(of directory: SafeDirectory, links: SymbolicLinkPolicy) throws(FileError) {
        // A separate descriptor, because closedir(3) closes it and the read position must not be shared.
        let descriptor = directory.interceptor.perform(.list, directory.path) { _ in
            openat(directory.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard descriptor >= 0 else { throw FileError("read the folder", directory.path, code: errno) }
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw FileError("read the folder", directory.path, code: code)
        }
        defer { closedir(stream) }
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw FileError("read the folder", directory.path, code: errno) }
                break
            }
            // The record is shorter than `dirent`, so copying a `dirent` would read beyond its end.
            guard let pointer = entry.pointer(to: \.d_name) else { continue }
            let start = UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self)
            let bytes = UnsafeBufferPointer(
                start: start,
                count: strlen(
                    UnsafeRawPointer(pointer)
                        .assumingMemoryBound(to: CChar.self)))
            guard let name = FileName(bytes) else { continue }
            let kind = Self.kind(of: name, type: entry.pointee.d_type, in: directory, links: links)
            items.append(Item(offset: UInt32(truncatingIfNeeded: names.count), length: UInt16(bytes.count), kind: kind))
            names.append(contentsOf: bytes)
            if kind == .directory, AtomicFile.isTemporary(name) { replacements.append(name) }
        }
        sort()
    }

    /// The name at an index, and the kind that its file had when the directory was read.
    subscript(index: Int) -> (name: FileName, kind: FileStatus.Kind) {
        let item = items[index]
        return (FileName(unchecked: names[Int(item.offset)..<Int(item.offset) + Int(item.length)]), item.kind)
    }

    private static func kind(
        of name: FileName, type: UInt8, in directory: SafeDirectory, links: SymbolicLinkPolicy
    ) -> FileStatus.Kind {
        switch Int(type) {
        case Int(DT_REG): return .regular
        case Int(DT_DIR): return .directory
        case Int(DT_LNK) where links == .skip: return .symbolicLink
        case Int(DT_FIFO), Int(DT_SOCK), Int(DT_CHR), Int(DT_BLK): return .other
        default: break
        }
        // A link to follow, or a file system that does not report kinds (DT_UNKNOWN).
        if let status = try? directory.status(of: name, links: links) { return status.kind }
        if let status = try? directory.status(of: name, links: .skip) { return status.kind }
        // The file is gone or inaccessible. Opening it will report the error.
        return .regular
    }

    private mutating func sort() {
        names.withUnsafeBufferPointer { names in
            items.sort { left, right in
                let first = UnsafeBufferPointer(rebasing: names[Int(left.offset)..<Int(left.offset) + Int(left.length)])
                let second = UnsafeBufferPointer(
                    rebasing: names[Int(right.offset)..<Int(right.offset) + Int(right.length)])
                return Self.precedes(first, left.kind == .directory, second, right.kind == .directory)
            }
        }
    }

    /// Returns whether one name precedes another if directory names are compared with a trailing `/`.
    static func precedes(
        _ left: UnsafeBufferPointer<UInt8>, _ leftIsFolder: Bool, _ right: UnsafeBufferPointer<UInt8>,
        _ rightIsFolder: Bool
    ) -> Bool {
        let common = min(left.count, right.count)
        for index in 0..<common where left[index] != right[index] { return left[index] < right[index] }
        if left.count < right.count { return !leftIsFolder || UInt8(ascii: "/") < right[common] }
        if left.count > right.count { return rightIsFolder && left[common] < UInt8(ascii: "/") }
        return !leftIsFolder && rightIsFolder
    }
}

/// An index for checking whether a path exists with exactly the given spelling. It is needed on file systems that treat
/// different spellings as equal.
///
/// Each directory is read only once, so a value does not reflect later changes.
struct ExactNameIndex {
    private let root: SafeDirectory
    private let links: SymbolicLinkPolicy
    /// The names in each directory, keyed by the bytes of the directory's path, which is empty for the root.
    private var names: [[UInt8]: Set<FileName>] = [:]

    init(root: SafeDirectory, links: SymbolicLinkPolicy) {
        self.root = root
        self.links = links
    }

    /// Returns whether every name in the path exists, spelled exactly the same, in its directory. An unreadable
    /// directory is assumed to contain the name.
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
