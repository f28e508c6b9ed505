import Foundation
import Synchronization

/// A file that appears under its name only when it is complete.
///
/// The content is written to a temporary file next to the target, which ``commit(modified:permissions:replacing:)``
/// renames. Until then the existing file stays unchanged. Without a commit, the temporary file is removed, no later
/// than when this object is deallocated, unless ``keep()`` is called. A killed process leaves it behind; the file is
/// recognized by its name and never uploaded.
///
/// With an identity, the temporary name is always the same, so a later attempt finds the file of a killed one and
/// resumes or replaces it. The file is locked while it is written; an attempt that finds it locked uses another name.
final class AtomicFile: Sendable {
    /// A policy for handling an existing file.
    enum Replacing: Sendable {
        /// Replace any existing file.
        case anything
        /// Replace the file only if it has not changed since this object was created. Otherwise, keep a file that
        /// already has the new content, or fail with `EEXIST`.
        case unchanged
        /// Replace the file only if it has the given attributes; `nil` means that no file may exist. Otherwise, keep a
        /// file that already has the new content, or fail with `EEXIST`.
        case only(FileStatus?)
        /// Fail with `EEXIST` if a file exists.
        case never
        /// Keep any existing file, and use the first free name, such as `a (1).txt`, for the new file.
        case nothing
    }

    /// The temporary file.
    let file: OpenFile
    /// Whether the temporary file may have content from an earlier attempt.
    let isReused: Bool
    /// Whether a later attempt with the same identity can find the temporary file.
    let isReusable: Bool
    /// The attributes that the existing file had when this object was created; `nil` if there was no such file.
    let previous: FileStatus?

    /// The path of the target.
    var path: String { directory.path(of: name) }

    let directory: SafeDirectory
    let name: FileName
    let temporaryName: FileName
    private let isPending = Mutex(true)
    private let installed = Mutex<FileStatus?>(nil)

    /// Creates the temporary file, or reuses the one that an earlier attempt left behind.
    ///
    /// - Parameter identity: A value that identifies the content, for example a hash of its source. Without an
    ///   identity, the temporary file is always new.
    /// - Throws: ``FileError``, with `EISDIR` if the target is a directory, and with `EEXIST` if it is a FIFO, socket
    ///   or device.
    init(replacing name: FileName, in directory: SafeDirectory, identity: UInt64? = nil) throws(FileError) {
        previous = try Self.checkTarget(name, in: directory)
        self.directory = directory
        self.name = name
        if let identity {
            let fixedName = Self.temporaryName(for: name, token: identity)
            if let file = try Self.lockedFile(fixedName, in: directory) {
                temporaryName = fixedName
                self.file = file
                isReused = (try? file.status().size) ?? 1 > 0
                isReusable = true
                return
            }
        }
        temporaryName = Self.temporaryName(for: name, token: .random(in: .min ... .max))
        // Other users must not read the file before it has its final permissions.
        file = try directory.createFile(temporaryName, permissions: 0o600)
        isReused = false
        isReusable = false
        // The lock is not required, because no other process knows the name.
        _ = try? file.lock()
    }

    /// Creates the temporary file for a path. The path's directory must exist.
    convenience init(replacing path: String, identity: UInt64? = nil) throws(FileError) {
        let bytes = path.utf8
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes.index(after: $0) } ?? bytes.startIndex
        guard let name = FileName(bytes[start...]) else { throw FileError("write a file to", path, code: EISDIR) }
        let folder = String(path[..<start])
        try self.init(replacing: name, in: SafeDirectory(folder.isEmpty ? "." : folder), identity: identity)
    }

    /// Opens and locks a temporary file that several attempts share by name. Returns `nil` if another process holds the
    /// file, or if the file system does not support locks.
    private static func lockedFile(_ name: FileName, in directory: SafeDirectory) throws(FileError) -> OpenFile? {
        var opened = try directory.openPrivateFile(name)
        if opened == nil, directory.reclaim(name) { opened = try directory.openPrivateFile(name) }
        guard let (file, isNew) = opened else { return nil }
        do {
            switch try file.lock() {
            case .acquired:
                let status = try file.status()
                if try directory.status(of: name, links: .skip).isSameFile(as: status) { return file }
                // Another process held the lock first and has completed: its file has the name now.
                return nil
            case .heldElsewhere:
                // Another process locked the file before the process that created it. Removing the name would make that
                // process's commit fail with ENOENT.
                return nil
            case .unavailable:
                // Without locks, no process can hold the file.
                if isNew { try? directory.unlink(name) }
                return nil
            }
        } catch  where error.isMissing {
            // As above; the name is free again.
            return nil
        } catch {
            if isNew { try? directory.unlink(name) }
            throw error
        }
    }

    deinit {
        discard()
    }

    /// Creates a second, empty temporary file for the same target.
    func sibling() throws(FileError) -> AtomicFile {
        try AtomicFile(replacing: name, in: directory)
    }

    /// The existing files named `a (1).txt`, `a (2).txt` and so on, up to the first free name.
    var numberedSiblings: [(path: String, status: FileStatus)] {
        var standing: [(String, FileStatus)] = []
        for number in 1...10_000 {
            let candidate = name.numbered(number)
            guard let status = try? directory.status(of: candidate, links: .skip) else { break }
            standing.append((directory.path(of: candidate), status))
        }
        return standing
    }

    /// Removes the temporary file. Does nothing after a commit or when called again.
    func discard() {
        isPending.withLock { isPending in
            guard isPending else { return }
            isPending = false
            try? directory.unlink(temporaryName)
        }
    }

    /// The attributes of the file immediately after it was renamed; `nil` before that. Attributes that are read later
    /// can be those of a file that another program has changed.
    var installedStatus: FileStatus? { installed.withLock { $0 } }

    /// Records that the temporary file has been renamed.
    func finish() {
        let status = try? file.status()
        installed.withLock { $0 = status }
        isPending.withLock { $0 = false }
    }

    /// Keeps the temporary file for a later attempt.
    func keep() {
        isPending.withLock { $0 = false }
        file.unlock()
    }

    /// Checks that the target may be replaced, and returns its attributes, or `nil` if it does not exist.
    static func checkTarget(_ name: FileName, in directory: SafeDirectory) throws(FileError) -> FileStatus? {
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
}

extension AtomicFile {
    private static let suffix = ".oss-partial"
    private static let tokenLength = 16

    /// Returns the name of a temporary file, in the form `.NAME.0123456789abcdef.oss-partial`. NAME is truncated at a
    /// character boundary, so that the result fits into the shortest limit (143 bytes in encrypted home directories).
    static func temporaryName(for name: FileName, token: UInt64) -> FileName {
        var kept = Array(name.bytes.prefix(96))
        if kept.count < name.bytes.count {
            while let last = kept.last, last & 0xC0 == 0x80 { kept.removeLast() }
            if let last = kept.last, last & 0xC0 == 0xC0 { kept.removeLast() }
        }
        let digits = String(token, radix: 16)
        let padded = String(repeating: "0", count: tokenLength - digits.utf8.count) + digits
        return FileName(unchecked: Array(".".utf8) + kept + Array(".\(padded)\(suffix)".utf8))
    }

    /// Removes a temporary file, unless a running process holds its lock.
    static func removeUnlocked(_ name: FileName, in directory: SafeDirectory) {
        guard isTemporary(name), (try? directory.status(of: name, links: .skip))?.kind == .regular,
            let file = try? lockedFile(name, in: directory)
        else { return }
        // The lock prevents another process from reusing the file at this moment.
        withExtendedLifetime(file) { try? directory.unlink(name) }
    }

    /// Returns whether a name has the form that ``temporaryName(for:token:)`` produces.
    static func isTemporary(_ name: FileName) -> Bool {
        let bytes = Array(name.bytes)
        let tail = tokenLength + 1 + suffix.utf8.count
        guard bytes.first == UInt8(ascii: "."), bytes.count > tail + 1,
            bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        else { return false }
        let token = bytes.suffix(tail).dropLast(suffix.utf8.count)
        return token.first == UInt8(ascii: ".")
            && token.dropFirst().allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
