import Foundation

/// The state from which an interrupted transfer can be resumed. It contains no secrets and can be stored.
///
/// This state is not needed when the library stores transfer state (``BucketConfiguration/stateDirectory``), which is
/// the default: calling the method again with the same arguments is then sufficient.
public enum ResumableTransfer: Sendable, Hashable, Codable {
    /// An upload of a file.
    case upload(ResumableUpload)
    /// A download to a file.
    case download(ResumableDownload)
    /// A copy of an object.
    case copy(ResumableCopy)
}

/// The state of an incomplete multipart upload of a file.
public struct ResumableUpload: Sendable, Hashable, Codable {
    /// Endpoint of the bucket.
    public internal(set) var endpoint: String
    /// Bucket of the object.
    public internal(set) var bucket: String
    /// Key of the object.
    public internal(set) var key: String
    /// Absolute path of the file.
    public internal(set) var path: String
    /// Attributes of the file. If they have changed, the upload starts over.
    var source: FileStatus
    /// Size in bytes of each part except the last.
    public internal(set) var partSize: Int64
    /// Checksum of the object's attributes. If they have changed, the upload starts over.
    public internal(set) var attributesChecksum: UInt64
    /// Time at which the upload started.
    public internal(set) var started: Date
    /// Upload ID; `nil` until the service has assigned one.
    public internal(set) var uploadID: String?
}

/// The state of a partial download.
public struct ResumableDownload: Sendable, Hashable, Codable {
    /// A range of the object that has been written to the temporary file and is on stable storage.
    public struct CompletedRange: Sendable, Hashable, Codable {
        /// Offset in bytes.
        public internal(set) var offset: Int64
        /// Length in bytes.
        public internal(set) var length: Int64
        /// CRC-64/XZ of the bytes in the range.
        public internal(set) var checksum: UInt64
    }

    /// Endpoint of the bucket.
    public internal(set) var endpoint: String
    /// Bucket of the object.
    public internal(set) var bucket: String
    /// Key of the object.
    public internal(set) var key: String
    /// Requested version ID; `nil` for the current version.
    public internal(set) var versionID: String?
    /// Absolute path of the file.
    public internal(set) var path: String
    /// Path of the temporary file.
    public internal(set) var temporaryPath: String
    /// ETag of the object. If it has changed, the download starts over.
    public internal(set) var eTag: String
    /// Size of the object in bytes.
    public internal(set) var size: Int64
    /// CRC-64/XZ of the object, as reported by the service; `nil` if the service reported none.
    public internal(set) var checksum: UInt64?
    /// The downloaded ranges, which are verified before they are used.
    public internal(set) var ranges: [CompletedRange] = []
}

/// The state of an incomplete multipart copy.
public struct ResumableCopy: Sendable, Hashable, Codable {
    /// Endpoint of both buckets.
    public internal(set) var endpoint: String
    /// Bucket of the copy.
    public internal(set) var bucket: String
    /// Key of the copy.
    public internal(set) var key: String
    /// Bucket of the source.
    public internal(set) var sourceBucket: String
    /// Key of the source.
    public internal(set) var sourceKey: String
    /// Requested version ID of the source; `nil` for the current version.
    public internal(set) var sourceVersionID: String?
    /// ETag of the source. If it has changed, the copy starts over.
    public internal(set) var eTag: String
    /// Size of the source in bytes.
    public internal(set) var size: Int64
    /// Size in bytes of each part except the last.
    public internal(set) var partSize: Int64
    /// Checksum of the object's attributes. If they have changed, the copy starts over.
    public internal(set) var attributesChecksum: UInt64
    /// Time at which the copy started.
    public internal(set) var started: Date
    /// Upload ID; `nil` until the service has assigned one.
    public internal(set) var uploadID: String?
}

/// The state of a transfer that creates an object from parts. It identifies the upload and the version of its source.
protocol ResumableParts: Codable, Sendable {
    /// The kind of transfer (`upload` or `copy`), as used in the names of journals and in messages.
    static var kind: String { get }

    var endpoint: String { get }
    var bucket: String { get }
    var key: String { get }
    /// Size in bytes of each part except the last.
    var partSize: Int64 { get }
    /// Checksum of the object's attributes.
    var attributesChecksum: UInt64 { get }
    var started: Date { get }
    /// Upload ID; `nil` until the service has assigned one.
    var uploadID: String? { get set }

    /// The state as a ``ResumableTransfer``, the type that is passed to the user.
    var transfer: ResumableTransfer { get }
}

extension ResumableUpload: ResumableParts {
    static var kind: String { "upload" }
    var transfer: ResumableTransfer { .upload(self) }
}

extension ResumableCopy: ResumableParts {
    static var kind: String { "copy" }
    var transfer: ResumableTransfer { .copy(self) }
}

/// Returns whether a transfer can be resumed after an error. It can be after a network failure, a failure of the
/// service or a cancellation, but not if the content is wrong or unwanted.
func canResume(after error: any Error) -> Bool {
    guard let error = error as? OSSError else { return error is CancellationError }
    switch error.code {
    case .throttled, .serviceUnavailable, .connectionFailed, .connectionLost, .timedOut, .truncatedBody, .clockSkewed,
        .credentialsUnavailable, .accessDenied, .shutDown, .invalidResponse:
        return true
    default:
        return false
    }
}
