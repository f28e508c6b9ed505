import Foundation

/// An object in a listing.
public struct ObjectSummary: Sendable, Hashable {
    /// Key of the object.
    public var key: ObjectKey
    /// Size in bytes.
    public var size: Int64
    /// ETag without quotation marks. It is the MD5 of the content in uppercase hexadecimal if ``type`` is
    /// ``ObjectType/normal`` and the object is not encrypted.
    public var eTag: String
    /// Time of the last write, to the second.
    public var lastModified: Date
    /// Type of the object.
    public var type: ObjectType
    /// Storage class of the object.
    public var storageClass: StorageClass
    /// Owner; `nil` unless the listing includes owners.
    public var owner: ObjectOwner?
    /// State of the readable copy of an archived object; `nil` if the object has not been restored.
    public var restore: RestoreStatus?
    /// Time at which a lifecycle rule moved the object to a cold archive class; `nil` if none did.
    public var transitionTime: Date?

    /// Creates a summary.
    public init(
        key: ObjectKey, size: Int64, eTag: String, lastModified: Date, type: ObjectType = .normal,
        storageClass: StorageClass = .standard
    ) {
        self.key = key
        self.size = size
        self.eTag = eTag
        self.lastModified = lastModified
        self.type = type
        self.storageClass = storageClass
    }
}

/// A page of a listing of objects.
public struct ObjectPage: Sendable {
    /// The objects, in byte order of their keys.
    public var objects: [ObjectSummary]
    /// The common prefixes of keys that contain the delimiter, each up to and including the delimiter.
    public var commonPrefixes: [String]
    /// Start of the next page, as a marker or a continuation token; `nil` on the last page.
    public var nextMarker: String?

    /// Creates a page.
    public init(objects: [ObjectSummary], commonPrefixes: [String], nextMarker: String?) {
        self.objects = objects
        self.commonPrefixes = commonPrefixes
        self.nextMarker = nextMarker
    }
}

/// A method for continuing a listing from one page to the next.
public enum ListPaging: Sendable, Hashable {
    /// Each page starts after a key, the marker. (ListObjects) A listing can be continued after any key at any time.
    case marker
    /// Each page starts at a token that only the service understands. (ListObjectsV2)
    case continuationToken

    /// Name of the response element that repeats the requested start of the page.
    var currentElement: String { self == .marker ? "Marker" : "ContinuationToken" }

    /// Name of the response element that contains the start of the next page.
    var nextElement: String { self == .marker ? "NextMarker" : "NextContinuationToken" }
}

/// The start of a page in a listing. It is a key, a continuation token or a part number, compared by bytes.
struct PageMarker: Sendable, Hashable, ExpressibleByStringLiteral {
    var key: ObjectKey
    /// ID of the upload or the version in a listing of uploads or versions; otherwise, `nil`.
    var id: String?

    init(key: ObjectKey, id: String? = nil) {
        self.key = key
        self.id = id
    }

    init(stringLiteral value: String) { self.init(key: ObjectKey(unchecked: value)) }
}

/// The size and the ETag of an object as reported by a listing, for comparison with a later response.
struct ListedObject: Sendable {
    /// Size in bytes.
    var size: Int64
    /// ETag, without the surrounding quotes, or `nil` if unknown.
    var eTag: String?
    /// Whether the object was stored by a single request. In that case, the ETag is the MD5 of the content unless the
    /// object is encrypted.
    var isNormal = false

    /// Verifies that an object has the size and ETag reported by the listing.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/sourceChanged``.
    func check(_ object: ObjectMetadata) throws(OSSError) {
        guard let problem = problem(size: object.size, eTag: object.eTag) else { return }
        throw problem
    }

    /// Returns an error if the size or ETag of an object differs from the listing; otherwise, `nil`.
    func problem(size: Int64, eTag: String) -> OSSError? {
        guard self.eTag ?? eTag != eTag || self.size != size else { return nil }
        return OSSError(
            .sourceChanged,
            "the listing reports \(self.size) bytes and ETag \((self.eTag ?? "").onOneLine), but the response reports \(size) bytes and ETag "
                + "\(eTag.onOneLine): the object was replaced, or an intermediate cache or proxy sent the response; transfer the object again",
            operation: "GetObject")
    }
}
