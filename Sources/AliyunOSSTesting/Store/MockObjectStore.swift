import Foundation
import Synchronization

/// A store that holds all of a server's buckets.
final class MockObjectStore: Sendable {
    private let folder: URL?
    private let buckets: Mutex<[String: MockBucket]>
    private let accountDocuments: Mutex<[String: Data]>
    /// One-line messages about unusable files.
    let warnings: [String]

    /// Opens a store and, if it uses a folder, loads the buckets in that folder.
    init(_ storage: MockOSSServer.Configuration.Storage) throws {
        var found: [String: MockBucket] = [:]
        var warnings: [String] = []
        switch storage {
        case .memory:
            folder = nil
        case .folder(let path):
            let folder = URL(fileURLWithPath: path, isDirectory: true)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let root = folder.appendingPathComponent(name)
                if name.hasPrefix(FolderStorage.deletedPrefix) {
                    try? FileManager.default.removeItem(at: root)
                    continue
                }
                let file = root.appendingPathComponent("bucket.json")
                guard let data = try? Data(contentsOf: file) else { continue }
                let properties = try? JSONDecoder().decode(MockBucket.Properties.self, from: data)
                if properties == nil {
                    warnings.append("\(file.path): cannot be read; the default bucket properties are used")
                }
                let storage = try FolderStorage(root: root)
                let loaded = try storage.load()
                warnings += loaded.warnings
                found[name] = MockBucket(
                    name: name, properties: properties ?? .init(creationDate: Service.wholeSeconds(Date())),
                    storage: storage, objects: loaded.objects, uploads: loaded.uploads)
            }
            self.folder = folder
        }
        self.warnings = warnings
        buckets = Mutex(found)
        let account = folder.flatMap { try? Data(contentsOf: Self.accountFile($0)) }
        accountDocuments = Mutex(
            account.flatMap { try? JSONDecoder().decode([String: Data].self, from: $0) } ?? [:])
    }

    func bucket(_ name: String) -> MockBucket? {
        buckets.withLock { $0[name] }
    }

    var all: [MockBucket] {
        buckets.withLock { $0.values.sorted { $0.name < $1.name } }
    }

    /// Creates a bucket, or returns `false` if a bucket with that name already exists.
    @discardableResult
    func createBucket(_ name: String, _ properties: MockBucket.Properties) throws -> Bool {
        try buckets.withLock { buckets in
            guard buckets[name] == nil else { return false }
            guard let folder else {
                buckets[name] = MockBucket(name: name, properties: properties, storage: MemoryStorage())
                return true
            }
            let root = folder.appendingPathComponent(name)
            let storage = try FolderStorage(root: root, isNew: true)
            try save(properties, of: name)
            buckets[name] = MockBucket(name: name, properties: properties, storage: storage)
            return true
        }
    }

    /// Changes and saves a bucket's properties.
    func update(_ bucket: MockBucket, _ change: (inout MockBucket.Properties) throws -> Void) throws {
        try bucket.update(change) { try save($0, of: bucket.name) }
    }

    /// Configuration documents of the account, keyed by query parameter.
    var account: [String: Data] { accountDocuments.withLock { $0 } }

    /// Changes and saves the configuration documents of the account.
    func updateAccount(_ change: (inout [String: Data]) -> Void) throws {
        try accountDocuments.withLock { documents in
            var changed = documents
            change(&changed)
            try folder.map { try JSONEncoder().encode(changed).write(to: Self.accountFile($0), options: .atomic) }
            documents = changed
        }
    }

    private static func accountFile(_ folder: URL) -> URL {
        folder.appendingPathComponent("account.json")
    }

    /// Deletes a bucket, or returns `false` if it contains objects, older versions, delete markers or uploads.
    func deleteBucket(_ bucket: MockBucket) -> Bool {
        buckets.withLock { buckets in
            guard bucket.isEmpty else { return false }
            buckets[bucket.name] = nil
            bucket.removeStorage()
            return true
        }
    }

    /// Removes all objects, and all buckets except those with the given names.
    func reset(keeping names: [String], _ properties: MockBucket.Properties) throws {
        buckets.withLock { buckets in
            for bucket in buckets.values { bucket.removeStorage() }
            buckets = [:]
        }
        if !account.isEmpty { try updateAccount { $0 = [:] } }
        for name in names { try createBucket(name, properties) }
    }

    private func save(_ properties: MockBucket.Properties, of name: String) throws {
        guard let folder else { return }
        let url = folder.appendingPathComponent(name).appendingPathComponent("bucket.json")
        try JSONEncoder().encode(properties).write(to: url, options: .atomic)
    }
}
