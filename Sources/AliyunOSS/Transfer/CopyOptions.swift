/// How an object is copied by `copyObject(ofAnySize:)`.
public struct CopyOptions: Sendable {
    /// What is stored beside the bytes of the copy. Default: what the source has, with its metadata, tags and storage class,
    /// but never its access control list.
    public var attributes: ObjectAttributes?
    /// Conditions on the source, looked at when the copy begins. Default: none.
    public var conditions = ReadConditions()
    /// The version of the source. Default: the current one.
    public var sourceVersionID: String?
    /// Refuses to replace an object that is there already, with ``OSSError/Code/alreadyExists``. The service ignores
    /// it in a bucket that has ever had versioning. Default: false.
    public var forbidsOverwrite = false
    /// Up to how many bytes an object is copied in one request, at most 5 GiB. Between buckets the service takes no more than
    /// 1 GB in one, and says nothing until all is copied: such a silence can be longer than a connection lives. Default:
    /// 200 MiB.
    public var multipartThreshold: Int64 = 200 << 20
    /// The bytes of each part but the last, 100 KiB to 5 GiB. They do not pass through this machine, so large parts cost
    /// little. Default: 64 MiB, growing with the object so that there are at most 10,000.
    public var partSize: Int64?
    /// How many parts of this object are in the air at once, 1 to 1000. What the bucket permits in all is
    /// ``BucketConfiguration/maximumConnections``. Default: 8.
    public var concurrency = 8
    /// What becomes of the parts that are done when the copy fails or is cancelled. Default: keep them.
    public var interruptionPolicy = InterruptionPolicy.keep
    /// Called with what a copy can be resumed from, when it ends unfinished, also by cancellation.
    public var onInterruption: (@Sendable (ResumableTransfer) -> Void)?
    /// What an earlier copy of the same source to the same key can be resumed from, when the library does not remember it
    /// itself. Default: nothing.
    public var resuming: ResumableCopy?
    /// Called as parts are finished, a few times a second at most and with the final count at the end. It may take its time.
    public var onProgress: (@Sendable (TransferProgress) -> Void)?

    /// Makes options with every default.
    public init() {}

    func validate() throws(OSSError) {
        if let partSize { try PartPlan.check(partSize: partSize) }
        guard (0...PartPlan.maximumPartSize).contains(multipartThreshold) else {
            throw OSSError(.invalidArgument, "multipartThreshold must be from 0 to 5 GiB")
        }
        try TransferConcurrency.check(concurrency)
    }

    /// How the source is looked at.
    var sourceOptions: GetObjectOptions {
        var options = GetObjectOptions()
        options.conditions = conditions
        options.versionID = sourceVersionID
        return options
    }

    /// The same for what a copy in parts is to the service: an upload whose parts come from elsewhere.
    func uploadOptions(_ attributes: ObjectAttributes) -> UploadOptions {
        var options = UploadOptions()
        options.attributes = attributes
        options.forbidsOverwrite = forbidsOverwrite
        options.partSize = partSize
        options.concurrency = concurrency
        options.interruptionPolicy = interruptionPolicy
        options.onInterruption = onInterruption
        return options
    }
}

/// What became of a copy.
public struct CopyResult: Sendable, Hashable {
    /// The size of the copy in bytes.
    public var size: Int64
    /// The entity tag of the copy, without quotes. That of a copy in parts is another than the source's.
    public var eTag: String
    /// CRC-64/XZ of the copy, as the service computed it; `nil` when it gave none.
    public var checksum: UInt64?
    /// What the copy was compared with its source by. CRC-64 unless the service lacks that of either.
    public var integrity: Integrity
    /// The number of parts; 0 when it was copied in one request.
    public var partCount: Int
    /// The bytes that an earlier attempt had copied and that were not copied again.
    public var resumedBytes: Int64
    /// The version of the copy, in a versioned bucket.
    public var versionID: String?
    /// The request id of the last answer.
    public var requestID: String?
}
