/// How an object is downloaded by `downloadObject`.
public struct DownloadOptions: Sendable {
    /// Conditions on the object. Default: none.
    public var conditions = ReadConditions()
    /// The version to download. Default: the current one.
    public var versionID: String?
    /// Up to how many bytes an object comes in one request. Default: 16 MiB.
    public var multipartThreshold: Int64 = 16 << 20
    /// The bytes that each further request asks for, 100 KiB to 5 GiB. There may be any number of requests. Default: 8 MiB,
    /// growing with the object.
    public var partSize: Int64?
    /// How many ranges of this object are in the air at once, 1 to 1000. What the bucket permits in all is
    /// ``BucketConfiguration/maximumConnections``. Default: 8.
    public var concurrency = 8
    /// What to do with a file that stands at the path. Default: replace it.
    public var conflict = ConflictPolicy.replace
    /// What becomes of the pieces that have come when the download fails or is cancelled. Default: keep them, in a
    /// temporary file beside the target.
    public var interruptionPolicy = InterruptionPolicy.keep
    /// Called with what a download can be resumed from, when it ends unfinished, also by cancellation.
    public var onInterruption: (@Sendable (ResumableTransfer) -> Void)?
    /// What an earlier download of the same object to the same path can be resumed from, when the library does not remember
    /// it itself. Default: nothing.
    public var resuming: ResumableDownload?
    /// Called as bytes move, a few times a second at most and with the final count at the end. It may take its time.
    public var onProgress: (@Sendable (TransferProgress) -> Void)?

    /// Makes options with every default.
    public init() {}

    func validate() throws(OSSError) {
        if let partSize { try PartPlan.check(partSize: partSize) }
        guard (1...PartPlan.maximumPartSize).contains(multipartThreshold) else {
            throw OSSError(.invalidArgument, "multipartThreshold must be from 1 byte to 5 GiB")
        }
        try TransferConcurrency.check(concurrency)
    }

    var getOptions: GetObjectOptions {
        var options = GetObjectOptions()
        options.conditions = conditions
        options.versionID = versionID
        return options
    }
}

/// What to do with a file that stands where a download is to go.
public enum ConflictPolicy: String, Sendable, Hashable, CaseIterable {
    /// Replace it. If it changes while the download runs, that is somebody's work: the download fails with
    /// ``OSSError/Code/destinationChanged`` and the file stays.
    case replace
    /// Leave it, and fail with ``OSSError/Code/alreadyExists`` before anything is asked of the service.
    case keep
    /// Leave it, and give the download the first free name: `report (1).pdf`.
    case keepBoth
}

/// What became of a download.
public struct DownloadResult: Sendable, Hashable {
    /// What the service says of the object.
    public var metadata: ObjectMetadata
    /// The file it became.
    public var path: String
    /// What the content was compared by.
    public var integrity: Integrity
    /// The bytes that an earlier attempt had brought and that were not fetched again.
    public var resumedBytes: Int64

    /// The size of the object in bytes.
    public var size: Int64 { metadata.size }
}
