import Foundation
import Synchronization

/// A multipart upload that is neither completed nor aborted.
final class MockUpload: Sendable {
    struct Part: Sendable {
        var bytes: ObjectBytes
        var eTag: String
        var checksum: UInt64
        var lastModified: Date
    }

    let id: String
    let bucket: String
    let key: [UInt8]
    /// What the object will be, but for its bytes.
    let attributes: MockObject.Attributes
    let forbidsOverwrite: Bool
    private let storedParts = Mutex<[Int: Part]>([:])

    init(id: String, bucket: String, key: [UInt8], attributes: MockObject.Attributes, forbidsOverwrite: Bool) {
        self.id = id
        self.bucket = bucket
        self.key = key
        self.attributes = attributes
        self.forbidsOverwrite = forbidsOverwrite
    }

    /// The parts by number, ascending.
    var parts: [(number: Int, part: Part)] {
        storedParts.withLock { parts in parts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }

    func store(_ part: Part, number: Int) {
        storedParts.withLock { $0[number] = part }
    }
}

/// The uploads of a server. They are kept in memory, whatever the objects are kept in.
final class UploadStore: Sendable {
    private let uploads = Mutex<[String: MockUpload]>([:])

    var count: Int { uploads.withLock { $0.count } }

    func begin(_ upload: MockUpload) {
        uploads.withLock { $0[upload.id] = upload }
    }

    func upload(_ id: String) -> MockUpload? {
        uploads.withLock { $0[id] }
    }

    /// Takes an upload away. Of two that complete it at the same time, one gets `false`.
    func end(_ upload: MockUpload) -> Bool {
        uploads.withLock { $0.removeValue(forKey: upload.id) != nil }
    }

    /// The uploads of a bucket by key and then by id.
    func uploads(in bucket: String) -> [MockUpload] {
        uploads.withLock { uploads in uploads.values.filter { $0.bucket == bucket } }
            .sorted { $0.key == $1.key ? $0.id < $1.id : precedes($0.key, $1.key) }
    }

    func removeAll() {
        uploads.withLock { $0 = [:] }
    }
}
