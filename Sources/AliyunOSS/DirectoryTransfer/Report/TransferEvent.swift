/// An event that occurs during a transfer.
public struct TransferEvent: Sendable {
    /// A kind of event.
    public struct Kind: ExtensibleName {
        /// The kind's name.
        public var rawValue: String

        /// Creates a value from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The transfer of a file started. This event does not occur for skipped files or for files with unusable
        /// names.
        public static let started: Kind = "started"
        /// The file was transferred and verified.
        public static let transferred: Kind = "transferred"
        /// The content of the file is equal to that of its object, and the attributes of the object were changed.
        public static let attributesUpdated: Kind = "attributesUpdated"
        /// A folder was created.
        public static let folder: Kind = "folder"
        /// The file was skipped.
        public static let skipped: Kind = "skipped"
        /// The file was deleted from the destination.
        public static let deleted: Kind = "deleted"
        /// The file could not be transferred.
        public static let failed: Kind = "failed"
    }

    /// The event's kind.
    public var kind: Kind
    /// The error if ``kind`` is ``Kind/failed``; otherwise, `nil`.
    public var error: OSSError?
    /// The planned action's kind.
    public var action: TransferAction.Kind
    /// Reason for the action.
    public var reason: TransferReason
    /// Key of the object; `nil` if the file has no key.
    public var key: ObjectKey?
    /// Path relative to the local folder.
    public var path: String
    /// Size of the file, in bytes.
    public var bytes: Int64
    /// Files that have been transferred so far.
    public var transferred: TransferTally
    /// Files that have been skipped so far, not counting unchanged files.
    public var skipped: TransferTally
    /// Files that have been found to be unchanged so far.
    public var unchanged: TransferTally
    /// Files that have been deleted so far.
    public var deleted: TransferTally
    /// Files that have failed so far.
    public var failed: TransferTally

    /// Creates an event.
    public init(
        kind: Kind, error: OSSError? = nil, action: TransferAction.Kind, reason: TransferReason, key: ObjectKey? = nil,
        path: String, bytes: Int64 = 0, transferred: TransferTally = TransferTally(),
        skipped: TransferTally = TransferTally(), unchanged: TransferTally = TransferTally(),
        deleted: TransferTally = TransferTally(), failed: TransferTally = TransferTally()
    ) {
        self.kind = kind
        self.error = error
        self.action = action
        self.reason = reason
        self.key = key
        self.path = path
        self.bytes = bytes
        self.transferred = transferred
        self.skipped = skipped
        self.unchanged = unchanged
        self.deleted = deleted
        self.failed = failed
    }
}
