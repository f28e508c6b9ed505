import Foundation

extension StateDirectory {
    /// The directories in it: one for unfinished transfers, one for the records of folder transfers.
    static let (transfers, records) = ("transfers", "records")

    /// Opens a directory of the state.
    ///
    /// - Parameter creating: Whether it is created when it does not exist.
    /// - Returns: Nothing when no state is to be kept, or none can be.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` when the user named a directory that cannot be used.
    func open(_ name: String, creating: Bool = true) throws(OSSError) -> SafeDirectory? {
        do throws(FileError) {
            guard let path else { return nil }
            return try Self.directory("\(path)/\(name)", creating: creating)
        } catch {
            if case .path = self, !error.isShortage { throw refusal(error) }
            return nil
        }
    }

    /// Finds out, before a run begins, whether state can be kept. Nothing is created.
    ///
    /// - Parameter writing: Whether the run writes state, or only reads it.
    /// - Returns: A warning when it cannot, and the run goes on without.
    /// - Throws: As ``open(_:creating:)``.
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
                "the state directory '\(path)' cannot be used, so an interrupted transfer starts over and the next run has "
                + "more to compare: \(error); name another state directory"
        }
    }

    /// Checks a directory, or the first one above it that is there: in that it is created.
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
            "the state directory '\(path ?? "")' cannot be used: \(error); name another, or leave it out to use the default",
            underlying: error)
    }
}

extension FileError {
    /// Whether something was short for the moment, which says nothing of the directory itself.
    fileprivate var isShortage: Bool {
        [EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN, ENOSPC, EDQUOT, EIO].contains(code)
    }
}
