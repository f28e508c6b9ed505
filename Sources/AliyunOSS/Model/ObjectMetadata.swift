import Foundation

/// The metadata of an object.
public struct ObjectMetadata: Sendable, Hashable {
    /// Key of the object.
    public var key: ObjectKey
    /// Size of the entire object in bytes.
    public var size: Int64
    /// ETag without quotation marks. It is the MD5 of the content in uppercase hexadecimal if ``type`` is
    /// ``ObjectType/normal`` and the object is not encrypted.
    public var eTag: String
    /// Time of the last write, to the second.
    public var lastModified: Date?
    /// CRC-64/XZ of the entire content; `nil` for objects stored before the service computed checksums.
    public var crc64: UInt64?
    /// Type of the object; `nil` if the response did not include it.
    public var type: ObjectType?
    /// `Content-Type` header.
    public var contentType: String?
    /// `Cache-Control` header.
    public var cacheControl: String?
    /// `Content-Disposition` header.
    public var contentDisposition: String?
    /// `Content-Encoding` header. Available from `headObject` only: `getObject` overrides the header to read the stored
    /// bytes.
    public var contentEncoding: String?
    /// `Expires` header, as stored.
    public var expires: String?
    /// User metadata. Names are lowercase, without `x-oss-meta-`.
    public var metadata: [String: String]
    /// Number of tags, or 0 if the credentials do not permit reading the number.
    public var tagCount: Int
    /// Time at which an appendable object was sealed; `nil` if it has not been sealed or the object has another type.
    public var sealedTime: Date?
    /// Storage class; `nil` if the response did not include it.
    public var storageClass: StorageClass?
    /// Method of server-side encryption (`AES256`, `KMS` or `SM4`); `nil` if the object is not encrypted.
    public var encryption: String?
    /// ID of the master key in KMS; `nil` for other methods of encryption.
    public var encryptionKeyID: String?
    /// Algorithm with which the data is encrypted with a key of KMS; `nil` for the default.
    public var dataEncryption: String?
    /// State of the readable copy of an archived object; `nil` if the object has not been restored.
    public var restore: RestoreStatus?
    /// Period in which the object cannot be deleted or overwritten; `nil` if there is none.
    public var retention: ObjectRetention?
    /// Whether the object is on legal hold; `nil` if the response did not include it.
    public var hasLegalHold: Bool?
    /// Time at which a lifecycle rule moved the object to a cold archive class; `nil` if none did.
    public var transitionTime: Date?
    /// Time of the last read; `nil` unless the bucket tracks it.
    public var lastAccessTime: Date?
    /// Lifecycle rule that deletes the object, as stated by the service, such as `expiry-date="…", rule-id="…"`.
    public var expiration: String?
    /// Results of the latest asynchronous processing, as stated by the service.
    public var processStatus: String?
    /// Whether the account that sent the request pays for it.
    public var isRequesterCharged = false
    /// Version ID in a versioned bucket; otherwise, `nil`.
    public var versionID: String?
    /// ID of the request that returned the metadata.
    public var requestID: String?

    /// Creates the metadata of an object.
    public init(
        key: ObjectKey, size: Int64, eTag: String, lastModified: Date? = nil, crc64: UInt64? = nil,
        type: ObjectType? = nil, contentType: String? = nil, cacheControl: String? = nil,
        contentDisposition: String? = nil, contentEncoding: String? = nil, expires: String? = nil,
        metadata: [String: String] = [:], tagCount: Int = 0, sealedTime: Date? = nil,
        storageClass: StorageClass? = nil, encryption: String? = nil, versionID: String? = nil,
        requestID: String? = nil
    ) {
        self.key = key
        self.size = size
        self.eTag = eTag
        self.lastModified = lastModified
        self.crc64 = crc64
        self.type = type
        self.contentType = contentType
        self.cacheControl = cacheControl
        self.contentDisposition = contentDisposition
        self.contentEncoding = contentEncoding
        self.expires = expires
        self.metadata = metadata
        self.tagCount = tagCount
        self.sealedTime = sealedTime
        self.storageClass = storageClass
        self.encryption = encryption
        self.versionID = versionID
        self.requestID = requestID
    }
}

/// Conditions for reading an object. All conditions that are set must hold.
public struct ReadConditions: Sendable, Hashable {
    /// ETag that the object must have; otherwise, the request fails with ``OSSError/Code/preconditionFailed``.
    public var ifMatch: String?
    /// ETag that the object must not have; if the object has it, the request fails with ``OSSError/Code/notModified``.
    public var ifNoneMatch: String?
    /// Time after which the object must have been written; otherwise, the request fails with
    /// ``OSSError/Code/notModified``.
    public var ifModifiedSince: Date?
    /// Time after which the object must not have been written; otherwise, the request fails with
    /// ``OSSError/Code/preconditionFailed``.
    public var ifUnmodifiedSince: Date?

    /// Creates conditions that always hold.
    public init() {}
}

/// The strongest integrity check that transferred content has passed. The length is always compared.
public struct Integrity: ExtensibleName {
    /// Name of the check.
    public var rawValue: String

    /// Creates a value from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// CRC-64 of the entire content.
    public static let checksum: Integrity = "checksum"
    /// MD5 of the entire content, used because the service returned no CRC-64.
    public static let md5: Integrity = "md5"
    /// The length only, used because the service returned nothing else to compare. A gateway may have removed the
    /// headers.
    public static let lengthOnly: Integrity = "lengthOnly"
}
