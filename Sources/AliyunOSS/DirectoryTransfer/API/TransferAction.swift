/// One thing that a transfer does, decided and not yet done: the element of a ``TransferPlan``.
public struct TransferAction: Sendable {
    /// What is done.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A file is sent.
        case upload
        /// An object is fetched.
        case download
        /// The service copies an object.
        case copy
        /// A folder is made: in a bucket an empty object with `/` at the end of its key.
        case makeFolder
        /// A file, folder or object is deleted, after all transfers.
        case delete
        /// Nothing, on purpose.
        case leave
        /// Nothing, because it cannot be done; see ``TransferAction/error``.
        case fail
    }

    /// The same with what it takes.
    enum Work: Sendable {
        case upload(RelativePath, ObjectKey)
        case uploadFolder(ObjectKey)
        /// Fetches the key into the file at the path, where there was this file, or none.
        case download(RemoteEntry, RelativePath, replacing: FileStatus?)
        /// Makes the folder at the path; without one, the root.
        case makeFolder(RelativePath?)
        case copy(RemoteEntry, to: ObjectKey)
        /// Copies an object that has the content of the file at the path, if it is still this file.
        case copyRenamed(RenamedFile, to: ObjectKey)
        case deleteObject(ObjectKey)
        /// Deletes the file if it is still this one, and the folders that have nothing in them then, but for so many from
        /// the root down.
        case deleteFile(RelativePath, FileStatus, keptFolders: Int)
        case deleteFolder(RelativePath, keptFolders: Int)
        case leave
        case fail(OSSError)
    }

    var work: Work
    /// Why.
    public internal(set) var reason: TransferReason
    /// The key of the object that is written, read or deleted, when there is one.
    public internal(set) var key: ObjectKey?
    /// The path below the local folder; of a copy, the path below the prefix. Bytes that are not UTF-8 show as `�`.
    public internal(set) var path: String
    /// The bytes of the file, as far as known.
    public internal(set) var size: Int64 = 0
    /// The file or folder that is to be deleted and stands in its way: where the action makes something, or above it. Then that
    /// is made beside it first.
    var blocker: RelativePath?

    /// What is done.
    public var kind: Kind {
        switch work {
        case .upload: .upload
        case .download: .download
        case .copy, .copyRenamed: .copy
        case .uploadFolder, .makeFolder: .makeFolder
        case .deleteObject, .deleteFile, .deleteFolder: .delete
        case .leave: .leave
        case .fail: .fail
        }
    }

    /// Why it cannot be done, when ``kind`` is ``Kind/fail``.
    public var error: OSSError? {
        if case .fail(let error) = work { error } else { nil }
    }

    /// What deletes an object that the source does not have.
    static func deletion(of object: RemoteEntry, _ mapping: KeyPathMapping) -> TransferAction {
        TransferAction(
            work: .deleteObject(object.key), reason: .notInSource, key: object.key,
            path: mapping.text(below: object.key), size: object.size)
    }

    /// What fails because something could not be read or has no key.
    static func unusable(
        _ path: RelativePath, _ error: OSSError, _ reason: TransferReason = .unusable
    ) -> TransferAction {
        TransferAction(work: .fail(error), reason: reason, key: error.key, path: path.description)
    }

    /// The same, not done after all.
    func leaving(_ reason: TransferReason) -> TransferAction {
        var action = self
        action.work = .leave
        action.reason = reason
        return action
    }

    /// The same, which cannot be done.
    func failing(_ error: OSSError, _ reason: TransferReason? = nil) -> TransferAction {
        var action = self
        action.work = .fail(error)
        if let reason { action.reason = reason }
        return action
    }
}

extension TransferAction: CustomStringConvertible {
    /// What, where and why, on one line: `upload css/site.css (changedContent)`.
    public var description: String {
        "\(kind.rawValue) \(path.isEmpty ? "." : path) (\(reason))" + (error.map { ": \($0)" } ?? "")
    }
}

/// What a planner gives: an action, and perhaps a question whose answer decides whether it is done.
struct PlannedStep: Sendable {
    var action: TransferAction
    /// Whether the contents are the same. If so, the action is not done.
    var question: PendingComparison?

    init(_ action: TransferAction, unlessEqual question: PendingComparison? = nil) {
        self.action = action
        self.question = question
    }
}

/// Two contents of equal size that have to be compared.
enum PendingComparison: Sendable {
    /// A file and an object.
    case file(RelativePath, FileStatus, RemoteEntry)
    /// An object of the source and one of the destination.
    case objects(RemoteEntry, RemoteEntry)
    /// A file and an object of equal size that may have become this file's by a change of names.
    case renamed(RelativePath, FileStatus, [RemoteEntry])
}

/// A file that has the content of an object which no file has the name of any more.
struct RenamedFile: Hashable, Sendable {
    /// The object.
    var source: ObjectKey
    /// Of the object that was compared, without quotes: another one is not copied.
    var eTag: String
    /// The file, as it was when it was compared.
    var path: RelativePath
    var status: FileStatus
    /// CRC-64 of its content.
    var checksum: UInt64
}
