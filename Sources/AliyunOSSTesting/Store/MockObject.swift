import AliyunOSS
import Foundation

/// One version of an object, or a delete marker. It never changes; writing replaces it or puts another on top.
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

        /// `null` for what was written while versioning was suspended; `nil` from before it was ever enabled, which
        /// goes by the name `null` too but is not shown where nobody has heard of versions.
        var versionID: String?
        /// Grows with every write to the bucket: what orders the versions of a key.
        var sequence: UInt64 = 0
        var isDeleteMarker = false
        /// The key that a symlink points at, as it was given.
        var symlinkTarget: String?
        var restore: RestoreState?
        var encryption: Encryption?
        var retention: Retention?
        var legalHold: String?
        /// Since when an appended object can be appended to no longer.
        var sealedTime: Date?
    }

    /// Until when an object must not be deleted. It is kept and returned; this server lets everything be deleted.
    struct Retention: Sendable, Codable {
        var mode: String
        var retainUntilDate: String
    }

    enum Content: Sendable {
        /// Delete markers and symlinks have no bytes.
        case none
        case memory(ObjectBytes)
        /// Files laid end to end: one, or one for every part of an upload and every large append.
        case files([StoredFile])
    }

    let attributes: Attributes
    let content: Content

    init(attributes: Attributes, content: Content) {
        self.attributes = attributes
        self.content = content
    }

    var isDeleteMarker: Bool { attributes.isDeleteMarker }

    /// The id that finds this version.
    var versionID: String { attributes.versionID ?? "null" }

    var isNullVersion: Bool { versionID == "null" }

    /// The number of tags, for `x-oss-tagging-count`.
    var tagCount: Int {
        attributes.tagging.utf8.isEmpty ? 0 : attributes.tagging.split(separator: "&").count
    }
}

/// The versions of one key, delete markers among them. There is always at least one.
///
/// Nearly every key has just one, for which this is a reference and an empty array that costs nothing.
struct VersionChain {
    private(set) var newest: MockObject
    /// From the oldest on, so that a write appends.
    private var older: [MockObject] = []

    init(_ object: MockObject) {
        newest = object
    }

    /// What a request without a version id sees; `nil` when that is a delete marker.
    var current: MockObject? { newest.isDeleteMarker ? nil : newest }

    var count: Int { older.count + 1 }

    subscript(id: String) -> MockObject? {
        newest.versionID == id ? newest : older.first { $0.versionID == id }
    }

    /// A version by age: 0 is the newest.
    func version(at age: Int) -> MockObject {
        age == 0 ? newest : older[older.count - age]
    }

    /// Puts a version on top. A null version takes the place of the one before it, which is returned.
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

    /// Puts a version in the place of one with the same id.
    mutating func replace(with object: MockObject) {
        if newest.versionID == object.versionID {
            newest = object
        } else if let index = older.firstIndex(where: { $0.versionID == object.versionID }) {
            older[index] = object
        }
    }

    /// Removes an older version, or the newest when there is an older one to follow it. Returns whether it could.
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
