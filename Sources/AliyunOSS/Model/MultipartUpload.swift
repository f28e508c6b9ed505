import Foundation

/// A multipart upload that has been initiated, identified by its key and upload ID.
public struct MultipartUpload: Sendable, Hashable {
    /// Key of the object that the upload creates.
    public var key: ObjectKey
    /// ID that the service assigned to the upload.
    public var uploadID: String

    /// Creates a value for an upload that was initiated elsewhere.
    public init(key: ObjectKey, uploadID: String) {
        self.key = key
        self.uploadID = uploadID
    }
}

/// A part of a multipart upload.
public struct UploadedPart: Sendable, Hashable {
    /// Number of the part, 1 to 10,000. Parts are joined in part-number order.
    public var number: Int
    /// ETag of the part without quotation marks. It is the MD5 of the part.
    public var eTag: String
    /// Size in bytes.
    public var size: Int64
    /// CRC-64/XZ of the part as computed by the service; `nil` if the response contains none.
    public var crc64: UInt64?

    /// Creates a part.
    public init(number: Int, eTag: String, size: Int64, crc64: UInt64? = nil) {
        self.number = number
        self.eTag = eTag
        self.size = size
        self.crc64 = crc64
    }
}

/// An incomplete multipart upload in a listing.
public struct MultipartUploadSummary: Sendable, Hashable {
    /// Key and ID of the upload.
    public var upload: MultipartUpload
    /// Time at which the upload was initiated.
    public var initiated: Date
    /// Storage class of the object that the upload creates.
    public var storageClass: StorageClass

    /// Creates a summary.
    public init(upload: MultipartUpload, initiated: Date, storageClass: StorageClass = .standard) {
        self.upload = upload
        self.initiated = initiated
        self.storageClass = storageClass
    }
}
