/// Options for uploading an object.
public struct UploadOptions: TransferOptions {
    /// Attributes to store with the object.
    public var attributes = ObjectAttributes()
    /// Whether the upload fails with ``OSSError/Code/alreadyExists`` instead of replacing an existing object. The
    /// service ignores this option if the bucket has ever had versioning enabled. Default: `false`.
    public var forbidsOverwrite = false
    /// Minimum size in bytes of an object that is uploaded in parts; at most 5 GiB. Default: 16 MiB.
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
        var options = PutObjectOptions()
        options.attributes = attributes
        options.forbidsOverwrite = forbidsOverwrite
        return options
    }
}

/// The settings that all transfers of large objects share.
protocol TransferOptions: Sendable {
    /// Minimum value of ``multipartThreshold`` in bytes.
    static var minimumThreshold: Int64 { get }
    var multipartThreshold: Int64 { get }
    var partSize: Int64? { get }
    var concurrency: Int { get }
    var interruptionPolicy: InterruptionPolicy { get }
    var onInterruption: (@Sendable (ResumableTransfer) -> Void)? { get }
}

extension TransferOptions {
    static var minimumThreshold: Int64 { 0 }

    /// Checks that the settings are within their limits.
    func validate() throws(OSSError) {
        if let partSize { try PartPlan.check(partSize: partSize) }
        guard (Self.minimumThreshold...PartPlan.maximumPartSize).contains(multipartThreshold) else {
            throw OSSError(
                .invalidArgument,
                "multipartThreshold must be from \(Self.minimumThreshold) bytes to 5 GiB (got \(multipartThreshold) bytes)"
            )
        }
        guard (1...1000).contains(concurrency) else {
            throw OSSError(.invalidArgument, "concurrency must be from 1 to 1000 (got \(concurrency))")
        }
    }
}

/// The result of an upload.
public struct UploadResult: Sendable, Hashable {
    /// Size of the object in bytes.
    public var size: Int64
    /// ETag of the object, without quotes. After a multipart upload, the ETag is not an MD5 checksum.
    public var eTag: String
    /// CRC-64/XZ of the object, as computed by the service and compared with the sent bytes; `nil` if the service
    /// reported none.
    public var crc64: UInt64?
    /// The comparison that verified the content.
    public var integrity: Integrity
    /// The number of parts; 0 if the object was uploaded in one request.
    public var partCount: Int
    /// The number of bytes that an earlier attempt had uploaded.
    public var resumedBytes: Int64
    /// Version ID of the object in a versioned bucket; otherwise, `nil`.
    public var versionID: String?
    /// Request ID of the last response.
    public var requestID: String?
}

/// A policy for handling the completed parts or ranges of a transfer that fails or is cancelled.
public enum InterruptionPolicy: String, Sendable, Hashable, CaseIterable {
    /// Keep the parts or ranges, so that the next call with the same arguments resumes. Uploaded parts are billed until
    /// then; ``Bucket/incompleteMultipartUploads(prefix:olderThan:)`` lists uploads that were not resumed. Parts that
    /// can no longer be used, for example because the file changed, are removed.
    case keep
    /// Remove the parts or ranges immediately. After a cancellation, the removal is limited to less than a second.
    case discard
}
