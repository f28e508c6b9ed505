import Foundation

/// The steps of a download that wait for all others: something that is to be deleted is in their way. They may be everything
/// below a folder, so they are not kept in memory when they are many.
struct PostDeletionQueue {
    private var items = SpooledQueue<Item>()
    /// The paths that are in the way.
    private(set) var blockers: Set<RelativePath> = []

    /// Adds a step that has to wait. It makes a file or a folder where there was none.
    ///
    /// - Returns: Whether it was one that waits.
    mutating func take(_ step: PlannedStep) throws(OSSError) -> Bool {
        guard let blocker = step.action.blocker, let item = Item(step.action, blocker) else { return false }
        blockers.insert(blocker)
        try items.append(item)
        return true
    }

    /// Gives back the steps from the first one. Nothing is added any more.
    mutating func reader() throws -> () throws -> PlannedStep? {
        var reader = try items.reader()
        return { try reader.next().map { PlannedStep(try $0.action) } }
    }

    private struct Item: Codable {
        var key: String
        var path: [UInt8]
        var blocker: [UInt8]
        var reason: String
        /// Of the object that becomes a file; nothing for a folder.
        var object: Object?

        struct Object: Codable {
            var size: Int64
            var eTag: String
            var type: String
            var modified: Date
        }

        init?(_ action: TransferAction, _ blocker: RelativePath) {
            self.blocker = blocker.bytes
            reason = action.reason.rawValue
            switch action.work {
            case .download(let object, let path, nil):
                (key, self.path) = (object.key.rawValue, path.bytes)
                self.object = Object(size: object.size, eTag: object.eTag, type: object.type, modified: object.modified)
            case .makeFolder(let path?):
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
                    work: entry.map { .download($0, path, replacing: nil) } ?? .makeFolder(path),
                    reason: TransferReason(rawValue: reason), key: key, path: path.description, size: entry?.size ?? 0,
                    blocker: try RelativePath(blocker))
            }
        }
    }
}

/// Things that are kept for later, in the order in which they came: in memory while they are few, in a temporary file when they
/// are many.
struct SpooledQueue<Item: Codable> {
    private var spool = Spool()
    private let encoder = JSONEncoder()

    /// Adds one.
    mutating func append(_ item: Item) throws(OSSError) {
        do {
            let json = try encoder.encode(item)
            try spool.append(withUnsafeBytes(of: UInt32(json.count).littleEndian) { Data($0) } + json)
        } catch {
            throw OSSError(.fileSystem, "what is left to do cannot be kept: \(error)", underlying: error)
        }
    }

    /// Reads them from the first one. Nothing is added any more.
    mutating func reader() throws -> Reader { Reader(content: try spool.finish()) }

    /// Where the reading has come to.
    struct Reader {
        fileprivate let content: Spool.Content
        private var position: Int64 = 0
        private let decoder = JSONDecoder()

        fileprivate init(content: Spool.Content) { self.content = content }

        /// The next one. What was written and cannot be read is an error, and never the end.
        mutating func next() throws -> Item? {
            guard let header = try bytes(4) else { return nil }
            let length = header.reversed().reduce(0) { $0 << 8 | Int($1) }
            guard header.count == 4, let json = try bytes(length), json.count == length else {
                throw OSSError(.fileSystem, "what is left to do cannot be read back: it ends too early")
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
