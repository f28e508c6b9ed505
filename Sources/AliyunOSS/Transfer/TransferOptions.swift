/// The settings that all transfers of large objects share.
protocol TransferOptions: Sendable {
    /// Minimum value of ``multipartThreshold``, in bytes.
    static var minimumThreshold: Int64 { get }
    var multipartThreshold: Int64 { get set }
    var partSize: Int64? { get set }
    var concurrency: Int { get set }
    var interruptionPolicy: InterruptionPolicy { get set }
    var onInterruption: (@Sendable (ResumableTransfer) -> Void)? { get }
    var onProgress: (@Sendable (TransferProgress) -> Void)? { get set }

    init()
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

/// The result of an upload or a copy.
public struct TransferResult: Sendable, Hashable {
    /// Size of the object in bytes.
    public var size: Int64
    /// ETag of the object, without quotes. If the object has parts, its ETag is not an MD5 checksum, and the ETag of a copy
    /// differs from that of its source.
    public var eTag: String
    /// CRC-64/XZ of the object, as computed by the service; `nil` if the service reported none. It was compared with
    /// the sent bytes or with the source.
    public var crc64: UInt64?
    /// The integrity check that verified the content.
    public var integrity: Integrity
    /// The number of parts; 0 if the object was stored by one request.
    public var partCount: Int
    /// The number of bytes that an earlier attempt had uploaded or copied.
    public var resumedBytes: Int64
    /// Version ID of the object in a versioned bucket; otherwise, `nil`.
    public var versionID: String?
    /// Request ID of the last response.
    public var requestID: String?

    /// Creates a result.
    public init(
        size: Int64, eTag: String, crc64: UInt64? = nil, integrity: Integrity, partCount: Int = 0,
        resumedBytes: Int64 = 0, versionID: String? = nil, requestID: String? = nil
    ) {
        self.size = size
        self.eTag = eTag
        self.crc64 = crc64
        self.integrity = integrity
        self.partCount = partCount
        self.resumedBytes = resumedBytes
        self.versionID = versionID
        self.requestID = requestID
    }

    /// Creates the result of storing an object.
    ///
    /// - Parameter integrity: The integrity check that verified the content. Default: ``Integrity/checksum`` if the
    ///   result has a CRC-64; otherwise, ``Integrity/lengthOnly``.
    init(
        _ stored: PutObjectResult, size: Int64, integrity: Integrity? = nil, partCount: Int = 0,
        resumedBytes: Int64 = 0
    ) {
        self.init(
            size: size, eTag: stored.eTag, crc64: stored.crc64,
            integrity: integrity ?? (stored.crc64 == nil ? .lengthOnly : .checksum), partCount: partCount,
            resumedBytes: resumedBytes, versionID: stored.versionID, requestID: stored.requestID)
    }
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
