import Foundation
import Synchronization

/// A multipart upload that is neither completed nor aborted.
final class MockUpload: Sendable {
    /// What is known from the start, and written to the metadata file of a folder-backed bucket.
    struct Properties: Sendable, Codable {
        var key: String
        /// What the object will be, but for its bytes. `lastModified` is the time of the beginning.
        var attributes: MockObject.Attributes
        var forbidsOverwrite: Bool
        /// Whether the parts were announced to come in order, which lets the service digest the whole.
        var isSequential: Bool?
    }

    struct Part: Sendable {
        var content: MockObject.Content
        var size: Int
        /// Without quotes.
        var eTag: String
        var checksum: UInt64
        var lastModified: Date
    }

    struct State: Sendable {
        var parts: [Int: Part]
        var isOver = false
    }

    let id: String
    let key: [UInt8]
    let properties: Properties
    /// Held while the upload is completed, so that parts neither come nor go meanwhile.
    let state: Mutex<State>

    init(id: String, properties: Properties, parts: [Int: Part] = [:]) {
        self.id = id
        self.properties = properties
        key = Array(properties.key.utf8)
        state = Mutex(State(parts: parts))
    }

    /// The parts by number, ascending.
    var parts: [(number: Int, part: Part)] {
        state.withLock { $0.parts }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// 32 upper-case hexadecimal digits.
    static func makeID() -> String {
        UUID().uuidString.filter { $0 != "-" }
    }
}

/// The open uploads of a bucket.
///
/// Each upload has a lock of its own beside the table's. Who holds both took the upload's first.
final class UploadTable: Sendable {
    private let storage: any BucketStorage
    private let uploads: Mutex<[String: MockUpload]>

    init(storage: any BucketStorage, uploads: [MockUpload]) {
        self.storage = storage
        self.uploads = Mutex(Dictionary(uploads.map { ($0.id, $0) }) { first, _ in first })
    }

    var count: Int { uploads.withLock { $0.count } }

    /// The uploads by key and then by id.
    var all: [MockUpload] {
        uploads.withLock { Array($0.values) }
            .sorted { $0.key == $1.key ? $0.id < $1.id : precedes($0.key, $1.key) }
    }

    subscript(id: String) -> MockUpload? {
        uploads.withLock { $0[id] }
    }

    func begin(_ properties: MockUpload.Properties) throws -> MockUpload {
        let upload = MockUpload(id: MockUpload.makeID(), properties: properties)
        try storage.save(upload)
        uploads.withLock { $0[upload.id] = upload }
        return upload
    }

    /// Stores a part, in the place of the one that has its number. Returns `false` when the upload is over.
    func store(_ bytes: ObjectBytes, _ part: MockUpload.Part, number: Int, in upload: MockUpload) throws -> Bool {
        var part = part
        part.content = try storage.store(bytes)
        let stored = part
        return try upload.state.withLock { state in
            guard !state.isOver else {
                storage.discard(stored.content)
                return false
            }
            if upload.properties.isSequential == true, number > 1, state.parts[number - 1] == nil {
                storage.discard(stored.content)
                throw ServiceError(
                    status: 400, code: "PartNotSequential",
                    message: "The part number is not the next one of the sequential upload.", ec: "0042-00000225")
            }
            try storage.save(stored, number: number, of: upload)
            if let old = state.parts.updateValue(stored, forKey: number) { storage.discard(old.content) }
            return true
        }
    }

    /// Ends an upload and forgets its parts. Returns `false` when it is over already.
    func discard(_ upload: MockUpload) -> Bool {
        upload.state.withLock { state in
            guard !state.isOver else { return false }
            end(upload, &state, keeping: [])
            return true
        }
    }

    /// Makes an object of an upload and ends it; it stays open when there is an error.
    ///
    /// - Parameter body: Stores the object and tells the numbers of the parts that it is made of.
    /// - Returns: `nil` when the upload is over already: of two that complete it at the same time, one gets this.
    func complete<Result: Sendable>(
        _ upload: MockUpload, _ body: ([Int: MockUpload.Part]) throws -> (Result, parts: Set<Int>)
    ) throws -> Result? {
        try upload.state.withLock { state in
            guard !state.isOver else { return nil }
            let (result, used) = try body(state.parts)
            end(upload, &state, keeping: used)
            return result
        }
    }

    private func end(_ upload: MockUpload, _ state: inout MockUpload.State, keeping used: Set<Int>) {
        uploads.withLock { $0[upload.id] = nil }
        storage.remove(upload)
        for (number, part) in state.parts where !used.contains(number) { storage.discard(part.content) }
        state = MockUpload.State(parts: [:], isOver: true)
    }
}
