import Foundation

/// Where the bytes and attributes of one bucket's objects are kept. The index is the bucket's own.
protocol BucketStorage: Sendable {
    /// Stores bytes under no name yet. Called outside the bucket's lock: it may take long.
    func store(_ bytes: ObjectBytes) throws -> MockObject.Content

    /// Forgets stored bytes that no version was made of after all.
    func discard(_ content: MockObject.Content)

    /// Makes a version one that a restart will find, and forgets the one it replaces. Called under the lock.
    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) throws

    /// Forgets a version. Called under the lock.
    func remove(_ object: MockObject, for key: [UInt8])

    /// Opens the bytes of an object, which stay readable when it is replaced. Called under the lock.
    func open(_ object: MockObject) -> ObjectBytes?

    /// Forgets the bucket.
    func removeAll()
}

/// Keeps bytes in memory.
struct MemoryStorage: BucketStorage {
    func store(_ bytes: ObjectBytes) -> MockObject.Content { .memory(bytes) }
    func discard(_ content: MockObject.Content) {}
    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) {}
    func remove(_ object: MockObject, for key: [UInt8]) {}
    func removeAll() {}

    func open(_ object: MockObject) -> ObjectBytes? {
        switch object.content {
        case .none: .empty
        case .memory(let bytes): bytes
        case .file: nil
        }
    }
}
