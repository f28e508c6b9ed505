import Foundation

/// The objects under a prefix, in key order.
///
/// Merging two streams is correct only if both are in order. A listing that is out of order is therefore reported as an
/// error here instead of causing a wrong comparison later.
struct RemoteTree: AsyncSequence {
    typealias Element = TreeElement<RemoteEntry>

    let listing: RemoteListing
    let prefix: String
    var filter = SidedFilter(TransferFilter(), isSource: true)

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(next: listing.start(), prefix: prefix, filter: filter)
    }

    /// An iterator over one listing.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let next: () async throws -> RemoteEntry?
        fileprivate let prefix: String
        fileprivate let filter: SidedFilter
        private var last: ObjectKey?

        fileprivate init(next: @escaping () async throws -> RemoteEntry?, prefix: String, filter: SidedFilter) {
            self.next = next
            self.prefix = prefix
            self.filter = filter
        }

        mutating func next() async throws -> Element? {
            while let entry = try await next() {
                guard try isNext(entry.key), let entry = filtered(entry) else { continue }
                return .entry(entry)
            }
            return nil
        }

        private mutating func isNext(_ key: ObjectKey) throws(OSSError) -> Bool {
            guard key.rawValue.utf8.starts(with: prefix.utf8) else {
                throw OSSError(
                    .invalidResponse, "the service listed '\(key)', which does not start with the prefix '\(prefix)'",
                    operation: "ListObjects", key: key)
            }
            switch last.map({ $0.compare(with: key) }) ?? -1 {
            case ..<0:
                last = key
                return true
            case 0:
                // Two pages may overlap if a key at their boundary is written in the meantime.
                return false
            default:
                throw OSSError(
                    .invalidResponse,
                    "the service listed '\(key)' after '\(last?.rawValue ?? "")', which is out of byte "
                        + "order", operation: "ListObjects", key: key)
            }
        }

        private func filtered(_ entry: RemoteEntry) -> RemoteEntry? {
            guard !filter.isTrivial else { return entry }
            let bytes = entry.key.rawValue.utf8.dropFirst(prefix.utf8.count)
            guard !bytes.isEmpty else { return entry }
            let isExcluded =
                entry.isFolder
                ? filter.excludesName(RelativePath.path(of: bytes.dropLast(), in: nil), isFolder: true)
                : filter.excludesFile(
                    RelativePath.path(of: bytes, in: nil), size: entry.size, modified: entry.modified)
            guard isExcluded else { return entry }
            guard filter.isSource else { return nil }
            var entry = entry
            entry.exclusion = .excluded
            return entry
        }
    }
}

/// An object in a listing.
struct RemoteEntry: TreeEntry {
    var key: ObjectKey
    var size: Int64
    /// ETag, without the surrounding quotes. The ETag is the hexadecimal MD5 of the content if ``type`` is `Normal` and the object is
    /// not encrypted.
    var eTag: String
    var type: ObjectType
    /// Time of the last write, in whole seconds.
    var modified = Date(timeIntervalSince1970: 0)
    /// CRC-64 of the content; `nil` if unknown.
    var checksum: UInt64?
    /// Reason for excluding the object from the transfer; `nil` if it is included.
    var exclusion: TransferReason?
    /// The error that occurred while the target of the symbolic link was being read; `nil` if no error occurred.
    var problem: OSSError?

    init(
        key: ObjectKey, size: Int64, eTag: String, type: ObjectType, modified: Date = Date(timeIntervalSince1970: 0)
    ) {
        self.key = key
        self.size = size
        self.eTag = eTag
        self.type = type
        self.modified = modified
    }

    /// Creates an entry from a record. A record does not contain the type of the object, but the length of the ETag
    /// shows whether it is an MD5.
    init(_ record: FileRecord) {
        self.init(key: record.key, size: record.remoteSize, eTag: record.eTag, type: .normal)
    }

    /// Whether the object is a symbolic link to another object.
    var isLink: Bool { type == .symlink }

    /// Whether the listing indicates that the ETag is the MD5 of the content.
    var hasMD5: Bool { type == .normal && eTag.utf8.count == 32 }

    /// Whether the object represents a folder. Such an object is empty and its key ends in `/`.
    var isFolder: Bool { size == 0 && key.rawValue.utf8.last == UInt8(ascii: "/") }

    /// Whether the object counts as a source file. Excluded objects and objects that represent folders do not count.
    var countsAsFile: Bool { !isFolder && exclusion == nil }
}

/// A listing of objects that can be read any number of times.
struct RemoteListing: Sendable {
    let start: @Sendable () -> () async throws -> RemoteEntry?

    /// Returns the listing, with symbolic links excluded if requested.
    func skippingLinks(_ isSkipping: Bool) -> RemoteListing {
        guard isSkipping else { return self }
        return RemoteListing {
            let next = start()
            return {
                var entry = try await next()
                if entry?.isLink == true { entry?.exclusion = .symbolicLink }
                return entry
            }
        }
    }
}

extension ObjectKey {
    /// Compares this key with another key, byte by byte. Returns a negative number, zero or a positive number if this
    /// key is before, equal to or after the other key.
    func compare(with other: ObjectKey) -> Int {
        var left = rawValue
        var right = other.rawValue
        return left.withUTF8 { left in
            right.withUTF8 { right in
                let common = min(left.count, right.count)
                if common > 0, let first = left.baseAddress, let second = right.baseAddress {
                    let order = memcmp(first, second, common)
                    if order != 0 { return Int(order) }
                }
                return left.count - right.count
            }
        }
    }
}
