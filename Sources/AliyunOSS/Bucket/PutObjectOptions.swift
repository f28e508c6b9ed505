/// How an object is written by `putObject` and `uploadObject`.
public struct PutObjectOptions: Sendable {
    /// What is stored beside the bytes.
    public var attributes = ObjectAttributes()
    /// Refuses to replace an object that is there already, with ``OSSError/Code/alreadyExists``. The service ignores
    /// it in a bucket that has ever had versioning. Default: false.
    public var forbidsOverwrite = false
    /// Called as bytes move, on the transport's thread: it must return at once. A retry starts again at zero.
    public var onProgress: (@Sendable (HTTPProgress) -> Void)?

    /// Makes options with every default.
    public init() {}

    /// Makes options for a content type, all others by default.
    public init(contentType: String, metadata: [String: String] = [:]) {
        attributes.contentType = contentType
        attributes.metadata = metadata
    }
}

/// What the service answered to a write.
public struct PutObjectResult: Sendable, Hashable {
    /// The entity tag without quotes.
    public var eTag: String
    /// CRC-64/XZ of the stored bytes, as the service computed it. It has been compared with what was sent; `nil` means
    /// that the service gave none, so that nothing could be compared.
    public var checksum: UInt64?
    /// The version, in a versioned bucket.
    public var versionID: String?
    /// The request id of the answer.
    public var requestID: String?
}
