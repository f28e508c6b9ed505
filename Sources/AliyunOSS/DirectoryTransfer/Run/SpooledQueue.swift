import Foundation

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
