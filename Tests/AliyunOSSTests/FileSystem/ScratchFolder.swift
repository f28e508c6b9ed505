import Foundation

@testable import AliyunOSS

/// A folder of a test's own, removed with everything in it when the test lets go of it.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/oss-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        removeTree(path)
    }

    var root: SafeDirectory { get throws { try SafeDirectory(path) } }

    subscript(name: String) -> String { path + "/" + name }

    /// Makes a folder and those it lies in.
    func folder(_ name: String) throws {
        _ = try SafeDirectory.creating(self[name])
    }

    /// Writes a file byte for byte under its name: not through `FileManager`, which may change the name's spelling.
    func file(_ name: String, _ content: [UInt8] = []) throws {
        if let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) { try folder(String(name[..<slash])) }
        try file(bytes: Array(name.utf8), content)
    }

    /// Writes a file whose name need not be text. The folder must exist.
    func file(bytes name: [UInt8], _ content: [UInt8] = []) throws {
        let descriptor = open(cPath(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw FileError("create", self[String(decoding: name, as: UTF8.self)], code: errno)
        }
        let file = OpenFile(descriptor: descriptor, path: path)
        try content.withUnsafeBytes { try file.write($0, at: 0) }
    }

    func file(_ name: String, _ content: String) throws {
        try file(name, Array(content.utf8))
    }

    func folder(bytes name: [UInt8]) throws {
        guard mkdir(cPath(name), 0o755) == 0 else { throw FileError("create the folder", path, code: errno) }
    }

    func link(_ name: String, to target: String) throws {
        guard symlink(target, self[name]) == 0 else { throw FileError("link", self[name], code: errno) }
    }

    func fifo(_ name: String) throws {
        guard mkfifo(self[name], 0o644) == 0 else { throw FileError("make the fifo", self[name], code: errno) }
    }

    func content(_ name: String) throws -> [UInt8] {
        let file = try OpenFile.reading(self[name])
        var bytes = [UInt8](repeating: 0, count: Int(try file.status().size))
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
        return Array(bytes.prefix(count))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try content(name), as: UTF8.self)
    }

    func status(_ name: String) -> FileStatus? {
        var status = stat()
        return lstat(self[name], &status) == 0 ? FileStatus(status) : nil
    }

    /// Every name in the folder and below, folders with `/` at their end, in byte order.
    func names(in folder: String = "") -> [String] {
        guard let listing = try? DirectoryListing(of: SafeDirectory(self[folder]), links: .skip) else { return [] }
        var names: [String] = []
        for index in 0..<listing.count {
            let (name, kind) = listing[index]
            let path = folder.isEmpty ? name.description : folder + "/" + name.description
            names.append(kind == .directory ? path + "/" : path)
            if kind == .directory { names += self.names(in: path) }
        }
        return names
    }

    private func cPath(_ name: [UInt8]) -> [CChar] {
        (Array(path.utf8) + [UInt8(ascii: "/")] + name + [0]).map { CChar(bitPattern: $0) }
    }
}

private func removeTree(_ path: String) {
    guard let directory = try? SafeDirectory(path) else { return }
    fchmod(directory.descriptor, 0o755)
    empty(directory)
    rmdir(path)
}

private func empty(_ directory: SafeDirectory) {
    guard let listing = try? DirectoryListing(of: directory, links: .skip) else { return }
    for index in 0..<listing.count {
        let (name, kind) = listing[index]
        if kind == .directory {
            fchmodat(directory.descriptor, name.cString, 0o755, 0)
            if let child = try? directory.directory(name) { empty(child) }
            unlinkat(directory.descriptor, name.cString, AT_REMOVEDIR)
        } else {
            try? directory.unlink(name)
        }
    }
}
