import Foundation
import OSSPrimitives

/// Storage that holds a bucket's objects in a folder, where they survive a restart.
///
/// Keys can be longer than file names and contain `..`, `//` or control characters, so files are named by the SHA-256
/// of the key. `objects/HASH.json` has the key, the attributes and the names of the content files in `data/`. Renaming
/// that file into place commits a write. Content files that no record refers to are removed at startup. The name for a
/// version other than `null` includes its sequence number: `HASH-SEQUENCE.json`.
struct FolderStorage: BucketStorage {
    private struct Record: Codable {
        var key: String
        var data: [StoredFile]?
        var attributes: MockObject.Attributes
    }

    // Shorter appends are written after the existing bytes; longer ones get their own file.
    private static let smallLength = 1024 * 1024

    /// Prefix for the folders of deleted buckets. These folders are removed at the next startup. No bucket name starts
    /// with this prefix.
    static let deletedPrefix = ".deleted-"

    private let root: URL
    private let segments = SegmentCache()
    private var objects: URL { root.appendingPathComponent("objects") }
    private var data: URL { root.appendingPathComponent("data") }
    var uploads: URL { root.appendingPathComponent("uploads") }

    /// Opens the storage of a bucket, creating its folders if necessary.
    ///
    /// - Parameter isNew: Whether the bucket is new, in which case any files that a killed server left behind are
    ///   removed.
    init(root: URL, isNew: Bool = false) throws {
        self.root = root
        if isNew {
            // Only these folders are removed: the storage folder may contain other files of the user.
            for folder in [objects, data, uploads] where FileManager.default.fileExists(atPath: folder.path) {
                try FileManager.default.removeItem(at: folder)
            }
        }
        for folder in [objects, data] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
    }

    /// Loads the objects and uploads that an earlier run stored. Unusable files are skipped and left unchanged.
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
                loaded.warnings.append("\(url.path): the content of '\(record.key)' is missing; the object was skipped")
                continue
            }
            let content = record.data.map { MockObject.Content.files($0) } ?? .none
            loaded.objects.append((Array(record.key.utf8), MockObject(attributes: record.attributes, content: content)))
        }
        try loadUploads(&loaded)
        // The files that an unreadable record refers to are unknown.
        guard !loaded.hasUnreadable else { return loaded }
        for name in try FileManager.default.contentsOfDirectory(atPath: data.path) where !loaded.files.contains(name) {
            try? FileManager.default.removeItem(at: data.appendingPathComponent(name))
        }
        return loaded
    }

    /// Returns whether all of the files exist and are at least as long as recorded.
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

    /// Renames the bucket's folder and then removes it. If the server is killed between the two steps, no partial
    /// bucket remains.
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
            // A single file is not cached.
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
        bytes.withChunks(in: 0..<bytes.count) { chunk in
            var rest = chunk
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
    /// The loaded contents of a bucket.
    struct Loaded {
        var objects: [(key: [UInt8], object: MockObject)] = []
        var uploads: [MockUpload] = []
        /// Names of the files in `data/` to which records refer.
        var files: Set<String> = []
        /// One-line messages about unusable files.
        var warnings: [String] = []
        /// Whether at least one record could not be read.
        private(set) var hasUnreadable = false

        mutating func cannotRead(_ url: URL) {
            warnings.append("\(url.path): cannot be read; the file was skipped")
            hasUnreadable = true
        }
    }
}

/// A file in `data/` and the length of its content, in bytes. The file may be longer if a crash interrupted an append;
/// the next append overwrites the extra bytes.
struct StoredFile: Sendable, Codable {
    var name: String
    var count: Int
}
