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
        /// It could not be transferred.
        case failed(OSSError)
    }

    /// What happened.
    public var kind: Kind
    /// Why the file is transferred or left alone.
    public var reason: TransferReason
    /// The key, when the file has one.
    public var key: ObjectKey?
    /// The path below the local folder.
    public var path: String
    /// The size of the file in bytes.
    public var bytes: Int64
    /// Files transferred so far.
    public var transferred: TransferTally
    /// Files left alone so far.
    public var skipped: TransferTally
    /// Files failed so far.
    public var failed: TransferTally
}
