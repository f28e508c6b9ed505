import Foundation
import OSSPrimitives
import Synchronization

/// Makes what an object needs a name for beside the file or folder that has the name and is to be deleted, and puts it in its place
/// in the last step.
final class Replacements: Sendable {
    private struct State {
        var begun: [RelativePath: NameReplacement] = [:]
        /// Names whose successors are in their place.
        var done: Set<RelativePath> = []
    }

    private let state = Mutex(State())

    /// The number that is protected from other processes. Each costs a descriptor. What another process takes for left behind, and
    /// removes, is missing in the last step: that is a failure, and no file is lost.
    private static let maximumLocks = 64

    /// Where something is made that is to be at a path.
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

    /// Puts what was made in the place of what stands at the name.
    func install(_ blocker: RelativePath, movingAside: Bool) throws(FileError) {
        guard let replacement = state.withLock({ $0.begun[blocker] }) else { return }
        try replacement.install(movingAside: movingAside)
        state.withLock { _ = $0.done.insert(blocker) }
    }

    /// The name that was replaced, if something at a path was moved aside with it, and where that is.
    func movedAside(_ path: RelativePath) -> (blocker: RelativePath, place: RelativePath)? {
        let blocker = state.withLock { state in state.done.isEmpty ? nil : path.top(in: state.done) }
        return blocker.map {
            ($0, NameReplacement.predecessorPath(of: path, replacing: $0, token: Self.token(of: $0)))
        }
    }

    /// Removes what was made and is not in its place.
    func discard() {
        let begun = state.withLock { state in
            defer { state = State() }
            return state.begun
        }
        for (_, replacement) in begun.sorted(by: { $0.key < $1.key }) { replacement.discard() }
    }

    /// The same in every run, so that journals of large files are found again and do not pile up.
    private static func token(of blocker: RelativePath) -> UInt64 { CRC64.checksum(blocker.bytes) }
}

extension RelativePath {
    /// Which of some paths is this one or has it below it.
    func top(in paths: Set<RelativePath>) -> RelativePath? {
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "/") } + [bytes.endIndex]
        return ends.lazy.compactMap { try? RelativePath(self.bytes[..<$0]) }.first { paths.contains($0) }
    }
}

/// Whether an object may take the place of what stands at its name and is to be deleted. Pure.
enum ReplacementVerdict: Hashable, Sendable {
    /// Move the existing file or directory aside first.
    case moveAside
    /// Nothing stands there any more.
    case install
    /// Keep the existing file or directory, for this reason.
    case keep(String)

    /// The kind of file at the name.
    enum Standing: Hashable, Sendable {
        case nothing
        case file
        /// A folder, with so many regular files in it at any depth, and perhaps with something else.
        case folder(files: Int, other: RelativePath?)
        /// A link, FIFO, socket or device.
        case other
    }

    /// - Parameters:
    ///   - planned: How many files at the name and below it are to be deleted.
    ///   - unchanged: How many of them are still what the decision was made about.
    static func decide(_ standing: Standing, planned: Int, unchanged: Int) -> ReplacementVerdict {
        switch standing {
        case .nothing: return .install
        case .file where planned == 1 && unchanged == 1: return .moveAside
        // Equal numbers are equal sets: each of those planned was found, under a name of its own.
        case .folder(let files, nil) where planned == files && unchanged == files: return .moveAside
        case .folder(_, let other?): return .keep("'\(other)' in it has no part in the transfer")
        case .file, .folder, .other: return .keep("it changed while the transfer was running")
        }
    }
}
