import Foundation
import Synchronization

/// An incomplete multipart upload.
final class MockUpload: Sendable {
    /// The properties that are set when the upload is initiated. A folder-backed bucket writes them to a metadata file.
    struct Properties: Sendable, Codable {
        var key: String
        /// Attributes of the object to be created. `lastModified` is the time at which the upload was initiated.
        var attributes: MockObject.Attributes
        var forbidsOverwrite: Bool
        /// Whether parts must arrive in part-number order. The order lets the service hash the entire object.
        var isSequential: Bool?
    }

    struct Part: Sendable {
        var content: MockObject.Content
        var size: Int
        /// ETag without quotation marks.
        var eTag: String
        var checksum: UInt64
        var lastModified: Date
    }

    struct State: Sendable {
        var parts: [Int: Part]
        var hasEnded = false
    }

    let id: String
    let key: [UInt8]
    let properties: Properties
    /// State of the upload. It is locked while the upload is being completed, so that the parts do not change.
    let state: Mutex<State>

    init(id: String, properties: Properties, parts: [Int: Part] = [:]) {
        self.id = id
        self.properties = properties
        key = Array(properties.key.utf8)
        state = Mutex(State(parts: parts))
    }

    /// Parts, sorted by number.
    var parts: [(number: Int, part: Part)] {
        state.withLock { $0.parts }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Returns a new upload ID of 32 uppercase hexadecimal digits.
    static func makeID() -> String {
        UUID().uuidString.filter { $0 != "-" }
    }
}

/// The incomplete multipart uploads of a bucket.
///
/// The table and each upload have their own lock. Code that needs both locks the upload first.
final class UploadTable: Sendable {
    private let storage: any BucketStorage
    private let uploads: Mutex<[String: MockUpload]>

    init(storage: any BucketStorage, uploads: [MockUpload]) {
        self.storage = storage
        self.uploads = Mutex(Dictionary(uploads.map { ($0.id, $0) }) { first, _ in first })
    }

    var count: Int { uploads.withLock { $0.count } }

    /// All uploads, sorted by key and upload ID.
    var all: [MockUpload] {
        uploads.withLock { Array($0.values) }
            .sorted { $0.key == $1.key ? $0.id < $1.id : precedes($0.key, $1.key) }
    }

    subscript(id: String) -> MockUpload? {
        uploads.withLock { $0[id] }
    }

    func start(_ properties: MockUpload.Properties) throws -> MockUpload {
        let upload = MockUpload(id: MockUpload.makeID(), properties: properties)
        try storage.save(upload)
        uploads.withLock { $0[upload.id] = upload }
        return upload
    }

    /// Stores a part, replacing any earlier part with the same number, or returns `false` if the upload has already
    /// ended.
    func store(_ bytes: ObjectBytes, _ part: MockUpload.Part, number: Int, in upload: MockUpload) throws -> Bool {
        var part = part
        part.content = try storage.store(bytes)
        let stored = part
        return try upload.state.withLock { state in
            guard !state.hasEnded else {
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

    /// Ends an upload and removes its parts, or returns `false` if the upload has already ended.
    func discard(_ upload: MockUpload) -> Bool {
        upload.state.withLock { state in
            guard !state.hasEnded else { return false }
            end(upload, &state, keeping: [])
            return true
        }
    }

    /// Completes an upload and returns the result of `body`. If an error is thrown, the upload stays incomplete.
    ///
    /// - Parameter body: A closure that stores the object and returns the numbers of its parts.
    /// - Returns: The result that `body` returns, or `nil` if the upload has already ended, for example because it was
    ///   completed concurrently.
    func complete<Result: Sendable>(
        _ upload: MockUpload, _ body: ([Int: MockUpload.Part]) throws -> (Result, parts: Set<Int>)
    ) throws -> Result? {
        try upload.state.withLock { state in
            guard !state.hasEnded else { return nil }
            let (result, used) = try body(state.parts)
            end(upload, &state, keeping: used)
            return result
        }
    }

    private func end(_ upload: MockUpload, _ state: inout MockUpload.State, keeping used: Set<Int>) {
        uploads.withLock { $0[upload.id] = nil }
        storage.remove(upload)
        for (number, part) in state.parts where !used.contains(number) { storage.discard(part.content) }
        state = MockUpload.State(parts: [:], hasEnded: true)
    }
}
