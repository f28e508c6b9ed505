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
    /// Response of the server that ``PutObjectOptions/callback`` names, in JSON; `nil` without a callback, or if the
    /// response of the service was lost.
    public var callbackResponse: Data?

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

/// The result of deleting an object or a version.
public struct DeleteObjectResult: Sendable, Hashable {
    /// ID of the version that was deleted, or of the delete marker that was added; `nil` in a bucket without
    /// versioning.
    public var versionID: String?
    /// Whether the version is a delete marker. If no version was given, the marker was added and hides the object; if
    /// one was given, the marker was deleted.
    public var isDeleteMarker: Bool
    /// ID of the request; `nil` in the result of deleting multiple objects.
    public var requestID: String?

    init(versionID: String?, isDeleteMarker: Bool) {
        self.versionID = versionID
        self.isDeleteMarker = isDeleteMarker
    }

    init(_ response: HTTPResponse) {
        self.init(
            versionID: response.headers["x-oss-version-id"],
            isDeleteMarker: response.headers["x-oss-delete-marker"] == "true")
        requestID = response.headers["x-oss-request-id"]
    }
}

/// The result of deleting multiple objects or versions.
public struct DeleteObjectsResult: Sendable {
    /// An object or a version that was not deleted, and the error that occurred.
    public struct Failure: Sendable {
        /// The key that was not deleted.
        public var key: ObjectKey
        /// ID of the version that was not deleted; `nil` for the object itself.
        public var versionID: String?
        /// The error that prevented the deletion.
        public var error: OSSError

        /// Creates a failure.
        public init(key: ObjectKey, versionID: String? = nil, error: OSSError) {
            self.key = key
            self.versionID = versionID
            self.error = error
        }
    }

    /// A version that was deleted, or a delete marker that was deleted or added.
    public struct Version: Sendable, Hashable {
        /// Key and version ID.
        public var id: ObjectVersion.ID
        /// Whether the version is a delete marker.
        public var isDeleteMarker: Bool
    }

    /// The keys of deleted objects and versions, including keys for which no object existed.
    public var deleted: [ObjectKey]
    /// The versions that were deleted, and the delete markers that were deleted or added; empty in a bucket without
    /// versioning.
    public var versions: [Version] = []
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
