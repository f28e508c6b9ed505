import Foundation

/// What the service keeps beside an object's content.
struct StoredObject: Sendable {
    /// Bytes of the content.
    var size: Int64
    /// Without quotes.
    var eTag: String
    /// CRC-64 of the content, when the service sent one.
    var checksum: UInt64?
    /// The user's own metadata.
    var metadata: [String: String] = [:]
    var contentEncoding: String?
    /// When it was written, to the second.
    var modified: Date?
}

extension StoredObject {
    /// What the object says of the file that it is the gzip form of, if it is one. Whoever reads the bytes as they are stored
    /// is told the encoding `identity`, because that was asked for.
    var gzip: GzipMark? {
        let encoding = contentEncoding?.lowercased() ?? "identity"
        return [GzipMark.contentEncoding, "identity"].contains(encoding) ? GzipMark(metadata: metadata) : nil
    }
}
