import Foundation
import Synchronization

/// A bucket: its objects in order, behind one lock that is held for finding and replacing, never for moving bytes.
final class MockBucket: Sendable {
    struct Properties: Sendable, Codable {
        var creationDate: Date
        var acl = "private"
        var storageClass = "Standard"
    }

    let name: String
    private let storage: any BucketStorage
    private let objects: Mutex<OrderedObjects>
    private let currentProperties: Mutex<Properties>

    init(
        name: String, properties: Properties, storage: any BucketStorage,
        objects: [(key: [UInt8], object: MockObject)] = []
    ) {
        self.name = name
        self.storage = storage
        currentProperties = Mutex(properties)
        var ordered = OrderedObjects()
        for (key, object) in objects { ordered.insert(object, for: key) }
        self.objects = Mutex(ordered)
    }

    var properties: Properties {
        get { currentProperties.withLock { $0 } }
        set { currentProperties.withLock { $0 = newValue } }
    }

    var count: Int { objects.withLock { $0.count } }

    /// The object, without its bytes.
    func object(_ key: [UInt8]) -> MockObject? {
        objects.withLock { $0[key] }
    }

    /// The object and its bytes, which stay as they are when another request replaces them.
    func open(_ key: [UInt8]) throws -> (object: MockObject, bytes: ObjectBytes)? {
        try objects.withLock { objects in
            guard let object = objects[key] else { return nil }
            guard let bytes = storage.open(object) else { throw CocoaError(.fileReadCorruptFile) }
            return (object, bytes)
        }
    }

    /// Stores an object, if what has its key at that moment allows it. Returns whether it was stored.
    func put(
        _ bytes: ObjectBytes, _ attributes: MockObject.Attributes, for key: [UInt8],
        if allows: (MockObject?) -> Bool = { _ in true }
    ) throws -> Bool {
        guard allows(object(key)) else { return false }
        let object = MockObject(attributes: attributes, content: try storage.store(bytes))
        return try objects.withLock { objects in
            let old = objects[key]
            guard allows(old) else {
                storage.discard(object)
                return false
            }
            try storage.commit(object, for: key, replacing: old)
            objects.insert(object, for: key)
            return true
        }
    }

    /// Replaces the attributes of an object and leaves its bytes. Returns whether there is such an object.
    func update(_ key: [UInt8], _ change: (inout MockObject.Attributes) -> Void) throws -> Bool {
        try objects.withLock { objects in
            guard let old = objects[key] else { return false }
            var attributes = old.attributes
            change(&attributes)
            let object = MockObject(attributes: attributes, content: old.content)
            try storage.commit(object, for: key, replacing: nil)
            objects.insert(object, for: key)
            return true
        }
    }

    func remove(_ key: [UInt8]) {
        objects.withLock { objects in
            if let object = objects.remove(key) { storage.remove(object, for: key) }
        }
    }

    /// Forgets every stored byte of a bucket that was deleted.
    func removeStorage() {
        storage.removeAll()
    }

    /// Reads the index; listings hold the lock for one page.
    func withObjects<Result>(_ body: (borrowing OrderedObjects) -> Result) -> Result {
        objects.withLock { body($0) }
    }
}
