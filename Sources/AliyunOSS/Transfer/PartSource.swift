import Foundation

/// Where the parts of an object come from: a file, or another object.
protocol PartSource: Sendable {
    /// What a transfer from it can be resumed from.
    associatedtype Resumable: ResumableParts

    /// The size of the whole in bytes.
    var size: Int64 { get }
    /// What the size of a part starts from, where nobody asks for a certain one.
    var preferredPartSize: Int64 { get }
    /// What it is recognised by the next time.
    var identity: [String] { get }

    /// What a transfer that is about to begin can be resumed from.
    func resumable(partSize: Int64, attributesChecksum: UInt64, begun: Date) -> Resumable
    /// Whether an earlier transfer was from this source, and as it is now.
    func isSource(of resumable: Resumable) -> Bool

    /// Makes one part.
    func makePart(_ number: Int, _ range: Range<Int64>, of upload: MultipartUpload) async throws -> UploadedPart
    /// Whether a part that the service has is what the source has there.
    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool

    /// Makes sure that all parts are of one and the same source, before they are joined.
    ///
    /// - Returns: CRC-64 of the whole, as far as it is known.
    func verify(_ parts: [UploadedPart]) async throws -> UInt64?
    /// CRC-64 of the whole, to recognise it by; `nil` when it cannot be recognised.
    func checksum() async throws -> UInt64?
}
