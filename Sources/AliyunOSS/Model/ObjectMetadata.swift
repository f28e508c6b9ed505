import Foundation

/// What the service says of an object, without its bytes.
public struct ObjectMetadata: Sendable, Hashable {
    /// The object's name.
    public var key: ObjectKey
    /// The size of the whole object in bytes.
    public var size: Int64
    /// The entity tag without quotes. It is the MD5 of the content, in upper-case hex, only for objects of type
    /// `Normal`; never assume so for others.
    public var eTag: String
    /// When it was last written, to the second.
    public var lastModified: Date?
    /// CRC-64/XZ of the whole content. `nil` for objects that are older than the feature.
    public var checksum: UInt64?
    /// `Normal`, `Multipart`, `Appendable` or `Symlink`; `nil` when the response did not say.
    public var type: String?
    /// `Content-Type`.
    public var contentType: String?
    /// `Cache-Control`.
    public var cacheControl: String?
    /// `Content-Disposition`.
    public var contentDisposition: String?
    /// `Content-Encoding`. Only `headObject` knows it: when an object is read it is overridden, to get its stored bytes.
    public var contentEncoding: String?
    /// `Expires`, as stored.
    public var expires: String?
    /// The user's own metadata; names in lower case, without `x-oss-meta-`.
    public var metadata: [String: String]
    /// How many tags it has, as far as the credentials permit to know.
    public var tagCount: Int
    /// When an appendable object was sealed. `nil` when it can still be appended to, and for every other type.
    public var sealedTime: Date?
    /// The storage class; `nil` when the response did not say.
    public var storageClass: StorageClass?
    /// The server-side encryption: `AES256`, `KMS` or `SM4`; `nil` when the object is not encrypted. The ETag of an
    /// encrypted object need not be the MD5 of its content.
    public var encryption: String?
    /// The version, in a versioned bucket.
    public var versionID: String?
    /// The request id of the answer that this was read from.
    public var requestID: String?
}

/// Conditions under which an object is read. All that are given must hold.
public struct ReadConditions: Sendable, Hashable {
    /// The object still has this entity tag; else ``OSSError/Code/preconditionFailed``.
    public var ifMatch: String?
    /// The object has another entity tag; else ``OSSError/Code/notModified``.
    public var ifNoneMatch: String?
    /// The object was written after this time; else ``OSSError/Code/notModified``.
    public var ifModifiedSince: Date?
    /// The object was not written after this time; else ``OSSError/Code/preconditionFailed``.
    public var ifUnmodifiedSince: Date?

    /// No condition.
    public init() {}
}

/// How far it was checked that what arrived is what was sent. The length always is.
public enum Integrity: String, Sendable, Hashable, Codable {
    /// By CRC-64 of the whole content.
    case checksum
    /// By MD5, because the service gave no CRC-64.
    case md5
    /// By the length alone: the service gave nothing to compare the content with. Gateways in front of it may drop that.
    case lengthOnly
}
