/// Options for uploading an object.
public struct UploadOptions: TransferOptions {
    /// Attributes to store with the object.
    public var attributes = ObjectAttributes()
    /// Whether to store the modification time and permissions of the file as metadata (`mtime`, `mode`), as a folder upload
    /// does. Metadata of these names in ``attributes`` takes precedence. Has no effect on a sequence. Default: `false`.
    public var preservesAttributes = false
    /// Whether the upload fails with ``OSSError/Code/alreadyExists`` instead of replacing an existing object. The
    /// service ignores this option if the bucket has ever had versioning enabled. Default: `false`.
    public var forbidsOverwrite = false
    /// Request that the service sends to a server of the application after it has stored the object. Default: none.
    public var callback: UploadCallback?
    /// Additions to all requests of the upload. Default: none.
    public var extras = RequestExtras()
    /// Size in bytes at or above which an object is uploaded in parts; at most 5 GiB. Default: 16 MiB.
    public var multipartThreshold: Int64 = 16 << 20
    /// Size in bytes of each part except the last, 100 KiB to 5 GiB. Default: 8 MiB, growing with the size of the
    /// object to at most 1,000 parts up to 62.5 GiB, and at most 10,000 parts beyond; for a sequence, 4 MiB at first.
    public var partSize: Int64?
    /// Maximum number of concurrent part requests for this object, 1 to 1000. The bucket-wide limit is
    /// ``BucketConfiguration/maximumConnections``. Default: 8.
    public var concurrency = 8
    /// Whether the file is read again and compared with the uploaded parts before a multipart upload is completed. A
    /// change of the file's size or times is always detected, but writes through a memory map, or by another machine on
    /// a network file system, may not change the size or times immediately. Default: `false`.
    public var rereadsSource = false
    /// The policy for handling uploaded parts if the upload fails or is cancelled. Default: keep them.
    public var interruptionPolicy = InterruptionPolicy.keep
    /// A closure that receives the state from which to resume when the upload fails or is cancelled.
    public var onInterruption: (@Sendable (ResumableTransfer) -> Void)?
    /// The state from which to resume an earlier upload of the same file to the same key; needed only if the library
    /// does not store transfer state. Default: `nil`.
    public var resuming: ResumableUpload?
    /// A closure that receives progress at most five times per second, and once at the end. It may block without
    /// slowing the transfer.
    public var onProgress: (@Sendable (TransferProgress) -> Void)?

    /// Creates options with default values.
    public init() {}

    /// Creates options with a content type and metadata.
    public init(contentType: String, metadata: [String: String] = [:]) {
        attributes.contentType = contentType
        attributes.metadata = metadata
    }

    var putOptions: PutObjectOptions {
        PutObjectOptions(attributes: attributes, forbidsOverwrite: forbidsOverwrite, callback: callback)
    }
}
