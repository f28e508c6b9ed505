import AliyunOSS
import Foundation

/// The output of `ls`, which is written one page at a time. This also applies to JSON, because a listing may not fit
/// into memory.
struct ListingOutput {
    struct Format {
        /// Whether the entire listing is one JSON object.
        var isJSON: Bool
        /// Whether lines include the size, time and storage class.
        var isLong: Bool
        /// Whether sizes have units.
        var isHuman: Bool
        var showsETags: Bool
    }

    enum Entry {
        case object(ObjectSummary)
        case version(ObjectVersion)
        /// A prefix that stands for all keys that start with it.
        case prefix(String)
        case bucket(BucketSummary)
    }

    private let format: Format
    private let list: String
    private let escapes = StandardStream.output.isTerminal
    private var buffer: [UInt8] = []
    /// The `prefixes` of the JSON object, which follow the list.
    private var prefixes: [String] = []
    private var prefixCount = 0
    private var count = 0
    private var bytes: Int64 = 0

    /// Creates an output.
    ///
    /// - Parameter list: Name of the list in the JSON object, such as `objects`.
    init(_ format: Format, list: String) {
        (self.format, self.list) = (format, list)
        if format.isJSON { buffer += Array(#"{"command":"ls","\#(list)":["#.utf8) }
    }

    /// Writes the entries of a page in byte order, up to a number of entries, and reduces this number.
    ///
    /// - Returns: Whether more entries are wanted.
    mutating func add(_ entries: [Entry], _ left: inout Int) throws -> Bool {
        defer { buffer.removeAll(keepingCapacity: true) }
        let sorted = entries.enumerated().sorted {
            let (first, second) = ($0.element.key.utf8, $1.element.key.utf8)
            if first.lexicographicallyPrecedes(second) { return true }
            // The versions of a key stay in their order.
            return !second.lexicographicallyPrecedes(first) && $0.offset < $1.offset
        }
        for (_, entry) in sorted.prefix(left) { try add(entry) }
        try StandardStream.output.write(buffer)
        left -= min(left, entries.count)
        return left > 0
    }

    private mutating func add(_ entry: Entry) throws {
        switch entry {
        case .prefix(let prefix):
            prefixCount += 1
            if format.isJSON { return prefixes.append(prefix) }
        case .object(let object): (count, bytes) = (count + 1, bytes + object.size)
        case .version(let version): (count, bytes) = (count + 1, bytes + (version.object?.size ?? 0))
        case .bucket: count += 1
        }
        if format.isJSON {
            if count > 1 { buffer.append(UInt8(ascii: ",")) }
            buffer += try JSONOutput.encode(JSONEntry(entry))
        } else {
            buffer += Array((columns(entry) + (escapes ? Printable.line(entry.key) : entry.key) + "\n").utf8)
        }
    }

    mutating func finish(error: (any Error)?) throws {
        if format.isJSON {
            buffer += Array("],\"count\":\(count),\"bytes\":\(bytes),\"prefixes\":".utf8)
            buffer += try JSONOutput.encode(prefixes)
            if let error { buffer += Array(",\"error\":".utf8) + (try JSONOutput.encode(JSONError(error))) }
            buffer += Array(",\"succeeded\":\(error == nil)}\n".utf8)
        } else if format.isLong, error == nil {
            buffer += Array((total + "\n").utf8)
        }
        try StandardStream.output.write(buffer)
        buffer = []
    }

    /// The last line of a long listing, such as `total: 12 objects, 34.5 MiB; 2 folders`.
    private var total: String {
        func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        guard list != "buckets" else { return "total: \(counted(count, "bucket"))" }
        let size = Readable.bytes(bytes)
        let text = "total: \(counted(count, list == "versions" ? "version" : "object")), \(size)"
        return prefixCount == 0 ? text : text + "; " + counted(prefixCount, "folder")
    }

    // MARK: Columns

    /// Returns the columns before the key, such as `     1204  2026-11-23T14:05:00Z  IA  `.
    private func columns(_ entry: Entry) -> String {
        var columns: [String] = []
        switch entry {
        case .object(let object): columns = long(object)
        case .version(let version):
            columns = long(version.object, modified: version.lastModified)
            columns.append(version.versionID)
            columns.append(padded(version.isDeleteMarker ? "deleted" : version.isLatest ? "current" : "earlier", 7))
        case .prefix:
            if format.isLong { columns = [aligned(""), padded("", 20), padded("folder", 8)] }
        case .bucket(let bucket):
            if format.isLong {
                columns = [
                    Readable.time(bucket.creationDate), padded(bucket.storageClass.rawValue, 8),
                    padded(bucket.region, 14),
                ]
            }
        }
        return columns.map { $0 + "  " }.joined()
    }

    private func long(_ object: ObjectSummary?, modified: Date? = nil) -> [String] {
        guard format.isLong else { return [] }
        let time = (object?.lastModified ?? modified).map(Readable.time) ?? ""
        let eTag = format.showsETags ? [padded(object?.eTag ?? "", 32)] : []
        return [aligned(object.map { size($0.size) } ?? ""), time, padded(object?.storageClass.rawValue ?? "", 8)]
            + eTag
    }

    private func size(_ bytes: Int64) -> String { format.isHuman ? Readable.bytes(bytes) : "\(bytes)" }

    private func aligned(_ text: String) -> String {
        String(repeating: " ", count: max(0, (format.isHuman ? 10 : 14) - text.count)) + text
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

extension ListingOutput.Entry {
    fileprivate var key: String {
        switch self {
        case .object(let object): object.key.rawValue
        case .version(let version): version.key.rawValue
        case .prefix(let prefix): prefix
        case .bucket(let bucket): bucket.name
        }
    }
}

/// An element of a list in the JSON output of `ls`.
private struct JSONEntry: Encodable {
    var key: String?
    var size: Int64?
    var lastModified: Date?
    var eTag: String?
    var type: String?
    var storageClass: String?
    var versionID: String?
    var isLatest: Bool?
    var isDeleteMarker: Bool?
    var name: String?
    var region: String?
    var creationDate: Date?

    init(_ entry: ListingOutput.Entry) {
        switch entry {
        case .object(let object): fill(object)
        case .version(let version):
            if let object = version.object { fill(object) }
            (key, lastModified) = (version.key.rawValue, version.lastModified)
            (versionID, isLatest) = (version.versionID, version.isLatest)
            isDeleteMarker = version.isDeleteMarker
        case .prefix(let prefix): key = prefix
        case .bucket(let bucket):
            (name, region, creationDate) = (bucket.name, bucket.region, bucket.creationDate)
            storageClass = bucket.storageClass.rawValue
        }
    }

    private mutating func fill(_ object: ObjectSummary) {
        (key, size, lastModified) = (object.key.rawValue, object.size, object.lastModified)
        (eTag, type, storageClass) = (object.eTag, object.type.rawValue, object.storageClass.rawValue)
    }
}
