import Foundation

/// What is stored beside an object's bytes, as given when it is written.
public struct ObjectAttributes: Sendable, Hashable {
    /// `Content-Type`. Default: `application/octet-stream`.
    public var contentType: String?
    /// `Cache-Control`. Default: none.
    public var cacheControl: String?
    /// `Content-Disposition`. Default: none.
    public var contentDisposition: String?
    /// `Content-Encoding`, for bytes that are already encoded. Default: none.
    public var contentEncoding: String?
    /// `Expires`. Default: none.
    public var expires: Date?
    /// `Expires` of an object that is copied, word for word: what is stored may be no date, such as `0`.
    var copiedExpires: String?
    /// Whether these are the attributes of an object that is copied.
    var isCopied = false
    /// The user's own metadata, at most 8 KB together. Names consist of letters, digits and `-`, and are stored in
    /// lower case; they are given without `x-oss-meta-`, and none begins with `x-oss-`. Values do not begin or end with a
    /// blank. Default: none.
    public var metadata: [String: String] = [:]
    /// The storage class. Default: the bucket's.
    public var storageClass: StorageClass?
    /// The access control list. Default: the bucket's.
    public var accessControl: AccessControl?
    /// Up to ten tags. Default: none.
    public var tags: [String: String] = [:]

    /// Makes attributes that leave everything to the service.
    public init() {}
}

/// How an object is stored and billed. A struct, so that a class the service adds later can be named.
public struct StorageClass: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name the service uses.
    public var rawValue: String

    /// Makes a class from the name the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Makes a class from the name the service uses.
    public init(stringLiteral value: String) { rawValue = value }
    /// The name the service uses.
    public var description: String { rawValue }

    /// Frequent access.
    public static let standard: StorageClass = "Standard"
    /// Infrequent access: cheaper to keep, billed for at least 30 days and per byte read.
    public static let infrequentAccess: StorageClass = "IA"
    /// Must be restored (about a minute) before it can be read.
    public static let archive: StorageClass = "Archive"
    /// Must be restored (hours) before it can be read.
    public static let coldArchive: StorageClass = "ColdArchive"
    /// Must be restored (up to two days) before it can be read.
    public static let deepColdArchive: StorageClass = "DeepColdArchive"
}

/// Who may read and write an object without credentials of the bucket's owner.
public enum AccessControl: String, Sendable, Hashable, CaseIterable {
    /// As the bucket says.
    case `default`
    /// Only its owner and those whom a policy permits.
    case `private`
    /// Everybody may read it.
    case publicRead = "public-read"
    /// Everybody may read and overwrite it.
    case publicReadWrite = "public-read-write"
}
