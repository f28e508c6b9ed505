import Foundation
import Synchronization

/// A file that appears under its name whole, or not at all.
///
/// It is written under a temporary name beside its target and renamed over it by ``commit(modified:permissions:)``.
/// Until then, what stood there stays as it is. Without a commit the temporary file is removed, at the latest when this
/// object is released, unless ``keep()`` says otherwise. A process that is killed leaves it behind; its name tells what it
/// is, and no upload takes it.
///
/// With an identity the temporary name is always the same, so that the next attempt finds what a killed one left: to go on
/// with it, or at least in order to replace it. It is locked while it is written; whoever finds it locked takes another.
final class AtomicFile: Sendable {
    /// What to do with the file that stands under the name.
    enum Replacing: Sendable {
        /// Replace it, whatever became of it in the meantime.
        case anything
        /// Replace it only if it is what it was when this object was made, or has the same content already; else fail with
        /// `EEXIST`.
        case unchanged
        /// The same for what somebody saw before; nothing, when there was nothing.
        case only(FileStatus?)
        /// Fail with `EEXIST` when there is one.
        case never
        /// Leave it, and take the first free name: `a (1).txt`.
        case nothing
    }

    /// The file to write to.
    let file: OpenFile
    /// Whether it may have content that an earlier attempt left.
    let isReused: Bool
    /// Whether the next attempt of the same identity finds what this one leaves.
    let canBeFoundAgain: Bool
    /// What stood under the name when this object was made.
    let previous: FileStatus?

    /// The path it is to have.
    var path: String { directory.path(of: name) }

    private let directory: SafeDirectory
    private let name: FileName
    private let temporaryName: FileName
    private let isPending = Mutex(true)

    /// Creates the temporary file, or takes over the one that an earlier attempt left.
    ///
    /// - Parameter identity: What the content is, for example a hash of where it comes from. Without one, the temporary
    ///   file is always a new one.
    /// - Throws: ``FileError``; with `EISDIR` when there is a folder of that name, and with `EEXIST` when there is a
    ///   FIFO, socket or device.
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
                canBeFoundAgain = true
                return
            }
        }
        temporaryName = Self.temporaryName(for: name, token: .random(in: .min ... .max))
        // Nobody else may read it before it has the permissions it is to have.
        file = try directory.createFile(temporaryName, permissions: 0o600)
        isReused = false
        canBeFoundAgain = false
        // Whether or not there are locks here: nobody else knows the name.
        _ = try? file.lock()
    }

    /// Creates the temporary file for a path. The folder it lies in must exist.
    convenience init(replacing path: String, identity: UInt64? = nil) throws(FileError) {
        let bytes = path.utf8
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes.index(after: $0) } ?? bytes.startIndex
        guard let name = FileName(bytes[start...]) else { throw FileError("write a file to", path, code: EISDIR) }
        let folder = String(path[..<start])
        try self.init(replacing: name, in: SafeDirectory(folder.isEmpty ? "." : folder), identity: identity)
    }

    /// Opens the file of a name that several attempts share, and locks it. Returns nil when somebody else has it, and where
    /// there are no locks.
    private static func lockedFile(_ name: FileName, in directory: SafeDirectory) throws(FileError) -> OpenFile? {
        var opened = try directory.openPrivateFile(name)
        if opened == nil, directory.reclaim(name) { opened = try directory.openPrivateFile(name) }
        guard let (file, isNew) = opened else { return nil }
        do {
            switch try file.lock() {
            case .acquired:
                let status = try file.status()
                if try directory.status(of: name, links: .skip).isSameFile(as: status) { return file }
                // Another process had the lock first and has finished: the file that has the name now is not ours.
                return nil
            case .heldElsewhere:
                // Another process locked the file before the one that created it could. Without its name, that
                // process's commit would fail with ENOENT.
                return nil
            case .unavailable:
                // Where there are no locks, nobody holds it.
                if isNew { try? directory.unlink(name) }
                return nil
            }
        } catch  where error.isMissing {
            // As above; its name is free again.
            return nil
        } catch {
            if isNew { try? directory.unlink(name) }
            throw error
        }
    }

    deinit {
        discard()
    }

    /// Another file for the same name, empty.
    func sibling() throws(FileError) -> AtomicFile {
        try AtomicFile(replacing: name, in: directory)
    }

    /// Brings the content to stable storage and the file under its name.
    ///
    /// - Parameters:
    ///   - modified: The time of the last change it is to show. Default: now.
    ///   - permissions: Its permission bits. Default: those of the file it replaces, or what the umask leaves of 0666.
    ///   - replacing: What to do with the file that stands there. Default: replace it.
    /// - Returns: The path it has now.
    @discardableResult
    func commit(
        modified: FileStatus.Time? = nil, permissions: UInt32? = nil, replacing: Replacing = .anything
    ) throws(FileError) -> String {
        do {
            return try install(modified: modified, permissions: permissions, replacing)
        } catch {
            discard()
            throw error
        }
    }

    private func install(
        modified: FileStatus.Time?, permissions: UInt32?, _ replacing: Replacing
    ) throws(FileError) -> String {
        let kept = try Self.checkTarget(name, in: directory)
            .flatMap { $0.kind == .regular ? $0.permissions & 0o777 : nil }
        let final = permissions ?? kept ?? 0o666 & ~Self.processMask
        try tolerating { () throws(FileError) in try file.setPermissions(final) }
        if let modified { try tolerating { () throws(FileError) in try file.setModified(modified) } }
        try file.synchronize()
        // As late as can be: a disk may take its time to bring everything to stable storage.
        let current = try Self.checkTarget(name, in: directory)
        let path: String
        switch replacing {
        case .nothing where current != nil:
            path = try installBeside()
        case .never:
            // Not by the usual renaming, which would replace a file that appears at this moment.
            guard try directory.moveIfFree(temporaryName, to: name) else {
                throw FileError("write a file to", directory.path(of: name), code: EEXIST)
            }
            path = directory.path(of: name)
        case .unchanged where !Self.isUnchanged(previous, current):
            path = try yield(to: current)
        case .only(let expected) where !Self.isUnchanged(expected, current):
            path = try yield(to: current)
        case .anything, .unchanged, .only, .nothing:
            try directory.rename(temporaryName, to: name)
            path = directory.path(of: name)
        }
        isPending.withLock { $0 = false }
        try directory.synchronize()
        return path
    }

    /// Leaves the name to another file, if that has the same content: another transfer of the same may have been faster.
    private func yield(to current: FileStatus?) throws(FileError) -> String {
        guard let current, try hasContent(of: current) else {
            throw FileError("replace", directory.path(of: name), code: EEXIST)
        }
        try directory.unlink(temporaryName)
        return directory.path(of: name)
    }

    /// What stands under the names `a (1).txt`, `a (2).txt` … up to the first that is free.
    var standingBeside: [(path: String, status: FileStatus)] {
        var standing: [(String, FileStatus)] = []
        for number in 1...10_000 {
            let candidate = name.numbered(number)
            guard let status = try? directory.status(of: candidate, links: .skip) else { break }
            standing.append((directory.path(of: candidate), status))
        }
        return standing
    }

    /// Takes the first name that is free.
    private func installBeside() throws(FileError) -> String {
        for number in 1...10_000 {
            let candidate = name.numbered(number)
            if try directory.moveIfFree(temporaryName, to: candidate) { return directory.path(of: candidate) }
        }
        throw FileError("find a free name for", directory.path(of: name), code: EEXIST)
    }

    /// Lets a file system that has no permissions or times refuse them: the content is what counts.
    private func tolerating(_ body: () throws(FileError) -> Void) throws(FileError) {
        do {
            try body()
        } catch  where [EPERM, EACCES, ENOTSUP, EOPNOTSUPP, EINVAL, ENOSYS].contains(error.code) {
            return
        }
    }

    /// Whether the file that stands under the name has the same bytes as this one.
    private func hasContent(of current: FileStatus) throws(FileError) -> Bool {
        guard current.kind == .regular, try file.status().size == current.size else { return false }
        let other = try directory.openFile(at: .path(of: name.bytes, in: nil))
        return try file.hasSameBytes(as: other)
    }

    private static func isUnchanged(_ before: FileStatus?, _ now: FileStatus?) -> Bool {
        switch (before, now) {
        case (nil, nil): true
        case (let before?, let now?): !now.hasChanged(from: before)
        default: false
        }
    }

    /// Removes the temporary file. After a commit, and the second time, it does nothing.
    func discard() {
        isPending.withLock { isPending in
            guard isPending else { return }
            isPending = false
            try? directory.unlink(temporaryName)
        }
    }

    /// Leaves the temporary file where it is, for an attempt that goes on with it.
    func keep() {
        isPending.withLock { $0 = false }
        file.unlock()
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
    private static let tokenLength = 16

    /// `.NAME.0123456789abcdef.oss-partial`, where NAME is cut so that the whole fits where names are short (143 bytes
    /// on an encrypted home), and not inside a character.
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

    /// Removes a temporary file that no living process holds.
    static func removeAbandoned(_ name: FileName, in directory: SafeDirectory) {
        guard isTemporary(name), (try? directory.status(of: name, links: .skip))?.kind == .regular,
            let file = try? lockedFile(name, in: directory)
        else { return }
        // Under the lock: nobody can take it over at this moment.
        withExtendedLifetime(file) { try? directory.unlink(name) }
    }

    /// Whether a name is one that ``temporaryName(for:token:)`` makes.
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
