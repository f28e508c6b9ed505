import Foundation

/// The local folder of a transfer.
struct LocalFolder: Sendable {
    let path: String

    /// Creates a reference to the folder at a path. The folder need not exist.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the path is empty.
    init(_ path: String) throws(OSSError) {
        guard !path.isEmpty else {
            throw OSSError(
                .invalidArgument, "the path of the local folder must not be empty; use '.' for the current directory")
        }
        self.path = path
    }

    /// Opens the folder for reading and checks that it can be listed.
    func openSource() throws(OSSError) -> SafeDirectory {
        do throws(FileError) {
            let root = try SafeDirectory(path)
            _ = try DirectoryWalker(root, links: .skip)
            return root
        } catch {
            throw OSSError(folder: error)
        }
    }

    /// Opens the destination folder, or returns `nil` if it does not exist. Throws an error, before the first request,
    /// if the path names another kind of file.
    func openTarget() throws(OSSError) -> SafeDirectory? {
        do throws(FileError) {
            return try SafeDirectory(path)
        } catch {
            if error.isMissing { return nil }
            throw OSSError(folder: error)
        }
    }

    /// Returns the given paths that are inside the folder, as paths relative to the folder.
    func pathsBelow(_ paths: [String]) -> Set<RelativePath> {
        let root = Self.resolved(path) + "/"
        return Set(
            paths.compactMap { other in
                let other = Self.resolved(other)
                // Paths are compared as bytes, because `String` treats the two Unicode spellings of `é` as equal.
                guard other.utf8.starts(with: root.utf8) else { return nil }
                return try? RelativePath(other.utf8.dropFirst(root.utf8.count))
            })
    }

    /// The folder's absolute path. Symbolic links are resolved in the part of the path that exists.
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
