import Foundation
import Synchronization

/// A file that appears under its name whole, or not at all.
///
/// It is written under a temporary name beside its target and renamed over it by ``commit(modified:permissions:)``.
/// Until then, what stood there stays as it is. Without a commit the temporary file is removed, at the latest when this
/// object is released. A process that is killed leaves it behind; its name tells what it is, and no upload takes it.
final class AtomicFile: Sendable {
    /// The file to write to.
    let file: OpenFile

    private let directory: SafeDirectory
    private let name: FileName
    private let temporaryName: FileName
    private let isPending = Mutex(true)

    /// Creates the temporary file.
    ///
    /// - Throws: ``FileError``; with `EISDIR` when there is a folder of that name, and with `EEXIST` when there is a
    ///   FIFO, socket or device.
    init(replacing name: FileName, in directory: SafeDirectory) throws(FileError) {
        try Self.checkTarget(name, in: directory)
        self.directory = directory
        self.name = name
        temporaryName = Self.temporaryName(for: name)
        // Nobody else may read it before it has the permissions it is to have.
        file = try directory.createFile(temporaryName, permissions: 0o600)
    }

    /// Creates the temporary file for a path. The folder it lies in must exist.
    convenience init(replacing path: String) throws(FileError) {
        let bytes = path.utf8
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes.index(after: $0) } ?? bytes.startIndex
        guard let name = FileName(bytes[start...]) else { throw FileError("write a file to", path, code: EISDIR) }
        let folder = String(path[..<start])
        try self.init(replacing: name, in: SafeDirectory(folder.isEmpty ? "." : folder))
    }

    deinit {
        discard()
    }

    /// Brings the content to stable storage and the file under its name.
    ///
    /// - Parameters:
    ///   - modified: The time of the last change it is to show. Default: now.
    ///   - permissions: Its permission bits. Default: those of the file it replaces, or what the umask leaves of 0666.
    func commit(modified: FileStatus.Time? = nil, permissions: UInt32? = nil) throws(FileError) {
        do {
            try install(modified: modified, permissions: permissions)
        } catch {
            discard()
            throw error
        }
    }

    private func install(modified: FileStatus.Time?, permissions: UInt32?) throws(FileError) {
        let previous = try Self.checkTarget(name, in: directory)
        let kept = previous.flatMap { $0.kind == .regular ? $0.permissions & 0o777 : nil }
        let final = permissions ?? kept ?? 0o666 & ~Self.processMask
        try file.setPermissions(final)
        if let modified { try file.setModified(modified) }
        do {
            try file.synchronize()
        } catch  where error.code == EINVAL || error.code == ENOTSUP {
            // Some file systems (SMB, FUSE) cannot do this. There is nothing to be done about it.
        }
        try directory.rename(temporaryName, to: name)
        isPending.withLock { $0 = false }
        try directory.synchronize()
    }

    /// Removes the temporary file. After a commit, and the second time, it does nothing.
    func discard() {
        isPending.withLock { isPending in
            guard isPending else { return }
            isPending = false
            try? directory.unlink(temporaryName)
        }
    }

    /// What stands under the name, after a check that it may be replaced.
    @discardableResult
    private static func checkTarget(_ name: FileName, in directory: SafeDirectory) throws(FileError) -> FileStatus? {
        let status: FileStatus
        do {
            status = try directory.status(of: name, links: .skip)
        } catch  where error.code == ENOENT {
            return nil
        }
        switch status.kind {
        case .regular, .symbolicLink: return status
        case .directory: throw FileError("write a file to", directory.path(of: name), code: EISDIR)
        case .other: throw FileError("write a file to", directory.path(of: name), code: EEXIST)
        }
    }

    private static let processMask = FileCreationMask.current
}

extension AtomicFile {
    private static let suffix = ".oss-partial"
    private static let randomLength = 16

    /// `.NAME.0123456789abcdef.oss-partial`, where NAME is cut so that the whole fits where names are short (143 bytes
    /// on an encrypted home), and not inside a character.
    static func temporaryName(for name: FileName) -> FileName {
        var kept = Array(name.bytes.prefix(96))
        if kept.count < name.bytes.count {
            while let last = kept.last, last & 0xC0 == 0x80 { kept.removeLast() }
            if let last = kept.last, last & 0xC0 == 0xC0 { kept.removeLast() }
        }
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        let random = String(repeating: "0", count: randomLength - digits.utf8.count) + digits
        return FileName(unchecked: Array(".".utf8) + kept + Array(".\(random)\(suffix)".utf8))
    }

    /// Whether a name is one that ``temporaryName(for:)`` makes.
    static func isTemporary(_ name: FileName) -> Bool {
        let bytes = Array(name.bytes)
        let tail = randomLength + 1 + suffix.utf8.count
        guard bytes.first == UInt8(ascii: "."), bytes.count > tail + 1,
            bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        else { return false }
        let random = bytes.suffix(tail).dropLast(suffix.utf8.count)
        return random.first == UInt8(ascii: ".")
            && random.dropFirst().allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
