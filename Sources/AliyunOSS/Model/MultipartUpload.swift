import Foundation

/// An upload in parts that was begun: what UploadPart, CompleteMultipartUpload and AbortMultipartUpload are about.
public struct MultipartUpload: Sendable, Hashable {
    /// The name of the object it is to become.
    public var key: ObjectKey
    /// The service's name for it.
    public var uploadID: String

    /// Makes a value for an upload that is known from elsewhere.
    public init(key: ObjectKey, uploadID: String) {
        self.key = key
        self.uploadID = uploadID
    }
}

/// A part of an upload, as the service answered to it or lists it.
public struct UploadedPart: Sendable, Hashable {
    /// Its number, 1 to 10,000. Parts are joined in the order of their numbers.
    public var number: Int
    /// The entity tag without quotes: the MD5 of the part.
    public var eTag: String
    /// Its size in bytes.
    public var size: Int64
    /// CRC-64/XZ of its bytes, as the service computed it; `nil` when the service gave none.
    public var checksum: UInt64?

    /// Makes a part.
    public init(number: Int, eTag: String, size: Int64, checksum: UInt64? = nil) {
        self.number = number
        self.eTag = eTag
        self.size = size
        self.checksum = checksum
    }
}

/// An upload that was begun and neither completed nor aborted, as a listing shows it.
public struct MultipartUploadSummary: Sendable, Hashable {
    /// The upload.
    public var upload: MultipartUpload
    /// When it was begun.
    public var initiated: Date
    /// How its object will be stored and billed.
    public var storageClass: StorageClass
}
