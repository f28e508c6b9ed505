import Foundation
import OSSPrimitives
import Synchronization

/// A bucket on a mock server. One lock protects the bucket's index and is held while objects are looked up or replaced,
/// but never while content is read or written.
final class MockBucket: Sendable {
    enum Versioning: String, Sendable, Codable {
        case enabled = "Enabled"
        case suspended = "Suspended"
    }

    struct Properties: Sendable, Codable {
        var creationDate: Date
        var acl = "private"
        var storageClass = "Standard"
        var dataRedundancyType = "LRS"
        /// Versioning state; `nil` until versioning is first enabled, and never `nil` afterwards.
        var versioning: Versioning?
        /// Configuration documents, keyed by query parameter, such as `lifecycle` or `style/thumbnail`.
        var documents: [String: Data] = [:]

        /// Returns a configuration document, or `nil` if the bucket has none with that name.
        func tree(_ name: String) -> XMLTree? {
            documents[name].flatMap { try? XMLReader.read($0) }
        }
    }

    private struct Index {
        var objects = OrderedObjects()
        var lastSequence: UInt64 = 0

        mutating func nextSequence(at date: Date) -> UInt64 {
            lastSequence = max(lastSequence, VersionID.sequence(at: date)) + 1
            return lastSequence
        }
    }

    let name: String
    let uploads: UploadTable
    private let storage: any BucketStorage
    private let index: Mutex<Index>
    private let currentProperties: Mutex<Properties>

    /// Creates a bucket from its stored objects and uploads.
    ///
    /// - Parameter objects: All versions of all keys, in any order.
    init(
        name: String, properties: Properties, storage: any BucketStorage,
        objects: [(key: [UInt8], object: MockObject)] = [], uploads: [MockUpload] = []
    ) {
        self.name = name
        self.storage = storage
        self.uploads = UploadTable(storage: storage, uploads: uploads)
        currentProperties = Mutex(properties)
        var found = Index()
        for (key, object) in objects.sorted(by: { $0.object.attributes.sequence < $1.object.attributes.sequence }) {
            found.objects.insert(object, for: key)
            found.lastSequence = object.attributes.sequence
        }
        index = Mutex(found)
    }

    var properties: Properties { currentProperties.withLock { $0 } }

    /// Applies and saves a change to the properties. If either step fails, the properties are left unchanged. Both
    /// happen under the lock, so changes do not interleave.
    func update(_ change: (inout Properties) throws -> Void, save: (Properties) throws -> Void) throws {
        try currentProperties.withLock { properties in
            var changed = properties
            try change(&changed)
            try save(changed)
            properties = changed
        }
    }

    /// Number of current objects, not including older versions and delete markers.
    var count: Int { index.withLock { $0.objects.count } }

    /// Whether the bucket has no objects, older versions, delete markers or incomplete uploads.
    var isEmpty: Bool { index.withLock { $0.objects.isEmpty } && uploads.count == 0 }

    // MARK: Reading

    /// Returns the current object without its content, or `nil` if the object does not exist or has been deleted.
    func object(_ key: [UInt8]) -> MockObject? {
        version(nil, of: key).flatMap { $0.isDeleteMarker ? nil : $0 }
    }

    /// A function that selects the bytes of an object to read.
    typealias Selection = (MockObject) -> Range<Int>

    /// Opens the current object. The opened content does not change even if another request replaces the object.
    func open(
        _ key: [UInt8], reading selection: Selection = { 0..<$0.attributes.size }
    ) throws -> (object: MockObject, bytes: ObjectBytes)? {
        try open(version: nil, of: key, reading: selection).flatMap { $0.object.isDeleteMarker ? nil : $0 }
    }

    /// Returns the version with the given ID, or the newest version if the ID is `nil`. The version may be a delete
    /// marker.
    func version(_ id: String?, of key: [UInt8]) -> MockObject? {
        index.withLock { Self.find(id, of: key, in: $0.objects) }
    }

    /// Opens the version with the given ID, or the newest version if the ID is `nil`. The version may be a delete
    /// marker.
    ///
    /// - Parameter selection: A function that selects the required bytes. Parts outside them are not opened.
    func open(
        version id: String?, of key: [UInt8], reading selection: Selection = { 0..<$0.attributes.size }
    ) throws -> (object: MockObject, bytes: ObjectBytes)? {
        while let object = version(id, of: key) {
            // Without the lock, because there may be thousands of files.
            if let bytes = storage.open(object.content, selection(object)) { return (object, bytes) }
            // The version was replaced or removed concurrently, or its content is damaged.
            guard version(id, of: key) !== object else { throw CocoaError(.fileReadCorruptFile) }
        }
        return nil
    }

    /// Calls a closure with the bucket's index while holding the bucket's lock. A listing does this once per page.
    func withObjects<Result>(_ body: (borrowing OrderedObjects) -> Result) -> Result {
        index.withLock { body($0.objects) }
    }

    private static func find(_ id: String?, of key: [UInt8], in objects: borrowing OrderedObjects) -> MockObject? {
        guard let id else { return objects[key] }
        return objects.versions(of: key)?[id]
    }

    // MARK: Writing

    /// A state that a key must be in before a write.
    enum Expectation {
        case anything
        /// The key has no current object. Applies only to buckets without versioning.
        case noObject
        /// The given version is the key's newest version, or the key has no versions if the given version is `nil`.
        /// Used for appends. The version ID becomes `null`.
        case newest(MockObject?)
    }

    /// Returns whether a key is currently in the required state.
    func meets(_ expectation: Expectation, _ key: [UInt8]) -> Bool {
        Self.isMet(expectation, properties.versioning, version(nil, of: key))
    }

    /// Stores an object as the bucket's versioning state requires.
    ///
    /// - Returns: The stored version, or `nil` if the key did not have the required state, in which case nothing is
    ///   stored.
    func put(
        _ bytes: ObjectBytes?, _ attributes: MockObject.Attributes, for key: [UInt8],
        expecting expectation: Expectation = .anything
    ) throws -> MockObject? {
        guard meets(expectation, key) else { return nil }
        let content = try bytes.map { try storage.store($0) } ?? .none
        guard let object = try put(stored: content, attributes, for: key, expecting: expectation) else {
            storage.discard(content)
            return nil
        }
        return object
    }

    /// Stores an object that consists of parts, without copying the parts' bytes. Otherwise behaves like
    /// ``put(_:_:for:expecting:)``.
    func put(
        joining parts: [MockUpload.Part], _ attributes: MockObject.Attributes, for key: [UInt8],
        expecting expectation: Expectation
    ) throws -> MockObject? {
        try put(stored: storage.join(parts.map(\.content)), attributes, for: key, expecting: expectation)
    }

    /// Returns the MD5 of the concatenated content of the given parts.
    func md5(ofJoined parts: [MockUpload.Part]) throws -> [UInt8] {
        var md5 = MD5()
        for part in parts {
            guard let bytes = storage.open(part.content, 0..<part.size) else { throw CocoaError(.fileReadCorruptFile) }
            bytes.withChunks(in: 0..<bytes.count) { md5.update($0) }
        }
        return md5.finalize()
    }

    /// Appends content to an object without moving the object's existing bytes.
    ///
    /// - Parameter object: Expected newest version; `nil` for none.
    /// - Returns: The new version, or `nil` if the newest version is not the expected one, in which case nothing is
    ///   stored.
    func append(
        _ bytes: ObjectBytes, to object: MockObject?, _ attributes: MockObject.Attributes, for key: [UInt8]
    ) throws -> MockObject? {
        guard let object else { return try put(bytes, attributes, for: key, expecting: .newest(nil)) }
        let added = try storage.store(bytes)
        var attributes = attributes
        if properties.versioning != nil { attributes.versionID = "null" }
        let named = attributes
        return try index.withLock { index in
            guard index.objects[key] === object else {
                storage.discard(added)
                return nil
            }
            let longer = MockObject(
                attributes: named, content: try storage.append(added, to: object.content))
            try storage.commit(longer, for: key, replacing: nil)
            index.objects.replace(with: longer, for: key)
            return longer
        }
    }

    private func put(
        stored content: MockObject.Content, _ attributes: MockObject.Attributes, for key: [UInt8],
        expecting expectation: Expectation
    ) throws -> MockObject? {
        let versioning = properties.versioning
        return try index.withLock { index in
            guard Self.isMet(expectation, versioning, index.objects[key]) else { return nil }
            var attributes = attributes
            attributes.sequence = index.nextSequence(at: attributes.lastModified)
            switch versioning {
            case nil: attributes.versionID = nil
            case .suspended: attributes.versionID = "null"
            case .enabled:
                if case .newest = expectation {
                    attributes.versionID = "null"
                } else {
                    attributes.versionID = VersionID.make(sequence: attributes.sequence)
                }
            }
            return try insert(MockObject(attributes: attributes, content: content), for: key, into: &index)
        }
    }

    /// Changes the attributes of the version with the given ID, or of the newest version if the ID is `nil`.
    ///
    /// - Returns: The changed version, or `nil` if the version does not exist or is a delete marker.
    func update(
        _ key: [UInt8], version id: String? = nil, _ change: (inout MockObject.Attributes) throws -> Void
    ) throws -> MockObject? {
        try index.withLock { index in
            guard let old = Self.find(id, of: key, in: index.objects), !old.isDeleteMarker else { return nil }
            var attributes = old.attributes
            try change(&attributes)
            let object = MockObject(attributes: attributes, content: old.content)
            try storage.commit(object, for: key, replacing: nil)
            index.objects.replace(with: object, for: key)
            return object
        }
    }

    /// Deletes an object, either permanently or by adding a delete marker, as the bucket's versioning state requires.
    ///
    /// - Returns: The delete marker, or `nil` if the object was deleted permanently.
    @discardableResult
    func delete(_ key: [UInt8], at date: Date) throws -> MockObject? {
        guard let versioning = properties.versioning else {
            remove(key)
            return nil
        }
        return try index.withLock { index in
            var attributes = MockObject.Attributes(size: 0, eTag: "", checksum: 0, lastModified: date)
            attributes.isDeleteMarker = true
            attributes.sequence = index.nextSequence(at: date)
            attributes.versionID = versioning == .enabled ? VersionID.make(sequence: attributes.sequence) : "null"
            return try insert(MockObject(attributes: attributes, content: .none), for: key, into: &index)
        }
    }

    /// Permanently removes and returns the version with the given ID, or the newest version if the ID is `nil`. If it
    /// was the newest, the version before it becomes current.
    @discardableResult
    func remove(_ key: [UInt8], version id: String? = nil) -> MockObject? {
        index.withLock { index in
            guard let object = index.objects.remove(key, version: id) else { return nil }
            storage.remove(object, for: key)
            return object
        }
    }

    /// Removes all content of a deleted bucket.
    func removeStorage() {
        storage.removeAll()
    }

    private func insert(_ object: MockObject, for key: [UInt8], into index: inout Index) throws -> MockObject {
        let replaced = object.isNullVersion ? index.objects.versions(of: key)?["null"] : nil
        try storage.commit(object, for: key, replacing: replaced)
        index.objects.insert(object, for: key)
        return object
    }

    private static func isMet(
        _ expectation: Expectation, _ versioning: Versioning?, _ newest: @autoclosure () -> MockObject?
    ) -> Bool {
        switch expectation {
        case .anything: true
        case .noObject: versioning != nil || newest() == nil
        case .newest(let expected): newest() === expected
        }
    }
}
