import Foundation

/// Options for storing an object.
public struct PutObjectOptions: Sendable {
    /// Headers, metadata, access control and tags to store with the object.
    public var attributes = ObjectAttributes()
    /// Whether to fail with ``OSSError/Code/alreadyExists`` if the object already exists. The service ignores this
    /// option in a bucket for which versioning has ever been enabled. Default: `false`.
    public var forbidsOverwrite = false
    /// A closure that receives progress. It runs on one of the transport's threads and must return immediately.
    /// Progress restarts at zero with each retry.
    public var onProgress: (@Sendable (HTTPProgress) -> Void)?

    /// Creates options with default values.
    public init() {}

    /// Creates options with a content type and metadata.
    public init(contentType: String, metadata: [String: String] = [:]) {
        attributes.contentType = contentType
        attributes.metadata = metadata
    }

    init(attributes: ObjectAttributes, forbidsOverwrite: Bool) {
        self.attributes = attributes
        self.forbidsOverwrite = forbidsOverwrite
    }
}

/// Options for reading an object or its metadata.
public struct GetObjectOptions: Sendable {
    /// Conditions on the object. Default: none.
    public var conditions = ReadConditions()
    /// ID of the version to read. Default: the current version.
    public var versionID: String?

    /// Creates options with default values.
    public init() {}
}

/// Options for appending to an object.
public struct AppendObjectOptions: Sendable {
    /// Headers, metadata, access control and tags to store with a new object. They apply only to the append at position
    /// 0, which creates the object.
    public var attributes = ObjectAttributes()
    /// Whether to fail with ``OSSError/Code/alreadyExists`` if the object already exists, even if it is empty. Only the
    /// append at position 0 uses this option, and the service ignores it in a bucket for which versioning has ever been
    /// enabled. Default: `false`.
    public var forbidsOverwrite = false
    /// CRC-64/XZ of the existing content, from ``AppendObjectResult/crc64`` or ``ObjectMetadata/crc64``.
    ///
    /// With this value, the CRC-64 of the entire object is verified after the append; without it, only an append at
    /// position 0 can be verified. An ``ObjectAppender`` supplies the value itself. Default: `nil`, for unknown.
    public var previousCRC64: UInt64?
    /// A closure that receives progress. It runs on one of the transport's threads and must return immediately.
    /// Progress restarts at zero with each retry.
    public var onProgress: (@Sendable (HTTPProgress) -> Void)?

    /// Creates options with default values.
    public init() {}

    /// Creates options with a content type and metadata.
    public init(contentType: String, metadata: [String: String] = [:]) {
        attributes.contentType = contentType
        attributes.metadata = metadata
    }
}
