import Foundation

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

/// How an object is read by `getObject` and `headObject`.
public struct GetObjectOptions: Sendable {
    /// Conditions on the object. Default: none.
    public var conditions = ReadConditions()
    /// The version to read. Default: the current one.
    public var versionID: String?

    /// Makes options with every default.
    public init() {}
}

/// Options for copying an object in one request.
package struct CopyObjectOptions: Sendable {
    /// Attributes to store with the copy. Default: those of the source.
    package var attributes: ObjectAttributes?
    /// Storage class of the copy, unless ``attributes`` is set. Default: that of the bucket.
    package var storageClass: StorageClass?
    /// Conditions on the source, and its version.
    package var source = GetObjectOptions()
    /// Whether the copy fails with ``OSSError/Code/alreadyExists`` instead of replacing an existing object.
    package var forbidsOverwrite = false

    package init() {}
}

/// The response to a copy in one request.
package struct CopyObjectResult: Sendable, Hashable {
    /// ETag of the copy, without quotes.
    package var eTag: String
    /// CRC-64/XZ of the copy; `nil` if the service stated none.
    package var checksum: UInt64?
    /// Time of the copy.
    package var lastModified: Date?
    /// Version of the copy, in a versioned bucket.
    package var versionID: String?
    /// Request ID of the response.
    package var requestID: String?
}

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
