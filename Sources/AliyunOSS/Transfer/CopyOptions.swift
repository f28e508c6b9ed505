/// Options for copying an object.
public struct CopyOptions: TransferOptions {
    /// Attributes to store with the copy. Default: those of the source, including its metadata, tags and storage class,
    /// but not its access control list.
    public var attributes: ObjectAttributes?
    /// Version of the source, conditions on the source that are checked when the copy starts, and additions to all
    /// requests of the copy. Default: the current version, without conditions and additions.
    public var source = GetObjectOptions()
    /// Whether the copy fails with ``OSSError/Code/alreadyExists`` instead of replacing an existing object. The service
    /// ignores this option if the bucket has ever had versioning enabled. Default: `false`.
    public var forbidsOverwrite = false
    /// Size in bytes above which an object is copied in parts; at most 5 GiB. Between buckets, the service copies at
    /// most 1 GB in one request, and it sends no response until the copy is complete, which can take longer than a
    /// connection stays open. Default: 200 MiB.
    public var multipartThreshold: Int64 = 200 << 20
    /// Size in bytes of each part except the last, 100 KiB to 5 GiB. No content passes through this machine, so large
    /// parts cost little. Default: 64 MiB, growing with the size of the object to at most 10,000 parts.
    public var partSize: Int64?
    /// Maximum number of concurrent part requests for this object, 1 to 1000. The bucket-wide limit is
    /// ``BucketConfiguration/maximumConnections``. Default: 8.
    public var concurrency = 8
    /// The policy for handling copied parts if the copy fails or is cancelled. Default: keep them.
    public var interruptionPolicy = InterruptionPolicy.keep
    /// A closure that receives the state from which to resume when the copy fails or is cancelled.
    public var onInterruption: (@Sendable (ResumableTransfer) -> Void)?
    /// The state from which to resume an earlier copy of the same source to the same key; needed only if the library
    /// does not store transfer state. Default: `nil`.
    public var resuming: ResumableCopy?
    /// A closure that receives progress as parts complete, at most five times per second, and once at the end. It may
    /// block without slowing the transfer.
    public var onProgress: (@Sendable (TransferProgress) -> Void)?

    /// Creates options with default values.
    public init() {}
}
