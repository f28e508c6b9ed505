import Foundation

extension AtomicFile {
    /// The attributes of a finished file, and the policy for handling an existing file.
    struct Placement: Sendable {
        /// Modification time; `nil` for the time of the last write.
        var modified: FileStatus.Time?
        /// Permission bits; `nil` for those of the replaced file, or 0666 with the umask applied.
        var permissions: UInt32?
        var replacing = Replacing.anything
    }

    /// Flushes the content to stable storage, and renames the temporary file to the target's name.
    ///
    /// ``FileBatch`` performs the same steps for many files.
    ///
    /// - Parameters:
    ///   - modified: Modification time. Default: that of the last write.
    ///   - permissions: Permission bits. Default: those of the replaced file, or 0666 with the umask applied.
    ///   - replacing: Policy for handling an existing file. Default: replace it.
    /// - Returns: The path of the file.
    @discardableResult
    func commit(
        modified: FileStatus.Time? = nil, permissions: UInt32? = nil, replacing: Replacing = .anything
    ) throws(FileError) -> String {
        do throws(FileError) {
            try prepare(Placement(modified: modified, permissions: permissions, replacing: replacing))
            try file.synchronize()
            let path = try install(replacing)
            try directory.synchronize()
            return path
        } catch {
            discard()
            throw error
        }
    }

    /// Checks the target and sets the final attributes of the temporary file.
    func prepare(_ placement: Placement) throws(FileError) {
        let kept = try Self.checkTarget(name, in: directory)
            .flatMap { $0.kind == .regular ? $0.permissions & 0o777 : nil }
        let permissions = placement.permissions ?? kept ?? 0o666 & ~Self.processMask
        try tolerating { () throws(FileError) in try file.setPermissions(permissions) }
        if let modified = placement.modified {
            try tolerating { () throws(FileError) in try file.setModified(modified) }
        }
    }

    /// Renames the synced temporary file to the target's name. The caller must then sync ``directory``.
    ///
    /// The target is checked here, as late as possible, because writing to stable storage can take a long time.
    ///
    /// - Returns: The path of the file.
    func install(_ replacing: Replacing) throws(FileError) -> String {
        let current = try Self.checkTarget(name, in: directory)
        let path: String
        switch replacing {
        case .nothing where current != nil:
            path = try installAtFreeName()
        case .never:
            // A plain rename would replace a file that appears at this moment.
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
        finish()
        return path
    }

    /// Keeps the existing file if it has the same content as the temporary file; otherwise, throws `EEXIST`. A
    /// concurrent transfer of the same object may have been faster.
    private func yield(to current: FileStatus?) throws(FileError) -> String {
        guard let current, try hasContent(of: current) else {
            throw FileError("replace", directory.path(of: name), code: EEXIST)
        }
        try directory.unlink(temporaryName)
        return directory.path(of: name)
    }

    /// Renames the temporary file to the first free name.
    private func installAtFreeName() throws(FileError) -> String {
        for number in 1...10_000 {
            let candidate = name.numbered(number)
            if try directory.moveIfFree(temporaryName, to: candidate) { return directory.path(of: candidate) }
        }
        throw FileError("find a free name for", directory.path(of: name), code: EEXIST)
    }

    /// Runs an operation, ignoring errors from file systems that do not support permissions or times.
    private func tolerating(_ body: () throws(FileError) -> Void) throws(FileError) {
        do {
            try body()
        } catch  where [EPERM, EACCES, ENOTSUP, EOPNOTSUPP, EINVAL, ENOSYS].contains(error.code) {
            return
        }
    }

    /// Returns whether the existing file has the same bytes as the temporary file.
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

    private static let processMask = FileCreationMask.current
}
