/// Options for downloading an object to a file.
public struct DownloadOptions: TransferOptions {
    /// Version of the object, conditions on it, and additions to all requests of the download. Default: the current
    /// version, without conditions and additions.
    public var source = GetObjectOptions()
    /// Size in bytes above which an object is downloaded in ranges. Default: 16 MiB.
    public var multipartThreshold: Int64 = 16 << 20
    /// Size in bytes of each range after the first, 100 KiB to 5 GiB. Default: 8 MiB, growing with the size of the
    /// object.
    public var partSize: Int64?
    /// Maximum number of concurrent range requests for this object, 1 to 1000. The bucket-wide limit is
    /// ``BucketConfiguration/maximumConnections``. Default: 8.
    public var concurrency = 8
    /// Whether the file receives the modification time and permissions that the metadata of the object contains (`mtime`,
    /// `mode`), as in a folder download. Default: `false`.
    public var preservesAttributes = false
    /// The policy for handling an existing file. Default: replace it.
    public var conflictPolicy = ConflictPolicy.replace
    /// The policy for handling partial data if the download fails or is cancelled. Default: keep it in a temporary file
    /// next to the destination, so that a later download can resume.
    public var interruptionPolicy = InterruptionPolicy.keep
    /// A closure that receives the state from which to resume when the download fails or is cancelled.
    public var onInterruption: (@Sendable (ResumableTransfer) -> Void)?
    /// The state from which to resume an earlier download of the same object to the same path; needed only if the
    /// library does not store transfer state. Default: `nil`.
    public var resuming: ResumableDownload?
    /// A closure that receives progress at most five times per second, and once at the end. It may block without
    /// slowing the transfer.
    public var onProgress: (@Sendable (TransferProgress) -> Void)?

    /// Creates options with default values.
    public init() {}

    static let minimumThreshold: Int64 = 1
}

/// A policy for handling an existing file at the destination of a download.
public enum ConflictPolicy: String, Sendable, Hashable, CaseIterable {
    /// Replace the file. If another program changes it during the download, the download fails with
    /// ``OSSError/Code/destinationChanged`` and does not replace it.
    case replace
    /// Keep the file, and fail with ``OSSError/Code/alreadyExists`` before any request is sent.
    case keep
    /// Keep the file and use the first free name, such as `report (1).pdf`.
    case keepBoth
}

/// The result of a download.
public struct DownloadResult: Sendable, Hashable {
    /// The metadata of the object.
    public var metadata: ObjectMetadata
    /// Path of the file.
    public var path: String
    /// The integrity check that verified the content.
    public var integrity: Integrity
    /// The number of bytes that an earlier attempt had downloaded.
    public var resumedBytes: Int64

    /// Size of the object in bytes.
    public var size: Int64 { metadata.size }

    /// Creates a result.
    public init(metadata: ObjectMetadata, path: String, integrity: Integrity, resumedBytes: Int64 = 0) {
        self.metadata = metadata
        self.path = path
        self.integrity = integrity
        self.resumedBytes = resumedBytes
    }
}
