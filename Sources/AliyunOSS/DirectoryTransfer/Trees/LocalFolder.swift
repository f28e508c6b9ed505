import Foundation

/// The local side of a transfer: a folder, and what in it belongs to the transfer itself.
struct LocalFolder: Sendable {
    let path: String

    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` for an empty path.
    init(_ path: String) throws(OSSError) {
        guard !path.isEmpty else {
            throw OSSError(.invalidArgument, "the local folder must not be empty; '.' is the current one")
        }
        self.path = path
    }

    /// Opens the folder that is to be read, once, and makes sure that it can be.
    func openSource() throws(OSSError) -> SafeDirectory {
        do throws(FileError) {
            let root = try SafeDirectory(path)
            _ = try DirectoryWalker(root, links: .skip)
            return root
        } catch {
            throw OSSError(folder: error)
        }
    }

    /// Opens a target, or finds that there is none yet. One that is no folder is refused before anything is asked of the
    /// service.
    func openTarget() throws(OSSError) -> SafeDirectory? {
        do throws(FileError) {
            return try SafeDirectory(path)
        } catch {
            if error.isMissing { return nil }
            throw OSSError(folder: error)
        }
    }

    /// Which of some paths lie in the folder, as paths below it.
    func pathsBelow(_ paths: [String]) -> Set<RelativePath> {
        let root = Self.resolved(path) + "/"
        return Set(
            paths.compactMap { other in
                let other = Self.resolved(other)
                // As bytes: `String` takes the two spellings of `é` for one.
                guard other.utf8.starts(with: root.utf8) else { return nil }
                return try? RelativePath(other.utf8.dropFirst(root.utf8.count))
            })
    }

    /// The path by which the folder is found again: absolute, and without links as far as it exists.
    var identity: String { Self.resolved(path) }

    static func resolved(_ path: String) -> String {
        var existing = absolutePath(path)
        var missing: [String] = []
        while true {
            if let resolved = realpath(existing, nil) {
                defer { free(resolved) }
                let base = String(cString: resolved)
                return ([base == "/" ? "" : base] + missing.reversed()).joined(separator: "/")
            }
            var parts = existing.split(separator: "/", omittingEmptySubsequences: true)
            guard let last = parts.popLast() else { return existing }
            missing.append(String(last))
            existing = "/" + parts.joined(separator: "/")
        }
    }
}
