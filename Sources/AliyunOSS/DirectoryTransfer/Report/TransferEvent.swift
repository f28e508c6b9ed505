/// Something that happened in a transfer.
public struct TransferEvent: Sendable {
    /// What happened to a file.
    public enum Kind: Sendable {
        /// Its transfer began. A file that is left alone, or whose name cannot be used, has no beginning.
        case started
        /// It was transferred and verified.
        case transferred
        /// A folder was made.
        case folder
        /// It was left alone on purpose.
        case skipped
        /// It was deleted from the destination.
        case deleted
        /// It could not be transferred.
        case failed(OSSError)
    }

    /// What happened.
    public var kind: Kind
    /// What was to be done.
    public var action: TransferAction.Kind
    /// Why the file is transferred, deleted or left alone.
    public var reason: TransferReason
    /// The key, when the file has one.
    public var key: ObjectKey?
    /// The path below the local folder.
    public var path: String
    /// The size of the file in bytes.
    public var bytes: Int64
    /// Files transferred so far.
    public var transferred: TransferTally
    /// Files left alone so far, for another reason than that they are equal.
    public var skipped: TransferTally
    /// Files found equal so far.
    public var unchanged: TransferTally
    /// Files deleted so far.
    public var deleted: TransferTally
    /// Files failed so far.
    public var failed: TransferTally
}
