/// An event of a transfer.
public struct TransferEvent: Sendable {
    /// A kind of event.
    public enum Kind: Sendable {
        /// The transfer of a file started. Skipped files and files with unusable names have no such event.
        case started
        /// The file was transferred and verified.
        case transferred
        /// A folder was created.
        case folder
        /// The file was skipped.
        case skipped
        /// The file was deleted from the destination.
        case deleted
        /// The file could not be transferred.
        case failed(OSSError)
    }

    /// Kind of the event.
    public var kind: Kind
    /// Planned action.
    public var action: TransferAction.Kind
    /// Reason for the action.
    public var reason: TransferReason
    /// Key of the object, if the file has one.
    public var key: ObjectKey?
    /// Path relative to the local folder.
    public var path: String
    /// Size of the file in bytes.
    public var bytes: Int64
    /// Files transferred so far.
    public var transferred: TransferTally
    /// Files skipped so far for other reasons than being equal.
    public var skipped: TransferTally
    /// Files found equal so far.
    public var unchanged: TransferTally
    /// Files deleted so far.
    public var deleted: TransferTally
    /// Files failed so far.
    public var failed: TransferTally
}
