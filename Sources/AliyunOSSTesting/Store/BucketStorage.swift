import Foundation

/// Storage for the content and attributes of one bucket's objects. The bucket itself holds the index.
protocol BucketStorage: Sendable {
    /// Stores content that does not yet belong to a version. Called without holding the bucket's lock, because writing
    /// can be slow.
    func store(_ bytes: ObjectBytes) throws -> MockObject.Content

    /// Removes stored content that no version uses.
    func discard(_ content: MockObject.Content)

    /// Concatenates stored content without copying it. The caller must not discard the inputs afterwards.
    func join(_ contents: [MockObject.Content]) -> MockObject.Content

    /// Appends stored content to an object's content. Earlier readers continue to see the old length. Called while the
    /// bucket's lock is held, and therefore copies few bytes.
    func append(_ added: MockObject.Content, to content: MockObject.Content) throws -> MockObject.Content

    /// Saves a version durably and removes the version that it replaces. Called while the bucket's lock is held.
    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) throws

    /// Removes a version from the storage. Called while the bucket's lock is held.
    func remove(_ object: MockObject, for key: [UInt8])

    /// Opens at least the given range of an object's content, or returns `nil` if the content is missing. The range
    /// stays readable even if the object is replaced.
    func open(_ content: MockObject.Content, _ range: Range<Int>) -> ObjectBytes?

    /// Saves an upload durably.
    func save(_ upload: MockUpload) throws

    /// Saves a part durably, replacing any earlier part with the same number.
    func save(_ part: MockUpload.Part, number: Int, of upload: MockUpload) throws

    /// Removes an upload, but not the content of its parts.
    func remove(_ upload: MockUpload)

    /// Removes all data that is stored for the bucket.
    func removeAll()
}

/// Storage that holds objects in memory.
struct MemoryStorage: BucketStorage {
    func store(_ bytes: ObjectBytes) -> MockObject.Content { .memory(bytes) }
    func discard(_ content: MockObject.Content) {}
    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) {}
    func remove(_ object: MockObject, for key: [UInt8]) {}
    func save(_ upload: MockUpload) {}
    func save(_ part: MockUpload.Part, number: Int, of upload: MockUpload) {}
    func remove(_ upload: MockUpload) {}
    func removeAll() {}

    func join(_ contents: [MockObject.Content]) -> MockObject.Content {
        .memory(ObjectBytes(joining: contents.map(Self.bytes)))
    }

    func append(_ added: MockObject.Content, to content: MockObject.Content) -> MockObject.Content {
        .memory(Self.bytes(content).appending(Self.bytes(added)))
    }

    func open(_ content: MockObject.Content, _ range: Range<Int>) -> ObjectBytes? {
        Self.bytes(content)
    }

    private static func bytes(_ content: MockObject.Content) -> ObjectBytes {
        guard case .memory(let bytes) = content else { return .empty }
        return bytes
    }
}
