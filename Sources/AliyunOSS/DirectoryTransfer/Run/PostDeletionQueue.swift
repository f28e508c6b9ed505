import Foundation

/// A queue of download steps whose paths are blocked by files or folders that will be deleted. The steps are stored
/// in memory or, if there are many, in a temporary file.
struct PostDeletionQueue {
    private var items = SpooledQueue<Item>()
    /// Paths of the files and folders that block the steps.
    private(set) var blockers: Set<RelativePath> = []

    /// Adds a step if it is blocked by a file or folder that will be deleted, and returns whether the step was added.
    /// Such a step creates a file or folder where none existed.
    mutating func take(_ step: PlannedStep) throws(OSSError) -> Bool {
        guard let blocker = step.action.blocker, let item = Item(step.action, blocker) else { return false }
        blockers.insert(blocker)
        try items.append(item)
        return true
    }

    /// Returns a closure that reads the steps one at a time. No step may be added afterwards.
    mutating func reader() throws -> () throws -> PlannedStep? {
        var reader = try items.reader()
        return { try reader.next().map { PlannedStep(try $0.action) } }
    }

    private struct Item: Codable {
        var key: String
        var path: [UInt8]
        var blocker: [UInt8]
        var reason: String
        /// The object to download to a file; `nil` if the step creates a folder.
        var object: Object?

        struct Object: Codable {
            var size: Int64
            var eTag: String
            var type: ObjectType
            var modified: Date
        }

        init?(_ action: TransferAction, _ blocker: RelativePath) {
            self.blocker = blocker.bytes
            reason = action.reason.rawValue
            switch action.work {
            case .download(.file(let object, let path, nil)):
                (key, self.path) = (object.key.rawValue, path.bytes)
                self.object = Object(size: object.size, eTag: object.eTag, type: object.type, modified: object.modified)
            case .download(.folder(let path?)):
                guard let key = action.key else { return nil }
                (self.key, self.path) = (key.rawValue, path.bytes)
            default: return nil
            }
        }

        var action: TransferAction {
            get throws {
                let (key, path) = (ObjectKey(unchecked: key), try RelativePath(path))
                let entry = object.map {
                    RemoteEntry(key: key, size: $0.size, eTag: $0.eTag, type: $0.type, modified: $0.modified)
                }
                return TransferAction(
                    work: .download(entry.map { .file($0, path, replacing: nil) } ?? .folder(path)),
                    reason: TransferReason(rawValue: reason), key: key, path: path.description, size: entry?.size ?? 0,
                    blocker: try RelativePath(blocker))
            }
        }
    }
}

/// A queue of items that is stored in memory or, if there are many items, in a temporary file.
struct SpooledQueue<Item: Codable> {
    private var spool = Spool()
    private let encoder = JSONEncoder()

    /// Appends an item.
    mutating func append(_ item: Item) throws(OSSError) {
        do {
            let json = try encoder.encode(item)
            try spool.append(withUnsafeBytes(of: UInt32(json.count).littleEndian) { Data($0) } + json)
        } catch {
            throw OSSError(
                .fileSystem, "cannot save the remaining steps of the run in a temporary file: \(error)",
                underlying: error)
        }
    }

    /// Returns a reader for the items. No item may be added afterwards.
    mutating func reader() throws -> Reader { Reader(content: try spool.finish()) }

    /// A reader for the items of a queue.
    struct Reader {
        fileprivate let content: Spool.Content
        private var position: Int64 = 0
        private let decoder = JSONDecoder()

        fileprivate init(content: Spool.Content) { self.content = content }

        /// Returns the next item, or `nil` at the end. Throws an error if an item is incomplete.
        mutating func next() throws -> Item? {
            guard let header = try bytes(4) else { return nil }
            let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
            guard header.count == 4, let json = try bytes(length), json.count == length else {
                throw OSSError(
                    .fileSystem,
                    "cannot read the remaining steps of the run from a temporary file: unexpected end of file")
            }
            return try decoder.decode(Item.self, from: json)
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
}
