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

/// An object as a listing promises it.
struct ListedObject: Sendable {
    /// The size in bytes.
    var size: Int64
    /// The entity tag without quotes; `nil` when it is not known.
    var eTag: String?
    /// Whether the entity tag is the MD5 of the content, unless the object is encrypted.
    var isNormal = false

    /// Compares an object with what was promised.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/sourceChanged``.
    func check(_ object: ObjectMetadata) throws(OSSError) {
        guard let problem = problem(size: object.size, eTag: object.eTag) else { return }
        throw problem
    }

    /// The reason why an object of this size and entity tag is another one, if so.
    func problem(size: Int64, eTag: String) -> OSSError? {
        guard self.eTag ?? eTag != eTag || self.size != size else { return nil }
        return OSSError(
            .sourceChanged,
            "the listing has \(self.size) bytes with ETag \((self.eTag ?? "").onOneLine), and the response has \(size) bytes with ETag "
                + "\(eTag.onOneLine): the object was replaced, or a cache or proxy in between answered. Transfer it again",
            operation: "GetObject")
    }
}

/// How the pages of a listing are chained.
public enum ListPaging: Sendable, Hashable {
    /// ListObjects: each page begins after a key (`marker`). Can be continued at any key, also on another day.
    case marker
    /// ListObjectsV2: each page begins at a token that only the service understands.
    case continuationToken

    /// The element that repeats where the page begins.
    var currentElement: String {
        switch self {
        case .marker: "Marker"
        case .continuationToken: "ContinuationToken"
        }
    }

    var nextElement: String {
        switch self {
        case .marker: "NextMarker"
        case .continuationToken: "NextContinuationToken"
        }
    }
}
