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
