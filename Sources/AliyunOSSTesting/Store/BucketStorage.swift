import Foundation

/// Where the bytes and attributes of one bucket's objects are kept. The index is the bucket's own.
protocol BucketStorage: Sendable {
    /// Stores bytes under no name yet. Called outside the bucket's lock: it may take long.
    func store(_ bytes: ObjectBytes) throws -> MockObject.Content

    /// Makes an object the one that a restart will find, and forgets the one it replaces. Called under the lock.
    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) throws

    /// Forgets an object. Called under the lock.
    func remove(_ object: MockObject, for key: [UInt8])

    /// Forgets bytes that were stored and not committed.
    func discard(_ object: MockObject)

    /// Opens the bytes of an object, which stay readable when it is replaced. Called under the lock.
    func open(_ object: MockObject) -> ObjectBytes?

    /// Forgets the bucket.
    func removeAll()
}

/// Keeps bytes in memory.
struct MemoryStorage: BucketStorage {
    func store(_ bytes: ObjectBytes) -> MockObject.Content { .memory(bytes) }
    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) {}
    func remove(_ object: MockObject, for key: [UInt8]) {}
    func discard(_ object: MockObject) {}
    func removeAll() {}

    func open(_ object: MockObject) -> ObjectBytes? {
        guard case .memory(let bytes) = object.content else { return nil }
        return bytes
    }
}
