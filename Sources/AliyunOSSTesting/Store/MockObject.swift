import AliyunOSS
import Foundation

/// One version of an object. It never changes; writing replaces it.
final class MockObject: Sendable {
    /// What is kept beside the bytes, and written to the metadata file of a folder-backed bucket.
    struct Attributes: Sendable, Codable {
        var size: Int
        /// Without quotes.
        var eTag: String
        var checksum: UInt64
        /// Whole seconds, the precision of HTTP dates: conditions compare what clients were shown.
        var lastModified: Date
        var type = "Normal"
        var storageClass = "Standard"
        var acl = "default"
        var tagging = ""
        var contentMD5: String?
        /// Content-Type and the other content headers, and `x-oss-meta-*`, by lower-case name.
        var headers: [String: String] = [:]
    }

    enum Content: Sendable {
        case memory(ObjectBytes)
        case file(String)
    }

    let attributes: Attributes
    let content: Content

    init(attributes: Attributes, content: Content) {
        self.attributes = attributes
        self.content = content
    }

    /// The number of tags, for `x-oss-tagging-count`.
    var tagCount: Int {
        attributes.tagging.utf8.isEmpty ? 0 : attributes.tagging.split(separator: "&").count
    }
}
