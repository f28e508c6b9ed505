import Foundation

extension StateDirectory {
    /// The names of the subdirectories for unfinished transfers and for the records of folder transfers.
    static let (transfers, records) = ("transfers", "records")

    /// Opens a subdirectory of the state directory.
    ///
    /// - Parameter creating: Whether to create the subdirectory if it does not exist.
    /// - Returns: The subdirectory, or `nil` if state is not to be stored or cannot be stored.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` if the user named a directory that cannot be used.
    func open(_ name: String, creating: Bool = true) throws(OSSError) -> SafeDirectory? {
        do throws(FileError) {
            guard let path else { return nil }
            return try Self.directory("\(path)/\(name)", creating: creating)
        } catch {
            if case .path = self, !error.isShortage { throw refusal(error) }
            return nil
        }
    }

    /// Checks, without creating any files or directories, whether state can be stored.
    ///
    /// - Parameter writing: Whether the transfer writes state, or only reads it.
    /// - Returns: A warning if state cannot be stored and the transfer continues without it; otherwise, `nil`.
    /// - Throws: The same errors as ``open(_:creating:)``.
    func warning(writing: Bool) throws(OSSError) -> String? {
        guard let path else { return nil }
        do throws(FileError) {
            for path in [path] + [Self.transfers, Self.records].map({ "\(path)/\($0)" }) {
                try Self.check(absolutePath(path), writing: writing)
            }
            return nil
        } catch {
            if case .path = self, !error.isShortage { throw refusal(error) }
            return
                "cannot use the state directory '\(path)', so an interrupted transfer would start over and the next run "
                + "would compare more files: \(error); choose another state directory"
        }
    }

    /// Checks that a directory can be used or, if it does not exist, that it can be created in its closest existing
    /// parent.
    private static func check(_ path: String, writing: Bool) throws(FileError) {
        do throws(FileError) {
            let directory = try SafeDirectory(path)
            guard !writing || directory.isWritable else { throw FileError("write to the directory", path, code: errno) }
        } catch {
            guard error.isMissing, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), path != "/" else {
                throw error
            }
            try check(slash == path.startIndex ? "/" : String(path[..<slash]), writing: writing)
        }
    }

    private static func directory(_ path: String, creating: Bool) throws(FileError) -> SafeDirectory? {
        do throws(FileError) {
            let directory = try creating ? SafeDirectory.creating(path, permissions: 0o700) : SafeDirectory(path)
            guard !creating || directory.isWritable else {
                throw FileError("write to the directory", path, code: errno)
            }
            return directory
        } catch {
            if !creating, error.isMissing { return nil }
            throw error
        }
    }

    private func refusal(_ error: FileError) -> OSSError {
        OSSError(
            .fileSystem,
            "cannot use the state directory '\(path ?? "")': \(error); choose another one, or omit it to use the default",
            underlying: error)
    }
}

extension FileError {
    /// Whether the error was caused by a temporary shortage of resources rather than by the directory itself.
    fileprivate var isShortage: Bool {
        [EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN, ENOSPC, EDQUOT, EIO].contains(code)
    }
}
