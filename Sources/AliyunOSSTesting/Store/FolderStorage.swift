import Foundation
import OSSPrimitives

/// Keeps one bucket in a folder that survives a restart.
///
/// A key may be longer than a file name and hold `..`, `//` or control characters, so files are named by its SHA-256:
/// `objects/HASH.json` has the key and the attributes and names the file in `data/` that has the bytes. Renaming the
/// former into place is the one step that makes a write count; data that nothing names is removed at the start.
/// Versions other than `null` have their sequence number in the name too: `HASH-SEQUENCE.json`.
struct FolderStorage: BucketStorage {
    private struct Record: Codable {
        var key: String
        var data: String?
        var attributes: MockObject.Attributes
    }

    private let root: URL
    private var objects: URL { root.appendingPathComponent("objects") }
    private var data: URL { root.appendingPathComponent("data") }

    init(root: URL) throws {
        self.root = root
        for folder in [objects, data] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
    }

    /// Reads what an earlier run left.
    func load() throws -> [(key: [UInt8], object: MockObject)] {
        let decoder = JSONDecoder()
        var found: [(key: [UInt8], object: MockObject)] = []
        var known: Set<String> = []
        for url in try FileManager.default.contentsOfDirectory(at: objects, includingPropertiesForKeys: nil)
        where url.pathExtension == "json" {
            let record = try decoder.decode(Record.self, from: Data(contentsOf: url))
            if let name = record.data { known.insert(name) }
            let content = record.data.map { MockObject.Content.file(data.appendingPathComponent($0).path) } ?? .none
            found.append((Array(record.key.utf8), MockObject(attributes: record.attributes, content: content)))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: data.path) where !known.contains(name) {
            try? FileManager.default.removeItem(at: data.appendingPathComponent(name))
        }
        return found
    }

    func store(_ bytes: ObjectBytes) throws -> MockObject.Content {
        let path = data.appendingPathComponent(UUID().uuidString).path
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        var isWritten = true
        bytes.withPieces(in: 0..<bytes.count) { piece in
            var written = 0
            while isWritten, written < piece.count {
                let count = write(descriptor, piece.baseAddress.map { $0 + written }, piece.count - written)
                if count < 0, errno != EINTR { isWritten = false }
                written += max(count, 0)
            }
        }
        guard close(descriptor) == 0, isWritten else {
            unlink(path)
            throw CocoaError(.fileWriteOutOfSpace)
        }
        return .file(path)
    }

    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) throws {
        var name: String?
        if case .file(let path) = object.content { name = URL(fileURLWithPath: path).lastPathComponent }
        let record = Record(key: String(decoding: key, as: UTF8.self), data: name, attributes: object.attributes)
        let url = recordURL(key, object)
        try JSONEncoder().encode(record).write(to: url, options: .atomic)
        guard let old else { return }
        let oldURL = recordURL(key, old)
        if oldURL != url { unlink(oldURL.path) }
        discard(old.content)
    }

    func remove(_ object: MockObject, for key: [UInt8]) {
        unlink(recordURL(key, object).path)
        discard(object.content)
    }

    func open(_ object: MockObject) -> ObjectBytes? {
        switch object.content {
        case .none: .empty
        case .memory: nil
        case .file(let path): ObjectBytes(fileAt: path, count: object.attributes.size)
        }
    }

    func removeAll() {
        try? FileManager.default.removeItem(at: root)
    }

    func discard(_ content: MockObject.Content) {
        if case .file(let path) = content { unlink(path) }
    }

    private func recordURL(_ key: [UInt8], _ object: MockObject) -> URL {
        let version = object.isNullVersion ? "" : "-\(object.attributes.sequence)"
        return objects.appendingPathComponent(Hexadecimal.lowercase(SHA256.hash(key)) + version + ".json")
    }
}
