import Foundation
import OSSPrimitives

/// The result of storing an object.
public struct PutObjectResult: Sendable, Hashable {
    /// ETag, without the surrounding quotes.
    public var eTag: String
    /// CRC-64/XZ of the stored bytes as computed by the service; `nil` if the response contains none. It equals the
    /// CRC-64 of the bytes sent.
    public var crc64: UInt64?
    /// Version ID in a versioned bucket; otherwise, `nil`.
    public var versionID: String?
    /// ID of the request.
    public var requestID: String?

    /// Creates a result.
    public init(eTag: String, crc64: UInt64? = nil, versionID: String? = nil, requestID: String? = nil) {
        self.eTag = eTag
        self.crc64 = crc64
        self.versionID = versionID
        self.requestID = requestID
    }

    /// Creates a result from the headers of a response and, if `document` is not `nil`, from the ETag in the document.
    init(_ response: HTTPResponse, _ document: XMLTree? = nil) {
        self.init(
            eTag: (document?.text("ETag") ?? response.headers.eTag ?? "").filter { $0 != "\"" },
            crc64: response.headers.objectChecksum, versionID: response.headers["x-oss-version-id"],
            requestID: response.headers["x-oss-request-id"])
    }
}

/// The result of appending to an object.
public struct AppendObjectResult: Sendable, Hashable {
    /// New size of the object in bytes, and therefore the position of the next append.
    public var nextPosition: Int64
    /// CRC-64/XZ of the entire object as computed by the service; `nil` if the response contains none.
    public var crc64: UInt64?
    /// Whether ``crc64`` was compared with the CRC-64 computed from the existing content and the appended bytes. If
    /// `false`, the response contains no CRC-64, or ``AppendObjectOptions/previousCRC64`` was unknown.
    public var isVerified: Bool
    /// ETag, without the surrounding quotes. The ETag of an appendable object is not derived from the content.
    public var eTag: String
    /// Version ID of the object. In a versioned bucket, it is `null`, because appending never creates versions.
    public var versionID: String?
    /// ID of the request.
    public var requestID: String?

    /// Creates a result.
    public init(
        nextPosition: Int64, crc64: UInt64? = nil, isVerified: Bool, eTag: String, versionID: String? = nil,
        requestID: String? = nil
    ) {
        self.nextPosition = nextPosition
        self.crc64 = crc64
        self.isVerified = isVerified
        self.eTag = eTag
        self.versionID = versionID
        self.requestID = requestID
    }
}

/// The result of deleting multiple objects.
public struct DeleteObjectsResult: Sendable {
    /// A key that was not deleted, and the error that occurred.
    public struct Failure: Sendable {
        /// The key that was not deleted.
        public var key: ObjectKey
        /// The error that prevented the deletion.
        public var error: OSSError

        /// Creates a failure.
        public init(key: ObjectKey, error: OSSError) {
            self.key = key
            self.error = error
        }
    }

    /// The keys of deleted objects, including keys for which no object existed.
    public var deleted: [ObjectKey]
    /// The keys whose objects may still exist, each with the error that occurred.
    public var failures: [Failure]

    /// Creates a result.
    public init(deleted: [ObjectKey] = [], failures: [Failure] = []) {
        self.deleted = deleted
        self.failures = failures
    }
}

/// An object that is being read, with its metadata and content.
public struct RemoteObject: Sendable {
    /// The metadata of the object.
    public let metadata: ObjectMetadata
    /// The content of the object, or of the requested range.
    public let body: ObjectContent
}
