import Foundation

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
