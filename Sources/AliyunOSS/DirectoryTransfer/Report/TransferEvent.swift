/// An event that occurs during a transfer.
public struct TransferEvent: Sendable {
    /// A kind of event.
    public enum Kind: Sendable {
        /// The transfer of a file started. This event does not occur for skipped files or for files with unusable
        /// names.
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
    /// Kind of the planned action.
    public var action: TransferAction.Kind
    /// Reason for the action.
    public var reason: TransferReason
    /// Key of the object; `nil` if the file has none.
    public var key: ObjectKey?
    /// Path relative to the local folder.
    public var path: String
    /// Size of the file in bytes.
    public var bytes: Int64
    /// Files that have been transferred so far.
    public var transferred: TransferTally
    /// Files that have been skipped so far for a reason other than being equal.
    public var skipped: TransferTally
    /// Files that have been found to be equal so far.
    public var unchanged: TransferTally
    /// Files that have been deleted so far.
    public var deleted: TransferTally
    /// Files that have failed so far.
    public var failed: TransferTally
}
