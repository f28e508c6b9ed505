import Foundation

/// The names in one folder, sorted so that a walk of the tree comes out in the order of its paths as bytes.
///
/// That order needs `/` at the end of a folder's name while it is compared: the file `a.txt` comes before everything
/// in the folder `a` ('.' is below '/'), and `a0` after it. A bucket lists its keys in the same order.
///
/// The names lie in one array: a folder of a million files costs a few tens of megabytes, not a heap object a name.
struct DirectoryListing {
    private var names: [UInt8] = []
    private var items: [Item] = []

    private struct Item {
        var offset: UInt32
        var length: UInt16
        var kind: FileStatus.Kind
    }

    /// The number of names.
    var count: Int { items.count }
    /// The folders in which something is replaced; see ``NameReplacement``.
    private(set) var replacements: [FileName] = []

    /// Reads a folder. A link gets the kind of what it points to when links are followed, and stays a link when that
    /// does not exist.
    init(of directory: SafeDirectory, links: SymbolicLinkPolicy) throws(FileError) {
        // A descriptor of its own: closedir(3) closes it, and the position is not shared with another reading.
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
            // The record is shorter than `dirent` says; copying the whole of it would read past its end.
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

    /// A name and what it was when the folder was read.
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
        // A link to be followed, or a file system that does not tell (DT_UNKNOWN).
        if let status = try? directory.status(of: name, links: links) { return status.kind }
        if let status = try? directory.status(of: name, links: .skip) { return status.kind }
        // It is gone or cannot be looked at: whoever comes to it gets the error.
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

    /// Whether one name comes before another when folders have `/` at their end.
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
