import Foundation

/// Headers, metadata, access control and tags to store with an object.
public struct ObjectAttributes: Sendable, Hashable {
    /// `Content-Type` header. Default: `application/octet-stream`.
    public var contentType: String?
    /// `Cache-Control` header. Default: none.
    public var cacheControl: String?
    /// `Content-Disposition` header. Default: none.
    public var contentDisposition: String?
    /// `Content-Encoding` header, for bytes that are already encoded. Default: none.
    public var contentEncoding: String?
    /// `Expires` header. Default: none. The attributes of an existing object have none if its header is not a date; such
    /// a header is kept until this property is set.
    public var expires: Date? { didSet { copiedExpires = nil } }
    /// `Expires` header of the object being copied. It is stored verbatim because the value might not be a date; for
    /// example, it might be `0`.
    var copiedExpires: String?
    /// Whether these are the attributes of an object that is being copied.
    var isCopied = false
    /// User metadata, with a combined size of at most 8 KB. Names consist of letters, digits and `-`, are stored in
    /// lowercase, and are given without `x-oss-meta-`; names that start with `x-oss-` are refused. Values must not
    /// start or end with a blank. Default: none.
    public var metadata: [String: String] = [:]
    /// Storage class. Default: the bucket's storage class.
    public var storageClass: StorageClass?
    /// Access control list. Default: the bucket's access control list.
    public var accessControl: AccessControl?
    /// Up to ten tags, with keys of 1 to 128 bytes and values of at most 256 bytes. Default: none.
    public var tags: [String: String] = [:]
    /// Encryption by the service. Default: that of the bucket.
    public var encryption: ServerSideEncryption?
    /// Period in which the object cannot be deleted or overwritten, in a bucket with retention of single objects.
    /// Default: that of the bucket.
    public var retention: ObjectRetention?
    /// Whether the object cannot be deleted or overwritten until the legal hold is removed
    /// (``Bucket/setObjectLegalHold(_:to:versionID:)``). Default: `false`.
    public var hasLegalHold = false

    /// Creates attributes with the service's defaults.
    public init() {}
}

/// The type of an object, which depends on how the object was written.
public struct ObjectType: ExtensibleName {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An object stored by a single request. Its ETag is the MD5 of its content unless it is encrypted.
    public static let normal: ObjectType = "Normal"
    /// An object stored by a multipart upload.
    public static let multipart: ObjectType = "Multipart"
    /// An object that can be appended to.
    public static let appendable: ObjectType = "Appendable"
    /// A symbolic link to another object.
    public static let symlink: ObjectType = "Symlink"
}

/// The storage class of an object, which determines its price and availability.
public struct StorageClass: ExtensibleName {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Standard storage, for frequent access.
    public static let standard: StorageClass = "Standard"
    /// Storage for infrequent access. It is cheaper, but billed for at least 30 days and for each byte read.
    public static let infrequentAccess: StorageClass = "IA"
    /// Archive storage. An object must be restored, which takes about a minute, before it can be read.
    public static let archive: StorageClass = "Archive"
    /// Cold archive storage. An object must be restored, which takes hours, before it can be read.
    public static let coldArchive: StorageClass = "ColdArchive"
    /// Deep cold archive storage. An object must be restored, which takes up to two days, before it can be read.
    public static let deepColdArchive: StorageClass = "DeepColdArchive"
}

/// The access that an object grants to requests made without the credentials of the bucket's owner.
public struct AccessControl: ExtensibleName {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Access determined by the bucket's access control list.
    public static let `default`: AccessControl = "default"
    /// Access for the owner and for users that a policy permits.
    public static let `private`: AccessControl = "private"
    /// Read access for everyone.
    public static let publicRead: AccessControl = "public-read"
    /// Read and write access for everyone.
    public static let publicReadWrite: AccessControl = "public-read-write"
}

/// A period in which an object cannot be deleted or overwritten.
public struct ObjectRetention: Sendable, Hashable {
    /// Mode of the retention.
    public var mode: RetentionMode
    /// End of the period, to the second.
    public var retainUntil: Date

    /// Creates a retention.
    public init(_ mode: RetentionMode, until date: Date) {
        self.mode = mode
        retainUntil = date
    }
}

/// A mode of retention.
public struct RetentionMode: ExtensibleName {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Users with a special permission can delete the object and shorten its retention.
    public static let governance: RetentionMode = "GOVERNANCE"
    /// No user can delete the object or shorten its retention.
    public static let compliance: RetentionMode = "COMPLIANCE"
}

/// A type whose values are names from a set that can grow, such as storage classes and kinds of actions. Its values are
/// static members of a struct in place of enum cases, so that new names do not break existing switches.
public protocol ExtensibleName: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral,
    CustomStringConvertible
where RawValue == String {
    /// Creates a value from a name.
    init(rawValue: String)
}

extension ExtensibleName {
    /// Creates a value from a name.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    /// The name of the value.
    public var description: String { rawValue }
}
