/// A planned transfer action that has not yet been performed. A ``TransferPlan`` is a sequence of actions.
public struct TransferAction: Sendable {
    /// A kind of action.
    public struct Kind: ExtensibleName {
        /// The kind's name.
        public var rawValue: String

        /// Creates a value from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Upload a file.
        public static let upload: Kind = "upload"
        /// Download an object.
        public static let download: Kind = "download"
        /// Copy an object within the service.
        public static let copy: Kind = "copy"
        /// Change the attributes of an object whose content is equal to that of its file.
        public static let updateAttributes: Kind = "updateAttributes"
        /// Create a folder. In a bucket, a folder is an empty object whose key ends in `/`.
        public static let makeFolder: Kind = "makeFolder"
        /// Delete a file, folder or object after all transfers are complete.
        public static let delete: Kind = "delete"
        /// Skip the file.
        public static let leave: Kind = "leave"
        /// Report a failure; see ``TransferAction/error``.
        public static let fail: Kind = "fail"
    }

    /// The work that an action performs. Each direction has its own type, so that the compiler checks that a worker
    /// handles every case of its direction and no others.
    ///
    /// Large values are stored indirectly, because an action is copied about a dozen times during a run.
    enum Work: Sendable {
        case upload(UploadWork)
        indirect case download(DownloadWork)
        indirect case copy(CopyWork)
        indirect case delete(Deletion)
        case leave
        indirect case fail(OSSError)
    }

    enum UploadWork: Sendable {
        case file(RelativePath, ObjectKey)
        case folder(ObjectKey)
        /// Changes the attributes of the object of a file whose content is equal. The record is that of the file and its
        /// object, or `nil` if only their sizes were compared.
        indirect case attributes(AttributeUpdate, RelativePath, FileStatus, RemoteEntry, FileRecord?)
        /// Copies the object of a renamed file if the file has not changed since it was compared.
        indirect case renamed(RenamedFile, to: ObjectKey)
    }

    enum DownloadWork: Sendable {
        /// Downloads an object to the file at a path, replacing the given file if the plan found one there.
        case file(RemoteEntry, RelativePath, replacing: FileStatus?)
        /// Creates the folder at a path, or the root folder if the path is `nil`.
        case folder(RelativePath?)
    }

    struct CopyWork: Sendable {
        var source: RemoteEntry
        var key: ObjectKey
    }

    enum Deletion: Sendable {
        case object(ObjectKey)
        /// Deletes a file if it has not changed since the plan was made, then deletes its empty parent folders, keeping
        /// the `keptFolders` folders closest to the root.
        case file(RelativePath, FileStatus, keptFolders: Int)
        case folder(RelativePath, keptFolders: Int)
    }

    var work: Work
    /// Reason for the action.
    public internal(set) var reason: TransferReason
    /// Key of the object that is written, read or deleted; `nil` if there is none.
    public internal(set) var key: ObjectKey?
    /// Path relative to the local folder or, for a copy, relative to the prefix. Bytes that are not UTF-8 are shown as
    /// `�`.
    public internal(set) var path: String
    /// Size of the file, in bytes; 0 if unknown.
    public internal(set) var size: Int64 = 0
    /// Whether the record contains the key.
    var isRecorded = false
    /// Digest of the attributes that the object has according to the record; 0 if they are unknown.
    var storedAttributes: UInt64 = 0
    /// The file or folder that blocks the action until it is deleted, or `nil` if there is none. It is at the action's
    /// path or above that path. The action first writes to a temporary location next to this file or folder.
    var blocker: RelativePath?

    /// The action's kind.
    public var kind: Kind {
        switch work {
        case .upload(.file): .upload
        case .download(.file): .download
        case .copy, .upload(.renamed): .copy
        case .upload(.attributes): .updateAttributes
        case .upload(.folder), .download(.folder): .makeFolder
        case .delete: .delete
        case .leave: .leave
        case .fail: .fail
        }
    }

    /// The error if ``kind`` is ``Kind/fail``; otherwise, `nil`.
    public var error: OSSError? {
        if case .fail(let error) = work { error } else { nil }
    }

    /// Returns an action for deleting an object that is not in the source.
    static func deletion(of object: RemoteEntry, _ mapping: KeyPathMapping) -> TransferAction {
        TransferAction(
            work: .delete(.object(object.key)), reason: .notInSource, key: object.key,
            path: mapping.text(below: object.key), size: object.size)
    }

    /// Returns an action that reports a failure for a file that could not be read or whose name is not a valid key.
    static func unusable(
        _ path: RelativePath, _ error: OSSError, _ reason: TransferReason = .unusable
    ) -> TransferAction {
        TransferAction(work: .fail(error), reason: reason, key: error.key, path: path.description)
    }

    /// Returns a copy of the action that skips the file for the given reason.
    func leaving(_ reason: TransferReason) -> TransferAction {
        var action = self
        action.work = .leave
        action.reason = reason
        return action
    }

    /// Returns a copy of the action that reports the given error as a failure.
    func failing(_ error: OSSError, _ reason: TransferReason? = nil) -> TransferAction {
        var action = self
        action.work = .fail(error)
        if let reason { action.reason = reason }
        return action
    }
}

extension TransferAction: CustomStringConvertible {
    /// The kind, path and reason on one line, such as `upload css/site.css (changedContent)`.
    public var description: String {
        "\(kind.rawValue) \(path.isEmpty ? "." : path) (\(reason))" + (error.map { ": \($0)" } ?? "")
    }
}

/// A planned action that may depend on the result of a comparison.
struct PlannedStep: Sendable {
    var action: TransferAction
    /// The comparison that decides whether the action is performed, or `nil` if no comparison is needed. If the
    /// contents are equal, the action is skipped.
    var question: PendingComparison?

    init(_ action: TransferAction, unlessEqual question: PendingComparison? = nil) {
        self.action = action
        self.question = question
    }
}

/// A content comparison that has not yet been performed.
indirect enum PendingComparison: Sendable {
    /// A file and an object.
    case file(RelativePath, FileStatus, RemoteEntry)
    /// An object in the source and an object in the destination.
    case objects(RemoteEntry, RemoteEntry)
    /// The attributes of an object that counts as equal to a file, for the given reason. The record is that of both, or
    /// `nil` if only their sizes were compared.
    case attributes(RelativePath, FileStatus, RemoteEntry, TransferReason, FileRecord?)
    /// A file and objects of the same size, one of which may have been uploaded from the file before it was renamed.
    case renamed(RelativePath, FileStatus, [RemoteEntry])
}

/// A file that has the same content as an object whose original file no longer exists.
struct RenamedFile: Hashable, Sendable {
    /// Key of the object.
    var source: ObjectKey
    /// ETag, without quotes, of the object that was compared. An object with a different ETag is not copied.
    var eTag: String
    /// Path of the file.
    var path: RelativePath
    /// Status of the file when it was compared.
    var status: FileStatus
    /// CRC-64 of the content.
    var checksum: UInt64
}
