import AliyunOSS
import Foundation

/// An immutable version of an object, or a delete marker.
final class MockObject: Sendable {
    /// The attributes of a version. A folder-backed bucket writes them to a metadata file.
    struct Attributes: Sendable, Codable {
        var size: Int
        /// ETag without quotation marks.
        var eTag: String
        var checksum: UInt64
        /// Time of the last modification, in whole seconds. HTTP dates have this precision, so conditions are compared
        /// with the value that clients received.
        var lastModified: Date
        var type = "Normal"
        var storageClass = "Standard"
        var acl = "default"
        var tagging = ""
        var contentMD5: String?
        /// Content headers and `x-oss-meta-*` headers, keyed by lowercase name.
        var headers: [String: String] = [:]

        /// Version ID; `null` for a version written while versioning was suspended, or `nil` for a version written
        /// before versioning was ever enabled. The latter also has the ID `null`, which is not shown in a bucket
        /// without versioning.
        var versionID: String?
        /// Sequence number of the write within the bucket. A key's versions are sorted by this number.
        var sequence: UInt64 = 0
        var isDeleteMarker = false
        /// Key to which a symlink points, as received; `nil` for an object that is not a symlink.
        var symlinkTarget: String?
        var restore: RestoreState?
        var encryption: Encryption?
        var retention: Retention?
        var legalHold: String?
        /// Time at which an appendable object was sealed; `nil` if the object has not been sealed.
        var sealedTime: Date?
    }

    /// The retention settings of an object. They are stored and returned but not enforced.
    struct Retention: Sendable, Codable {
        var mode: String
        var retainUntilDate: String
    }

    enum Content: Sendable {
        /// No content, for delete markers and symlinks.
        case none
        case memory(ObjectBytes)
        /// Files that contain consecutive sections of the content. There is a single file, or one for each uploaded
        /// part and each large append.
        case files([StoredFile])
    }

    let attributes: Attributes
    let content: Content

    init(attributes: Attributes, content: Content) {
        self.attributes = attributes
        self.content = content
    }

    var isDeleteMarker: Bool { attributes.isDeleteMarker }

    /// Version ID that requests use to select this version.
    var versionID: String { attributes.versionID ?? "null" }

    var isNullVersion: Bool { versionID == "null" }

    /// Number of tags, as returned in `x-oss-tagging-count`.
    var tagCount: Int {
        attributes.tagging.utf8.isEmpty ? 0 : attributes.tagging.split(separator: "&").count
    }
}

/// The versions of one key, including delete markers. A chain always contains at least one version.
///
/// Most keys have one version, in which case the chain consists of a reference and an empty array.
struct VersionChain {
    private(set) var newest: MockObject
    /// Older versions, oldest first, so that each write appends to the array.
    private var older: [MockObject] = []

    init(_ object: MockObject) {
        newest = object
    }

    /// Current object, or `nil` if the newest version is a delete marker.
    var current: MockObject? { newest.isDeleteMarker ? nil : newest }

    var count: Int { older.count + 1 }

    subscript(id: String) -> MockObject? {
        newest.versionID == id ? newest : older.first { $0.versionID == id }
    }

    /// Returns the version with the given age, which is 0 for the newest version.
    func version(at age: Int) -> MockObject {
        age == 0 ? newest : older[older.count - age]
    }

    /// Adds a version as the newest version, and returns the version that it replaces, or `nil` if it replaces none. A
    /// version with the ID `null` replaces the previous version with that ID.
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

    /// Replaces the version that has the same ID as the given object.
    mutating func replace(with object: MockObject) {
        if newest.versionID == object.versionID {
            newest = object
        } else if let index = older.firstIndex(where: { $0.versionID == object.versionID }) {
            older[index] = object
        }
    }

    /// Removes a version unless it is the only one, and returns whether the version was removed.
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
