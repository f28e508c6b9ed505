import Foundation

/// Options for storing an object.
public struct PutObjectOptions: Sendable {
    /// Headers, metadata, access control and tags to store with the object.
    public var attributes = ObjectAttributes()
    /// Whether to fail with ``OSSError/Code/alreadyExists`` if the object already exists. The service ignores this
    /// option in a bucket for which versioning has ever been enabled. Default: `false`.
    public var forbidsOverwrite = false
    /// Request that the service sends to a server of the application after it has stored the object. Default: none.
    public var callback: UploadCallback?
    /// Additions to the requests of the call. Default: none.
    public var extras = RequestExtras()
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

    init(attributes: ObjectAttributes, forbidsOverwrite: Bool, callback: UploadCallback? = nil) {
        self.attributes = attributes
        self.forbidsOverwrite = forbidsOverwrite
        self.callback = callback
    }
}

/// Options for reading an object or its metadata.
public struct GetObjectOptions: Sendable {
    /// Conditions on the object. Default: none.
    public var conditions = ReadConditions()
    /// ID of the version to read. Default: the current version.
    public var versionID: String?
    /// Header fields that the response contains in place of those of the object. Only reads of content use them, and
    /// the metadata of the object then has these values. Default: none.
    public var responseHeaders = ResponseHeaders()
    /// Additions to the requests of the call. Default: none.
    public var extras = RequestExtras()

    /// Creates options with default values.
    public init() {}
}

/// Header fields of a response that replace those of the object. The service refuses them in anonymous requests.
public struct ResponseHeaders: Sendable, Hashable {
    /// `Content-Type` header.
    public var contentType: String?
    /// `Content-Language` header.
    public var contentLanguage: String?
    /// `Cache-Control` header.
    public var cacheControl: String?
    /// `Content-Disposition` header.
    public var contentDisposition: String?
    /// `Expires` header.
    public var expires: String?

    /// Creates a value that replaces nothing.
    public init() {}

    /// Adds the query parameters for the fields.
    func add(to operation: inout Operation) {
        operation.addQuery("response-content-type", ifPresent: contentType)
        operation.addQuery("response-content-language", ifPresent: contentLanguage)
        operation.addQuery("response-cache-control", ifPresent: cacheControl)
        operation.addQuery("response-content-disposition", ifPresent: contentDisposition)
        operation.addQuery("response-expires", ifPresent: expires)
    }
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
    /// Additions to the requests of the call. Default: none.
    public var extras = RequestExtras()
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
