import Foundation
import OSSPrimitives
import Synchronization

/// A bucket: its objects in order, behind one lock that is held for finding and replacing, never for moving bytes.
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
        /// `nil` until it is first enabled; it never becomes `nil` again.
        var versioning: Versioning?
        /// The configuration documents that were put, by query parameter: `lifecycle`, `style/thumbnail`.
        var documents: [String: Data] = [:]
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

    /// Changes the properties, unless the change or saving them fails. Called under the lock: no two changes mix.
    func update(_ change: (inout Properties) throws -> Void, save: (Properties) throws -> Void) throws {
        try currentProperties.withLock { properties in
            var changed = properties
            try change(&changed)
            try save(changed)
            properties = changed
        }
    }

    /// How many objects a listing shows.
    var count: Int { index.withLock { $0.objects.count } }

    /// Whether there is nothing left, not even an older version, a delete marker or an open upload.
    var isEmpty: Bool { index.withLock { $0.objects.isEmpty } && uploads.count == 0 }

    // MARK: Reading

    /// The current object, without its bytes; `nil` when there is none or it is deleted.
    func object(_ key: [UInt8]) -> MockObject? {
        version(nil, of: key).flatMap { $0.isDeleteMarker ? nil : $0 }
    }

    /// Which of an object's bytes are wanted.
    typealias Selection = (MockObject) -> Range<Int>

    /// The current object and its bytes, which stay as they are when another request replaces them.
    func open(
        _ key: [UInt8], reading selection: Selection = { 0..<$0.attributes.size }
    ) throws -> (object: MockObject, bytes: ObjectBytes)? {
        try open(version: nil, of: key, reading: selection).flatMap { $0.object.isDeleteMarker ? nil : $0 }
    }

    /// A version, or with `nil` the newest. It may be a delete marker.
    func version(_ id: String?, of key: [UInt8]) -> MockObject? {
        index.withLock { Self.find(id, of: key, in: $0.objects) }
    }

    /// A version and its bytes, or with `nil` the newest. It may be a delete marker.
    ///
    /// - Parameter selection: Others may be missing from the bytes: what an object in parts is not asked for is not
    ///   opened.
    func open(
        version id: String?, of key: [UInt8], reading selection: Selection = { 0..<$0.attributes.size }
    ) throws -> (object: MockObject, bytes: ObjectBytes)? {
        while let object = version(id, of: key) {
            // Outside the lock: there may be thousands of files.
            if let bytes = storage.open(object.content, selection(object)) { return (object, bytes) }
            // Replaced or removed meanwhile, or damaged.
            guard version(id, of: key) !== object else { throw CocoaError(.fileReadCorruptFile) }
        }
        return nil
    }

    /// Reads the index; listings hold the lock for one page.
    func withObjects<Result>(_ body: (borrowing OrderedObjects) -> Result) -> Result {
        index.withLock { body($0.objects) }
    }

    private static func find(_ id: String?, of key: [UInt8], in objects: borrowing OrderedObjects) -> MockObject? {
        guard let id else { return objects[key] }
        return objects.versions(of: key)?[id]
    }

    // MARK: Writing

    /// What a write wants to find.
    enum Expectation {
        case anything
        /// No object, which only a bucket without versions can be asked to ensure.
        case noObject
        /// Exactly this newest version, or none at all: the object is appended to. It keeps the id `null`.
        case newest(MockObject?)
    }

    /// Whether a write would find what it wants to find, if it came now.
    func meets(_ expectation: Expectation, _ key: [UInt8]) -> Bool {
        Self.isMet(expectation, properties.versioning, version(nil, of: key))
    }

    /// Stores an object as the bucket's versioning has it: over the last one, or on top of it.
    ///
    /// - Returns: What was stored, with its version id; `nil` when the key did not hold what was expected, and then
    ///   nothing is stored.
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

    /// Stores an object of parts, as ``put(_:_:for:expecting:)`` does. None of their bytes are moved.
    func put(
        joining parts: [MockUpload.Part], _ attributes: MockObject.Attributes, for key: [UInt8],
        expecting expectation: Expectation
    ) throws -> MockObject? {
        try put(stored: storage.join(parts.map(\.content)), attributes, for: key, expecting: expectation)
    }

    /// The digest of parts laid end to end.
    func md5(ofJoined parts: [MockUpload.Part]) throws -> [UInt8] {
        var md5 = MD5()
        for part in parts {
            guard let bytes = storage.open(part.content, 0..<part.size) else { throw CocoaError(.fileReadCorruptFile) }
            bytes.withPieces(in: 0..<bytes.count) { md5.update($0) }
        }
        return md5.finalize()
    }

    /// Makes an object longer. None of the bytes that it has are moved.
    ///
    /// - Parameter object: What is appended to; `nil` when there must be nothing.
    /// - Returns: `nil` when that is not, or no longer, the newest version; then nothing is stored.
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

    /// Replaces the attributes of a version, or with `nil` of the newest, and leaves its bytes.
    ///
    /// - Returns: What is there now; `nil` when there is no such version or it is a delete marker.
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

    /// Deletes an object as the bucket's versioning has it: for good, or by a delete marker.
    ///
    /// - Returns: The delete marker.
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

    /// Removes a version for good, or with `nil` the newest, and returns it. The one before it then becomes current.
    @discardableResult
    func remove(_ key: [UInt8], version id: String? = nil) -> MockObject? {
        index.withLock { index in
            guard let object = index.objects.remove(key, version: id) else { return nil }
            storage.remove(object, for: key)
            return object
        }
    }

    /// Forgets every stored byte of a bucket that was deleted.
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
