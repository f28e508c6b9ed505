import Foundation
import OSSPrimitives

/// Keeps one bucket in a folder that survives a restart.
///
/// A key may be longer than a file name and hold `..`, `//` or control characters, so files are named by its SHA-256:
/// `objects/HASH.json` has the key and the attributes and names the files in `data/` that have the bytes. Renaming the
/// former into place is the one step that makes a write count; data that nothing names is removed at the start.
/// Versions other than `null` have their sequence number in the name too: `HASH-SEQUENCE.json`.
struct FolderStorage: BucketStorage {
    private struct Record: Codable {
        var key: String
        var data: [StoredFile]?
        var attributes: MockObject.Attributes
    }

    // An append below this length is written behind the bytes that are there; a larger one gets a file of its own.
    private static let smallLength = 1024 * 1024

    /// What another run has to remove of a bucket that was deleted. No bucket's name begins so.
    static let deletedPrefix = ".deleted-"

    private let root: URL
    private let segments = SegmentCache()
    private var objects: URL { root.appendingPathComponent("objects") }
    private var data: URL { root.appendingPathComponent("data") }
    var uploads: URL { root.appendingPathComponent("uploads") }

    /// - Parameter isNew: Whether what is there is none of this bucket: a run that was killed has left it.
    init(root: URL, isNew: Bool = false) throws {
        self.root = root
        if isNew {
            // Nothing else: somebody may have given the server a folder with files of their own.
            for folder in [objects, data, uploads] where FileManager.default.fileExists(atPath: folder.path) {
                try FileManager.default.removeItem(at: folder)
            }
        }
        for folder in [objects, data] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
    }

    /// Reads what an earlier run left. What cannot be used is left out and stays where it is.
    func load() throws -> Loaded {
        let decoder = JSONDecoder()
        var loaded = Loaded()
        for url in try FileManager.default.contentsOfDirectory(at: objects, includingPropertiesForKeys: nil)
        where url.pathExtension == "json" {
            guard let record = try? decoder.decode(Record.self, from: Data(contentsOf: url)) else {
                loaded.cannotRead(url)
                continue
            }
            loaded.files.formUnion((record.data ?? []).map(\.name))
            guard hasFiles(record.data ?? []) else {
                loaded.warnings.append("\(url.path): bytes of '\(record.key)' are missing; the object is left out")
                continue
            }
            let content = record.data.map { MockObject.Content.files($0) } ?? .none
            loaded.objects.append((Array(record.key.utf8), MockObject(attributes: record.attributes, content: content)))
        }
        try loadUploads(&loaded)
        // What a record names that cannot be read nobody knows.
        guard !loaded.hasUnreadable else { return loaded }
        for name in try FileManager.default.contentsOfDirectory(atPath: data.path) where !loaded.files.contains(name) {
            try? FileManager.default.removeItem(at: data.appendingPathComponent(name))
        }
        return loaded
    }

    /// Whether files are there and as long as they must be.
    func hasFiles(_ files: [StoredFile]) -> Bool {
        files.allSatisfy { file in
            var status = stat()
            return stat(path(file.name), &status) == 0 && Int(status.st_size) >= file.count
        }
    }

    func store(_ bytes: ObjectBytes) throws -> MockObject.Content {
        let name = UUID().uuidString
        do {
            try write(bytes, to: path(name), at: 0, O_CREAT | O_EXCL)
        } catch {
            unlink(path(name))
            throw error
        }
        return .files([StoredFile(name: name, count: bytes.count)])
    }

    func join(_ contents: [MockObject.Content]) -> MockObject.Content {
        .files(contents.flatMap(Self.files))
    }

    func append(_ added: MockObject.Content, to content: MockObject.Content) throws -> MockObject.Content {
        var files = Self.files(content)
        guard let last = files.last, let bytes = open(added, 0..<Int.max), last.count + bytes.count <= Self.smallLength
        else {
            return join([content, added])
        }
        try write(bytes, to: path(last.name), at: last.count, 0)
        files[files.count - 1].count += bytes.count
        discard(added)
        return .files(files)
    }

    func commit(_ object: MockObject, for key: [UInt8], replacing old: MockObject?) throws {
        var files: [StoredFile]?
        if case .files(let named) = object.content { files = named }
        let record = Record(key: String(decoding: key, as: UTF8.self), data: files, attributes: object.attributes)
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

    /// Removes the bucket in one step, and then its files: a run that is killed in between leaves no half of a bucket.
    func removeAll() {
        let name = Self.deletedPrefix + UUID().uuidString
        let deleted = root.deletingLastPathComponent().appendingPathComponent(name)
        let isRenamed = (try? FileManager.default.moveItem(at: root, to: deleted)) != nil
        try? FileManager.default.removeItem(at: isRenamed ? deleted : root)
    }

    func discard(_ content: MockObject.Content) {
        for file in Self.files(content) {
            unlink(path(file.name))
            segments.forget(file.name)
        }
    }

    func open(_ content: MockObject.Content, _ range: Range<Int>) -> ObjectBytes? {
        var runs: [ObjectBytes] = []
        var start = 0
        var first: Int?
        let files = Self.files(content)
        for file in files where file.count > 0 {
            defer { start += file.count }
            guard range.overlaps(start..<start + file.count) else { continue }
            let path = path(file.name)
            // One file is not worth remembering.
            let segment =
                files.count == 1
                ? ByteSegment(fileAt: path, count: file.count)
                : segments.segment(file.name, count: file.count, path: path)
            guard let segment else { return nil }
            first = first ?? start
            runs.append(ObjectBytes(segment)[0..<file.count])
        }
        return ObjectBytes(joining: runs, from: first ?? 0)
    }

    private func write(_ bytes: ObjectBytes, to path: String, at offset: Int, _ flags: Int32) throws {
        let descriptor = Foundation.open(path, O_WRONLY | O_CLOEXEC | flags, 0o644)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        var position = offset
        var isWritten = true
        bytes.withPieces(in: 0..<bytes.count) { piece in
            var rest = piece
            while isWritten, !rest.isEmpty {
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(position))
                if count < 0, errno != EINTR { isWritten = false }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(count, 0)))
                position += max(count, 0)
            }
        }
        guard close(descriptor) == 0, isWritten else { throw CocoaError(.fileWriteOutOfSpace) }
    }

    private static func files(_ content: MockObject.Content) -> [StoredFile] {
        guard case .files(let files) = content else { return [] }
        return files
    }

    private func path(_ name: String) -> String {
        data.appendingPathComponent(name).path
    }

    private func recordURL(_ key: [UInt8], _ object: MockObject) -> URL {
        let version = object.isNullVersion ? "" : "-\(object.attributes.sequence)"
        return objects.appendingPathComponent(Hexadecimal.lowercase(SHA256.hash(key)) + version + ".json")
    }
}

extension FolderStorage {
    /// What an earlier run left of a bucket.
    struct Loaded {
        var objects: [(key: [UInt8], object: MockObject)] = []
        var uploads: [MockUpload] = []
        /// The files in `data/` that are in use.
        var files: Set<String> = []
        /// What could not be used, one line each.
        var warnings: [String] = []
        /// Whether something was not understood.
        private(set) var hasUnreadable = false

        mutating func cannotRead(_ url: URL) {
            warnings.append("\(url.path): cannot be read; it is left out")
            hasUnreadable = true
        }
    }
}

/// The first bytes of a file in the `data/` of a folder-backed bucket. It may be longer: an append that a crash cut off
/// leaves bytes behind that are overwritten by the next.
struct StoredFile: Sendable, Codable {
    var name: String
    var count: Int
}
