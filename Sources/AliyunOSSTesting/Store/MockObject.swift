import AliyunOSS
import Foundation

/// One version of an object, or a delete marker. It is immutable.
final class MockObject: Sendable {
    /// The attributes of a version, which a folder-backed bucket writes to its metadata file.
    struct Attributes: Sendable, Codable {
        var size: Int
        /// ETag without quotation marks.
        var eTag: String
        var checksum: UInt64
        /// Time in whole seconds, the precision of HTTP dates, so that conditions compare the values that clients
        /// received.
        var lastModified: Date
        var type = "Normal"
        var storageClass = "Standard"
        var acl = "default"
        var tagging = ""
        var contentMD5: String?
        /// Content headers and `x-oss-meta-*`, by lowercase name.
        var headers: [String: String] = [:]

        /// Version ID; `null` for a write while versioning was suspended. `nil` for a write before versioning was ever
        /// enabled: it also has the ID `null`, which is not shown in a bucket without versioning.
        var versionID: String?
        /// Sequence number of the write in the bucket, which orders the versions of a key.
        var sequence: UInt64 = 0
        var isDeleteMarker = false
        /// Target key of a symlink, as received.
        var symlinkTarget: String?
        var restore: RestoreState?
        var encryption: Encryption?
        var retention: Retention?
        var legalHold: String?
        /// Time at which an appendable object was sealed.
        var sealedTime: Date?
    }

    /// The retention of an object. It is stored and returned, and not enforced.
    struct Retention: Sendable, Codable {
        var mode: String
        var retainUntilDate: String
    }

    enum Content: Sendable {
        /// No content, for delete markers and symlinks.
        case none
        case memory(ObjectBytes)
        /// Concatenated files: one, or one for each part of an upload and each large append.
        case files([StoredFile])
    }

    let attributes: Attributes
    let content: Content

    init(attributes: Attributes, content: Content) {
        self.attributes = attributes
        self.content = content
    }

    var isDeleteMarker: Bool { attributes.isDeleteMarker }

    /// ID that selects this version.
    var versionID: String { attributes.versionID ?? "null" }

    var isNullVersion: Bool { versionID == "null" }

    /// Number of tags, for `x-oss-tagging-count`.
    var tagCount: Int {
        attributes.tagging.utf8.isEmpty ? 0 : attributes.tagging.split(separator: "&").count
    }
}

/// The versions of one key, including delete markers. There is always at least one.
///
/// Most keys have one version, for which a chain is a reference and an empty array.
struct VersionChain {
    private(set) var newest: MockObject
    /// Older versions, oldest first, so that a write appends.
    private var older: [MockObject] = []

    init(_ object: MockObject) {
        newest = object
    }

    /// Current object; `nil` if the newest version is a delete marker.
    var current: MockObject? { newest.isDeleteMarker ? nil : newest }

    var count: Int { older.count + 1 }

    subscript(id: String) -> MockObject? {
        newest.versionID == id ? newest : older.first { $0.versionID == id }
    }

    /// Returns a version by age; 0 is the newest.
    func version(at age: Int) -> MockObject {
        age == 0 ? newest : older[older.count - age]
    }

    /// Adds the newest version. A null version replaces the previous null version, which is returned.
    mutating func push(_ object: MockObject) -> MockObject? {
        guard object.isNullVersion else {
            older.append(newest)
            newest = object
            return nil
        }
        if newest.isNullVersion {
            defer { newest = object }
            return newest
        }
        let replaced = older.firstIndex(where: \.isNullVersion).map { older.remove(at: $0) }
        older.append(newest)
        newest = object
        return replaced
    }

    /// Replaces the version with the same ID.
    mutating func replace(with object: MockObject) {
        if newest.versionID == object.versionID {
            newest = object
        } else if let index = older.firstIndex(where: { $0.versionID == object.versionID }) {
            older[index] = object
        }
    }

    /// Removes a version. Returns `false` if it is the only one.
    mutating func remove(_ object: MockObject) -> Bool {
        if object === newest {
            guard let next = older.popLast() else { return false }
            newest = next
            return true
        }
        older.removeAll { $0 === object }
        return true
    }
}
