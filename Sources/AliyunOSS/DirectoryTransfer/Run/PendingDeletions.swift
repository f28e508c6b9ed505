import Foundation

/// The deletions that a run has found and not yet done: in memory while they are few, in a temporary file when they are many.
struct PendingDeletions {
    private var spool = Spool()
    /// How many files and objects there are.
    private(set) var count = 0
    /// The first of them, for the report.
    private(set) var firstPaths: [String] = []

    static let listedPaths = 1000

    /// Adds a deletion.
    mutating func append(_ action: TransferAction) throws(OSSError) {
        guard let item = Item(action) else { return }
        if item.isFile { count += 1 }
        if firstPaths.count < Self.listedPaths { firstPaths.append(action.path) }
        do {
            let json = try JSONEncoder().encode(item)
            try spool.append(withUnsafeBytes(of: UInt32(json.count).littleEndian) { Data($0) } + json)
        } catch {
            throw OSSError(.fileSystem, "the list of deletions cannot be kept: \(error)", underlying: error)
        }
    }

    /// Hands over all of them, some at a time.
    mutating func forEachBatch(of size: Int, _ body: ([TransferAction]) async throws -> Void) async throws {
        let content = try spool.finish()
        var reader = Reader(content)
        var batch: [TransferAction] = []
        while let action = try reader.next() {
            batch.append(action)
            if batch.count == size {
                try await body(batch)
                batch = []
            }
        }
        if !batch.isEmpty { try await body(batch) }
    }

    private struct Reader {
        private let content: Spool.Content
        private var position: Int64 = 0
        private let decoder = JSONDecoder()

        init(_ content: Spool.Content) { self.content = content }

        mutating func next() throws -> TransferAction? {
            guard let header = try bytes(4), header.count == 4 else { return nil }
            let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
            guard let json = try bytes(length), json.count == length,
                let action = try decoder.decode(Item.self, from: json).action
            else { throw OSSError(.fileSystem, "the list of deletions cannot be read back as it was written") }
            return action
        }

        private mutating func bytes(_ count: Int) throws -> Data? {
            defer { position += Int64(count) }
            switch content {
            case .data(let data):
                guard position < data.count else { return nil }
                return data.dropFirst(Int(position)).prefix(count)
            case .file(let slice):
                guard position < slice.length else { return nil }
                var data = Data(count: count)
                let read = try data.withUnsafeMutableBytes { try slice.file.read(into: $0, at: position) }
                return data.prefix(read)
            }
        }
    }

    private struct Item: Codable {
        enum Kind: String, Codable { case object, file, folder }

        var kind: Kind
        var key: String?
        var path: [UInt8]
        var size: Int64
        var status: FileStatus?
        var keptFolders: Int?

        /// What only stands for a folder is none: it is not counted where files are.
        var isFile: Bool {
            switch kind {
            case .file: true
            case .folder: false
            case .object: size > 0 || key?.utf8.last != UInt8(ascii: "/")
            }
        }

        init?(_ action: TransferAction) {
            key = action.key?.rawValue
            size = action.size
            path = Array(action.path.utf8)
            switch action.work {
            case .deleteObject: kind = .object
            case .deleteFile(let path, let status, let kept):
                (kind, self.path, self.status, keptFolders) = (.file, path.bytes, status, kept)
            case .deleteFolder(let path, let kept): (kind, self.path, keptFolders) = (.folder, path.bytes, kept)
            default: return nil
            }
        }

        var action: TransferAction? {
            let work: TransferAction.Work
            switch (kind, key, status) {
            case (.object, let key?, _): work = .deleteObject(ObjectKey(unchecked: key))
            case (.file, _, let status?):
                guard let path = try? RelativePath(path) else { return nil }
                work = .deleteFile(path, status, keptFolders: keptFolders ?? 0)
            case (.folder, _, _):
                guard let path = try? RelativePath(path) else { return nil }
                work = .deleteFolder(path, keptFolders: keptFolders ?? 0)
            default: return nil
            }
            return TransferAction(
                work: work, reason: .notInSource, key: key.map { ObjectKey(unchecked: $0) },
                path: String(decoding: path, as: UTF8.self), size: size)
        }
    }
}
