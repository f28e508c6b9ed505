import Foundation

/// An object as a listing shows it.
public struct ObjectSummary: Sendable, Hashable {
    /// The object's name.
    public var key: ObjectKey
    /// Its size in bytes.
    public var size: Int64
    /// The entity tag without quotes: the MD5 of the content, in upper-case hex, when ``type`` is `Normal`.
    public var eTag: String
    /// When it was last written, to the second.
    public var lastModified: Date
    /// `Normal`, `Multipart`, `Appendable` or `Symlink`.
    public var type: String
    /// How it is stored and billed.
    public var storageClass: StorageClass
}

/// One page of a listing, as the service answered it.
public struct ObjectPage: Sendable {
    /// The objects, in byte order of their keys.
    public var objects: [ObjectSummary]
    /// With a delimiter: the groups of keys that were rolled up, each ending with the delimiter.
    public var commonPrefixes: [String]
    /// Where the next page begins: a marker or a continuation token. `nil` on the last page.
    public var nextMarker: String?
}
