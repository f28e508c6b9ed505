import Foundation
import OSSPrimitives
import Synchronization

/// The temporary places of downloads whose names are blocked by files or folders to delete. The downloads are moved to
/// their names in the last step.
final class Replacements: Sendable {
    private struct State {
        var begun: [RelativePath: NameReplacement] = [:]
        /// Names whose replacements are installed.
        var done: Set<RelativePath> = []
    }

    private let state = Mutex(State())

    /// Maximum number of locks. Each takes a file descriptor. Without a lock, another process may remove a temporary
    /// place as left behind. The last step then fails and no file is lost.
    private static let maximumLocks = 64

    /// Returns the temporary path for a file that will have a blocked path.
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

    /// Replaces the file or folder at a name with the downloads.
    func install(_ blocker: RelativePath, movingAside: Bool) throws(FileError) {
        guard let replacement = state.withLock({ $0.begun[blocker] }) else { return }
        try replacement.install(movingAside: movingAside)
        state.withLock { _ = $0.done.insert(blocker) }
    }

    /// Returns the replaced name and the current path of a file that was moved aside with it, if it was.
    func movedAside(_ path: RelativePath) -> (blocker: RelativePath, place: RelativePath)? {
        let blocker = state.withLock { state in state.done.isEmpty ? nil : path.top(in: state.done) }
        return blocker.map {
            ($0, NameReplacement.predecessorPath(of: path, replacing: $0, token: Self.token(of: $0)))
        }
    }

    /// Removes downloads that were not installed.
    func discard() {
        let begun = state.withLock { state in
            defer { state = State() }
            return state.begun
        }
        for (_, replacement) in begun.sorted(by: { $0.key < $1.key }) { replacement.discard() }
    }

    /// The token is the same in every run, so that journals of large files are found again and do not accumulate.
    private static func token(of blocker: RelativePath) -> UInt64 { CRC64.checksum(blocker.bytes) }
}

extension RelativePath {
    /// Returns the path out of a set that is equal to this one or an ancestor of it.
    func top(in paths: Set<RelativePath>) -> RelativePath? {
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "/") } + [bytes.endIndex]
        return ends.lazy.compactMap { try? RelativePath(self.bytes[..<$0]) }.first { paths.contains($0) }
    }
}

/// A decision about replacing a file or folder that is to be deleted.
enum ReplacementVerdict: Hashable, Sendable {
    /// Move the existing file or directory aside first.
    case moveAside
    /// Install the replacement, because the name is free.
    case install
    /// Keep the existing file or folder, for a reason.
    case keep(String)

    /// The kind of file at a name.
    enum Standing: Hashable, Sendable {
        case nothing
        case file
        /// A folder with a number of regular files at any depth, and possibly the path of something else.
        case folder(files: Int, other: RelativePath?)
        /// A link, FIFO, socket or device.
        case other
    }

    /// - Parameters:
    ///   - planned: Number of files at the name and below it to delete.
    ///   - unchanged: Number of these files that did not change since the plan.
    static func decide(_ standing: Standing, planned: Int, unchanged: Int) -> ReplacementVerdict {
        switch standing {
        case .nothing: return .install
        case .file where planned == 1 && unchanged == 1: return .moveAside
        // Equal numbers mean equal sets: each planned file was found under its own name.
        case .folder(let files, nil) where planned == files && unchanged == files: return .moveAside
        case .folder(_, let other?): return .keep("'\(other)' in it is not part of the transfer")
        case .file, .folder, .other: return .keep("it changed during the transfer")
        }
    }
}
