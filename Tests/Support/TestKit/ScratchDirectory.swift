import Foundation
import OSSPrimitives

/// A temporary directory for one test, removed with its contents when the test releases it.
package final class ScratchDirectory: Sendable {
    package let path: String

    package init(in parent: String = FileManager.default.temporaryDirectory.path) throws {
        path = parent + "/oss-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        chmod(path, 0o755)
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        Self.empty(directory)
        close(directory)
        rmdir(path)
    }

    package var url: URL { URL(fileURLWithPath: path, isDirectory: true) }

    /// The path of a file in the directory.
    package subscript(name: String) -> String { path + "/" + name }

    // MARK: Writing

    /// Creates a directory and its parents.
    package func makeDirectory(_ name: String) throws { try makeDirectory(bytes: Array(name.utf8)) }

    /// Creates a directory, whose name need not be text, and its parents.
    package func makeDirectory(bytes name: [UInt8]) throws {
        let path = Self.bytes(path) + [slash] + name
        for end in path.indices.dropFirst(self.path.utf8.count + 1) where path[end] == slash { try make(path[..<end]) }
        try make(path[...])

        func make(_ path: ArraySlice<UInt8>) throws {
            guard mkdir(Self.cString(path), 0o755) == 0 || errno == EEXIST else { throw Failure("mkdir", path) }
        }
    }

    /// Writes a file, and creates the directories that it needs.
    package func write(_ name: String, _ content: some Sequence<UInt8>) throws {
        try write(bytes: Array(name.utf8), content)
    }

    package func write(_ name: String, _ text: String = "") throws { try write(name, text.utf8) }

    package func write(_ files: [String: Data]) throws {
        for (name, content) in files { try write(name, content) }
    }

    /// Creates an empty file and returns its URL.
    package func makeFile(_ name: String) throws -> URL {
        try write(name)
        return URL(fileURLWithPath: self[name])
    }

    /// Writes a file, whose name need not be text.
    ///
    /// This does not use `FileManager`, which may change the Unicode normalization of a name.
    package func write(bytes name: [UInt8], _ content: some Sequence<UInt8> = []) throws {
        if let end = name.lastIndex(of: slash) { try makeDirectory(bytes: Array(name[..<end])) }
        let path = Self.bytes(path) + [slash] + name
        guard let file = fopen(Self.cString(path[...]), "w") else { throw Failure("create", path[...]) }
        defer { fclose(file) }
        let content = Array(content)
        guard fwrite(content, 1, content.count, file) == content.count else { throw Failure("write", path[...]) }
    }

    /// Writes a file whose content is its name.
    package func write(nameAndContent name: some Sequence<UInt8>) throws { try write(bytes: Array(name), name) }

    /// Creates a symbolic link.
    package func link(_ name: String, to target: String) throws {
        guard symlink(target, self[name]) == 0 else { throw Failure("symlink", Self.bytes(self[name])[...]) }
    }

    package func makeFIFO(_ name: String) throws {
        guard mkfifo(self[name], 0o644) == 0 else { throw Failure("mkfifo", Self.bytes(self[name])[...]) }
    }

    // MARK: Reading

    package func read(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: self[name])) }

    package func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }

    /// Returns the sorted paths of the regular files below a directory, including hidden files.
    package func files(in directory: String = "") throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: self[directory]).filter { name in
            var isDirectory: ObjCBool = false
            let path = self[directory] + "/" + name
            return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
        }.sorted()
    }

    /// Returns the contents of the regular files below a directory, keyed by relative path.
    package func contents(in directory: String = "") throws -> [String: Data] {
        try Dictionary(
            uniqueKeysWithValues: files(in: directory).map {
                ($0, try read(directory.isEmpty ? $0 : directory + "/" + $0))
            })
    }

    /// Returns the paths of all items below a directory in byte order. Directories end in `/`, and links in `@` if they
    /// are marked.
    package func names(in directory: String = "", marksLinks: Bool = false) -> [String] {
        Self.entries(of: directory.isEmpty ? path : self[directory]).map { name, type in
            String(decoding: name, as: UTF8.self) + (type == S_IFDIR ? "/" : type == S_IFLNK && marksLinks ? "@" : "")
        }
    }

    /// Returns the sorted paths of all items below a directory, with bytes that are not printable ASCII
    /// percent-encoded. Directories end in `/`, and links in `@`.
    package static func printableEntries(at path: String) -> [String] {
        entries(of: path).map { printable($0) + ($1 == S_IFDIR ? "/" : $1 == S_IFLNK ? "@" : "") }.sorted()
    }

    package static func printable(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { (0x20...0x7E).contains($0) ? String(UnicodeScalar($0)) : "%" + Hexadecimal.uppercase([$0]) }
            .joined()
    }

    /// Returns whether the file system treats two names as the same, such as `A` and `a`, or `é` in NFC and NFD.
    package static func isOneName(_ first: String, _ second: String) -> Bool {
        guard let directory = try? ScratchDirectory(), (try? directory.write(first)) != nil else { return false }
        return access(directory[second], F_OK) == 0
    }
}

extension ScratchDirectory {
    /// A failed system call.
    private struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ call: String, _ path: ArraySlice<UInt8>) {
            description = "\(call) \(printable(path)): \(String(cString: strerror(errno)))"
        }
    }

    private static func bytes(_ path: String) -> [UInt8] { Array(path.utf8) }

    private static func cString(_ path: ArraySlice<UInt8>) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }

    /// Returns the names and types of all items below a directory, with each directory followed by its contents.
    private static func entries(of path: String) -> [(name: [UInt8], type: mode_t)] {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        return descendants(of: directory)
    }

    /// Returns the names and types of all descendants. Every directory is opened from its parent, because a path may be
    /// longer than the system accepts.
    private static func descendants(of directory: Int32) -> [(name: [UInt8], type: mode_t)] {
        children(of: directory).flatMap { name, type in
            guard type == S_IFDIR else { return [(name, type)] }
            let child = openat(directory, cString(name[...]), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            defer { close(child) }
            return [(name, type)] + descendants(of: child).map { (name + [slash] + $0.name, $0.type) }
        }
    }

    /// Returns the items of a directory in the order of an OSS listing, in which `/` is added to the name of a
    /// directory.
    private static func children(of directory: Int32) -> [(name: [UInt8], type: mode_t)] {
        guard let stream = fdopendir(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) else { return [] }
        defer { closedir(stream) }
        var children: [(name: [UInt8], type: mode_t)] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            var status = stat()
            guard name != [dot], name != [dot, dot],
                fstatat(directory, cString(name[...]), &status, AT_SYMLINK_NOFOLLOW) == 0
            else { continue }
            children.append((name, status.st_mode & S_IFMT))
        }
        func key(_ child: (name: [UInt8], type: mode_t)) -> [UInt8] {
            child.type == S_IFDIR ? child.name + [slash] : child.name
        }
        return children.sorted { key($0).lexicographicallyPrecedes(key($1)) }
    }

    /// Removes the contents of a directory, whatever their permissions.
    private static func empty(_ directory: Int32) {
        fchmod(directory, 0o755)
        for (name, type) in children(of: directory) {
            let name = cString(name[...])
            if type == S_IFDIR {
                fchmodat(directory, name, 0o755, 0)
                let child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                empty(child)
                close(child)
            }
            unlinkat(directory, name, type == S_IFDIR ? AT_REMOVEDIR : 0)
        }
    }
}

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")
