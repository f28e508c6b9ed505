/// How bytes are appended to an object.
public struct AppendObjectOptions: Sendable {
    /// What is stored beside the bytes. Only the append that creates the object, at position 0, can say it; later ones
    /// leave it as it is.
    public var attributes = ObjectAttributes()
    /// Refuses to begin an object that is there already, also an empty one, with ``OSSError/Code/alreadyExists``. Counts
    /// at position 0 only, and the service ignores it in a bucket that has ever had versioning. Default: false.
    public var forbidsOverwrite = false
    /// CRC-64/XZ of what the object has already, from ``AppendObjectResult/checksum`` or ``ObjectMetadata/checksum``.
    /// With it the whole object is compared after the append; without it nothing can be compared, except at position 0,
    /// where it is known to be 0. An ``ObjectAppender`` knows it by itself. Default: not known.
    public var previousChecksum: UInt64?
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

/// What the service answered to an append.
public struct AppendObjectResult: Sendable, Hashable {
    /// Where the object ends now, in bytes, which is where the next append goes.
    public var nextPosition: Int64
    /// CRC-64/XZ of the whole object, as the service computed it; `nil` when it gave none.
    public var checksum: UInt64?
    /// Whether ``checksum`` has been compared: with what was sent, behind what was there. If not, either the service gave
    /// no checksum, or that of the bytes before was not known (``AppendObjectOptions/previousChecksum``).
    public var isVerified: Bool
    /// The entity tag without quotes. It says nothing about the content of an appendable object.
    public var eTag: String
    /// `null` in a versioned bucket: appending never makes versions.
    public var versionID: String?
    /// The request id of the answer.
    public var requestID: String?
}
