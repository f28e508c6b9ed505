import Foundation

/// Where the bytes and attributes of one bucket's objects are kept. The index is the bucket's own.
protocol BucketStorage: Sendable {
    /// Stores bytes under no name yet. Called outside the bucket's lock: it may take long.
    func store(_ bytes: ObjectBytes) throws -> MockObject.Content

    /// Forgets stored bytes that no version was made of after all.
    func discard(_ content: MockObject.Content)

    /// Lays stored bytes end to end. None are moved, and what they were stored in is not to be discarded any more.
    func join(_ contents: [MockObject.Content]) -> MockObject.Content

    /// Lays stored bytes after those of an object, whose bytes its readers go on to see as they were. Called under the
    /// bucket's lock: only few bytes are moved.
    func append(_ added: MockObject.Content, to content: MockObject.Content) throws -> MockObject.Content

    /// Makes a version one that a restart will find, and forgets the one it replaces. Called under the lock.
    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) throws

    /// Forgets a version. Called under the lock.
    func remove(_ object: MockObject, for key: [UInt8])

    /// Opens the bytes of an object, or at least a range of them. They stay readable when it is replaced. Returns `nil`
    /// when they are not there, or no more.
    func open(_ content: MockObject.Content, _ range: Range<Int>) -> ObjectBytes?

    /// Makes an upload one that a restart will find.
    func save(_ upload: MockUpload) throws

    /// Makes a part one that a restart will find, in the place of the one that has its number.
    func save(_ part: MockUpload.Part, number: Int, of upload: MockUpload) throws

    /// Forgets an upload, but not the bytes of its parts.
    func remove(_ upload: MockUpload)

    /// Forgets the bucket.
    func removeAll()
}

/// Keeps bytes in memory.
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
