import Foundation

/// What an interrupted transfer can be resumed from. It holds no secret, so it can be stored anywhere.
///
/// Nobody needs one who lets the library keep its state (``BucketConfiguration/stateDirectory``): there, calling again with
/// the same arguments is enough.
public enum ResumableTransfer: Sendable, Hashable, Codable {
    case upload(ResumableUpload)
    case download(ResumableDownload)
    case copy(ResumableCopy)
}

/// An upload in parts that was begun and can be finished.
public struct ResumableUpload: Sendable, Hashable, Codable {
    /// Where the object is to be.
    public var endpoint: String
    /// The bucket it is to be in.
    public var bucket: String
    /// The name it is to have.
    public var key: String
    /// The file it comes from, as an absolute path.
    public var path: String
    /// What the file was. When it has changed, the upload begins anew.
    public var source: FileStatus
    /// The bytes of each part but the last.
    public var partSize: Int64
    /// What is to be stored beside the bytes, as a checksum. When it is something else, the upload begins anew.
    public var attributesChecksum: UInt64
    /// When it was begun.
    public var begun: Date
    /// The service's name for the upload; `nil` when it was about to be asked for one.
    public var uploadID: String?
}

/// A download of which some pieces are on the disk.
public struct ResumableDownload: Sendable, Hashable, Codable {
    /// A run of bytes that has come and was brought to stable storage.
    public struct Piece: Sendable, Hashable, Codable {
        /// Its offset in bytes.
        public var offset: Int64
        /// Its length in bytes.
        public var length: Int64
        /// CRC-64/XZ of these bytes.
        public var checksum: UInt64
    }

    /// Where the object is.
    public var endpoint: String
    /// The bucket it is in.
    public var bucket: String
    /// Its name.
    public var key: String
    /// The version that was asked for.
    public var versionID: String?
    /// The file it is to become, as an absolute path.
    public var path: String
    /// The file that the pieces are in until then.
    public var temporaryPath: String
    /// The object's entity tag. When it has another, the download begins anew.
    public var eTag: String
    /// Its size in bytes.
    public var size: Int64
    /// CRC-64/XZ of the whole, as the service stated it.
    public var checksum: UInt64?
    /// The pieces. They are read again and checked before they are relied on.
    public var pieces: [Piece] = []
}

/// A copy in parts that was begun and can be finished.
public struct ResumableCopy: Sendable, Hashable, Codable {
    /// Where both objects are.
    public var endpoint: String
    /// The bucket of the copy.
    public var bucket: String
    /// The name of the copy.
    public var key: String
    /// The bucket of the source.
    public var sourceBucket: String
    /// The name of the source.
    public var sourceKey: String
    /// The version of the source that was asked for.
    public var sourceVersionID: String?
    /// The entity tag of the source. When it has another, the copy begins anew.
    public var eTag: String
    /// Its size in bytes.
    public var size: Int64
    /// The bytes of each part but the last.
    public var partSize: Int64
    /// What is to be stored beside the bytes, as a checksum. When it is something else, the copy begins anew.
    public var attributesChecksum: UInt64
    /// When it was begun.
    public var begun: Date
    /// The service's name for the upload; `nil` when it was about to be asked for one.
    public var uploadID: String?
}

/// What is remembered of an object that is made of parts: enough to find its upload again, and to see whether it is still
/// what is wanted.
protocol ResumableParts: Codable, Sendable {
    /// What its journals are called, and its user calls it: `upload`, `copy`.
    static var kind: String { get }

    var endpoint: String { get }
    var bucket: String { get }
    var key: String { get }
    /// The bytes of each part but the last.
    var partSize: Int64 { get }
    /// What is to be stored beside the bytes, as a checksum.
    var attributesChecksum: UInt64 { get }
    var begun: Date { get }
    /// The service's name for the upload; `nil` when it was about to be asked for one.
    var uploadID: String? { get set }

    /// The same for the user to keep.
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

/// Whether what a failed transfer has done is of use to the next attempt.
enum ResumeVerdict {
    /// Whether to go on after this error makes sense: when it was the network, the service or the user who ended it, and
    /// not when the bytes themselves are wrong, or are not wanted.
    static func canResume(after error: any Error) -> Bool {
        guard let error = error as? OSSError else { return error is CancellationError }
        switch error.code {
        case .throttled, .serviceUnavailable, .connectionFailed, .connectionLost, .timedOut, .truncatedBody,
            .clockSkewed, .credentialsUnavailable, .accessDenied, .shutDown, .invalidResponse:
            return true
        default:
            return false
        }
    }
}
