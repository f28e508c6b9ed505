/// An action of a transfer that was planned and not yet done: the element of a ``TransferPlan``.
public struct TransferAction: Sendable {
    /// A kind of action.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Upload a file.
        case upload
        /// Download an object.
        case download
        /// Copy an object within the service.
        case copy
        /// Create a folder: in a bucket, an empty object with `/` at the end of its key.
        case makeFolder
        /// Delete a file, folder or object, after all transfers.
        case delete
        /// Skip the file.
        case leave
        /// Report a failure; see ``TransferAction/error``.
        case fail
    }

    /// The work of an action. Each direction has a type of its own, so that a worker handles all of it and nothing else.
    enum Work: Sendable {
        case upload(UploadWork)
        case download(DownloadWork)
        case copy(CopyWork)
        case delete(Deletion)
        case leave
        case fail(OSSError)
    }

    enum UploadWork: Sendable {
        case file(RelativePath, ObjectKey)
        case folder(ObjectKey)
        /// Copies the object of a renamed file, if the file is still unchanged.
        case renamed(RenamedFile, to: ObjectKey)
    }

    enum DownloadWork: Sendable {
        /// Downloads an object to the file at a path, in place of a file that the plan saw or of none.
        case file(RemoteEntry, RelativePath, replacing: FileStatus?)
        /// Creates the folder at a path; without a path, the root.
        case folder(RelativePath?)
    }

    struct CopyWork: Sendable {
        var source: RemoteEntry
        var key: ObjectKey
    }

    enum Deletion: Sendable {
        case object(ObjectKey)
        /// Deletes a file if it is unchanged, and then its empty parent folders except a number of them counted from
        /// the root.
        case file(RelativePath, FileStatus, keptFolders: Int)
        case folder(RelativePath, keptFolders: Int)
    }

    var work: Work
    /// Reason for the action.
    public internal(set) var reason: TransferReason
    /// Key of the object that is written, read or deleted, if there is one.
    public internal(set) var key: ObjectKey?
    /// Path relative to the local folder, or of a copy relative to the prefix. Bytes that are not UTF-8 are shown as
    /// `�`.
    public internal(set) var path: String
    /// Size of the file in bytes, if known.
    public internal(set) var size: Int64 = 0
    /// The file or folder at the path or above it that is to be deleted and blocks the action. The action first writes
    /// to a temporary place next to it.
    var blocker: RelativePath?

    /// Kind of the action.
    public var kind: Kind {
        switch work {
        case .upload(.file): .upload
        case .download(.file): .download
        case .copy, .upload(.renamed): .copy
        case .upload(.folder), .download(.folder): .makeFolder
        case .delete: .delete
        case .leave: .leave
        case .fail: .fail
        }
    }

    /// The error, if ``kind`` is ``Kind/fail``.
    public var error: OSSError? {
        if case .fail(let error) = work { error } else { nil }
    }

    /// Returns the deletion of an object that the source does not have.
    static func deletion(of object: RemoteEntry, _ mapping: KeyPathMapping) -> TransferAction {
        TransferAction(
            work: .delete(.object(object.key)), reason: .notInSource, key: object.key,
            path: mapping.text(below: object.key), size: object.size)
    }

    /// Returns a failure for a file that could not be read or has no key.
    static func unusable(
        _ path: RelativePath, _ error: OSSError, _ reason: TransferReason = .unusable
    ) -> TransferAction {
        TransferAction(work: .fail(error), reason: reason, key: error.key, path: path.description)
    }

    /// Returns the action with its work removed, for a file that is not transferred.
    func leaving(_ reason: TransferReason) -> TransferAction {
        var action = self
        action.work = .leave
        action.reason = reason
        return action
    }

    /// Returns the action as a failure.
    func failing(_ error: OSSError, _ reason: TransferReason? = nil) -> TransferAction {
        var action = self
        action.work = .fail(error)
        if let reason { action.reason = reason }
        return action
    }
}

extension TransferAction: CustomStringConvertible {
    /// The kind, path and reason on one line: `upload css/site.css (changedContent)`.
    public var description: String {
        "\(kind.rawValue) \(path.isEmpty ? "." : path) (\(reason))" + (error.map { ": \($0)" } ?? "")
    }
}

/// A planned action that may depend on a comparison.
struct PlannedStep: Sendable {
    var action: TransferAction
    /// The comparison that decides first. If the contents are equal, the action is not done.
    var question: PendingComparison?

    init(_ action: TransferAction, unlessEqual question: PendingComparison? = nil) {
        self.action = action
        self.question = question
    }
}

/// A pending comparison of contents.
enum PendingComparison: Sendable {
    /// A file and an object.
    case file(RelativePath, FileStatus, RemoteEntry)
    /// An object of the source and an object of the destination.
    case objects(RemoteEntry, RemoteEntry)
    /// A file and objects of equal size, one of which may be the file before it was renamed.
    case renamed(RelativePath, FileStatus, [RemoteEntry])
}

/// A file with the content of an object that no longer has a file of its name.
struct RenamedFile: Hashable, Sendable {
    /// Key of the object.
    var source: ObjectKey
    /// ETag of the compared object without quotes. If the object has another ETag, it is not copied.
    var eTag: String
    /// Path of the file, and its status when it was compared.
    var path: RelativePath
    var status: FileStatus
    /// CRC-64 of the content.
    var checksum: UInt64
}
