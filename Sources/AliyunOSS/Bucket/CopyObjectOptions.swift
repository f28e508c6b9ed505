import Foundation

/// How an object is copied by `copyObject`.
public struct CopyObjectOptions: Sendable {
    /// What is stored beside the bytes of the copy. Default: what the source has.
    public var attributes: ObjectAttributes?
    /// How the copy is stored, when ``attributes`` is not given; these have a class of their own. Default: as is usual in the
    /// bucket.
    public var storageClass: StorageClass?
    /// Conditions on the source. Default: none.
    public var conditions = ReadConditions()
    /// The version of the source. Default: the current one.
    public var sourceVersionID: String?
    /// Refuses to replace an object that is there already, with ``OSSError/Code/alreadyExists``. Default: false.
    public var forbidsOverwrite = false

    /// Makes options with every default.
    public init() {}
}

/// What the service answered to a copy.
public struct CopyObjectResult: Sendable, Hashable {
    /// The entity tag of the copy, without quotes.
    public var eTag: String
    /// CRC-64/XZ of the copy, as the service computed it; `nil` when it gave none.
    public var checksum: UInt64?
    /// When the copy was written.
    public var lastModified: Date?
    /// The version of the copy, in a versioned bucket.
    public var versionID: String?
    /// The request id of the answer.
    public var requestID: String?
}
