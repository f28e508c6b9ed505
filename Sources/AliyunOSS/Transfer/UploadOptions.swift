/// How an object is uploaded by `uploadObject`.
public struct UploadOptions: Sendable {
    /// What is stored beside the bytes.
    public var attributes = ObjectAttributes()
    /// Refuses to replace an object that is there already, with ``OSSError/Code/alreadyExists``. The service ignores
    /// it in a bucket that has ever had versioning. Default: false.
    public var forbidsOverwrite = false
    /// From how many bytes on an object is uploaded in parts, at most 5 GiB. Default: 16 MiB.
    public var multipartThreshold: Int64 = 16 << 20
    /// The bytes of each part but the last, 100 KiB to 5 GiB. A larger part costs more when it is lost, a smaller one more
    /// requests. Default: 8 MiB, growing with the object so that there are at most 1,000 parts up to 62.5 GiB, and at most
    /// 10,000 beyond; 4 MiB at first for a sequence.
    public var partSize: Int64?
    /// How many parts of this object are in the air at once, 1 to 1000. What the bucket permits in all is
    /// ``BucketConfiguration/maximumConnections``. Default: 8.
    public var concurrency = 8
    /// Whether the file is read once more before an upload in parts is completed, and compared with what was sent. A change
    /// shows in the size or the times of a file, always looked at; only what is written through a memory map, or by another
    /// machine on a network file system, may not show there at once. Default: no.
    public var rereadsSource = false
    /// What becomes of the parts that are done when the upload fails or is cancelled. Default: keep them.
    public var interruptionPolicy = InterruptionPolicy.keep
    /// Called with what an upload can be resumed from, when it ends unfinished, also by cancellation.
    public var onInterruption: (@Sendable (ResumableTransfer) -> Void)?
    /// What an earlier upload of the same file to the same key can be resumed from, when the library does not remember it
    /// itself. Default: nothing.
    public var resuming: ResumableUpload?
    /// Called as bytes move, a few times a second at most and with the final count at the end. It may take its time.
    public var onProgress: (@Sendable (TransferProgress) -> Void)?

    /// Makes options with every default.
    public init() {}

    /// Makes options for a content type, all others by default.
    public init(contentType: String, metadata: [String: String] = [:]) {
        attributes.contentType = contentType
        attributes.metadata = metadata
    }

    func validate() throws(OSSError) {
        if let partSize { try PartPlan.check(partSize: partSize) }
        guard (0...PartPlan.maximumPartSize).contains(multipartThreshold) else {
            throw OSSError(.invalidArgument, "multipartThreshold must be from 0 to 5 GiB")
        }
        try TransferConcurrency.check(concurrency)
    }

    var putOptions: PutObjectOptions {
        var options = PutObjectOptions()
        options.attributes = attributes
        options.forbidsOverwrite = forbidsOverwrite
        return options
    }
}

/// The limits for the number of pieces of one object in the air.
enum TransferConcurrency {
    static func check(_ concurrency: Int) throws(OSSError) {
        guard (1...1000).contains(concurrency) else {
            throw OSSError(.invalidArgument, "the concurrency of a transfer must be from 1 to 1000, not \(concurrency)")
        }
    }
}

/// What became of an upload.
public struct UploadResult: Sendable, Hashable {
    /// The size of the object in bytes.
    public var size: Int64
    /// The entity tag without quotes. It is no MD5 when the object was uploaded in parts.
    public var eTag: String
    /// CRC-64/XZ of the stored bytes, as the service computed it, compared with what was sent; `nil` when it gave none.
    public var checksum: UInt64?
    /// What the content was compared by.
    public var integrity: Integrity
    /// The number of parts; 0 when it was uploaded in one request.
    public var partCount: Int
    /// The bytes that an earlier attempt had uploaded and that were not sent again.
    public var resumedBytes: Int64
    /// The version, in a versioned bucket.
    public var versionID: String?
    /// The request id of the last answer.
    public var requestID: String?
}

/// What becomes of the finished pieces of a transfer that fails or is cancelled.
public enum InterruptionPolicy: String, Sendable, Hashable, CaseIterable {
    /// They are kept, so that the next call with the same arguments goes on from there. Parts of an upload are billed until
    /// then; ``Bucket/incompleteMultipartUploads(prefix:olderThan:)`` finds those that nobody came back for. What cannot be resumed
    /// (the file changed, nothing is remembered) is removed all the same.
    case keep
    /// They are removed at once. After a cancellation there is less than a second for it.
    case discard
}
