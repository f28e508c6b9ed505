import Foundation
import OSSPrimitives
import Synchronization

/// Temporary locations for downloads whose final paths are blocked by files or folders that will be deleted. The last
/// step moves the downloads to their final paths.
final class Replacements: Sendable {
    private struct State {
        var begun: [RelativePath: NameReplacement] = [:]
        /// Paths at which the downloads have been moved into place.
        var done: Set<RelativePath> = []
    }

    private let state = Mutex(State())

    /// Maximum number of locks to hold. Each lock uses a file descriptor. Without a lock, another process may mistake a
    /// temporary location for one that was left behind and remove it. The last step then fails, but no file is lost.
    private static let maximumLocks = 64

    /// Returns the temporary path of a file whose final path is blocked.
    func successorPath(
        of path: RelativePath, replacing blocker: RelativePath, in root: SafeDirectory
    ) throws(FileError) -> RelativePath {
        let result: Result<Void, FileError> = state.withLock { state in
            guard state.begun[blocker] == nil else { return .success(()) }
            do throws(FileError) {
                var names = blocker.components
                let name = names.removeLast()
                state.begun[blocker] = try NameReplacement(
                    of: name, in: root.directory(at: names), token: Self.token(of: blocker),
                    holdingLock: state.begun.count < Self.maximumLocks)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        return NameReplacement.successorPath(of: path, replacing: blocker, token: Self.token(of: blocker))
    }

    /// Moves completed downloads into place, replacing the file or folder at the given path.
    func install(_ blocker: RelativePath, movingAside: Bool) throws(FileError) {
        guard let replacement = state.withLock({ $0.begun[blocker] }) else { return }
        try replacement.install(movingAside: movingAside)
        state.withLock { _ = $0.done.insert(blocker) }
    }

    /// Returns the current path of a file that was moved aside and the path of its blocker, or `nil` if the file was
    /// not moved. The blocker is the file itself or the parent folder with which it was moved.
    func movedAside(_ path: RelativePath) -> (blocker: RelativePath, place: RelativePath)? {
        let blocker = state.withLock { state in state.done.isEmpty ? nil : path.top(in: state.done) }
        return blocker.map {
            ($0, NameReplacement.predecessorPath(of: path, replacing: $0, token: Self.token(of: $0)))
        }
    }

    /// Removes the downloads that have not been moved into place.
    func discard() {
        let begun = state.withLock { state in
            defer { state = State() }
            return state.begun
        }
        for (_, replacement) in begun.sorted(by: { $0.key < $1.key }) { replacement.discard() }
    }

    /// Returns the token used in temporary names for the given path. The token is the same in every run, so that
    /// journals of large files are found again and do not accumulate.
    private static func token(of blocker: RelativePath) -> UInt64 { CRC64.checksum(blocker.bytes) }
}

extension RelativePath {
    /// Returns the shortest path in a set that is this path or one of its ancestors, or `nil` if there is none.
    func top(in paths: Set<RelativePath>) -> RelativePath? {
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "/") } + [bytes.endIndex]
        return ends.lazy.compactMap { try? RelativePath(self.bytes[..<$0]) }.first { paths.contains($0) }
    }
}

/// A decision about whether to replace a file or folder that will be deleted.
enum ReplacementVerdict: Hashable, Sendable {
    /// Move the existing file or folder aside before installing the replacement.
    case moveAside
    /// Install the replacement immediately, because nothing exists at the path.
    case install
    /// Keep the existing file or folder, for the given reason.
    case keep(String)

    /// The kind of file at a path.
    enum Standing: Hashable, Sendable {
        case nothing
        case file
        /// A folder. `files` is the number of regular files that it contains at any depth, and `other` is the path of
        /// an entry that is neither a regular file nor a folder, or `nil` if there is no such entry.
        case folder(files: Int, other: RelativePath?)
        /// A symbolic link, FIFO, socket or device.
        case other
    }

    /// Decides whether to replace the file or folder at a path.
    ///
    /// - Parameters:
    ///   - planned: Number of files to delete at the path and below it.
    ///   - unchanged: Number of these files that have not changed since their deletion was planned.
    static func decide(_ standing: Standing, planned: Int, unchanged: Int) -> ReplacementVerdict {
        switch standing {
        case .nothing: return .install
        case .file where planned == 1 && unchanged == 1: return .moveAside
        // Equal numbers mean equal sets: each planned file was found under its own name.
        case .folder(let files, nil) where planned == files && unchanged == files: return .moveAside
        case .folder(_, let other?): return .keep("it contains '\(other)', which is not part of the transfer")
        case .file, .folder, .other: return .keep("it changed during the transfer")
        }
    }
}
