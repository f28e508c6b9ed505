import Foundation

/// The objects under a prefix as a stream in the order of their keys, which is checked.
///
/// Everything built on two streams side by side is only right when both are in order. A service that lists otherwise is
/// an error here, and not a wrong comparison later.
struct RemoteTree: AsyncSequence {
    typealias Element = TreeElement<RemoteEntry>

    let listing: RemoteListing
    let prefix: String
    var filter = SidedFilter(TransferFilter(), isSource: true)

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(next: listing.start(), prefix: prefix, filter: filter)
    }

    /// One listing from the start.
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
                    .invalidResponse, "the service listed '\(key)', which is not under '\(prefix)'",
                    operation: "ListObjects", key: key)
            }
            switch last.map({ $0.compare(with: key) }) ?? -1 {
            case ..<0:
                last = key
                return true
            case 0:
                // Two pages may overlap when a key on their border is written meanwhile.
                return false
            default:
                throw OSSError(
                    .invalidResponse,
                    "the service listed '\(key)' after '\(last?.rawValue ?? "")', which is not the order of "
                        + "their bytes", operation: "ListObjects", key: key)
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

/// An object as a listing shows it.
struct RemoteEntry: TreeEntry {
    var key: ObjectKey
    var size: Int64
    /// Without quotes. The MD5 of the content, in hexadecimal, when ``type`` is `Normal` and the object is not encrypted.
    var eTag: String
    var type: String
    /// When it was written, to the second.
    var modified = Date(timeIntervalSince1970: 0)
    /// CRC-64 of the content, if it is known already.
    var checksum: UInt64?
    /// Why it has no part in the transfer, if so.
    var exclusion: TransferReason?
    /// Why it is not known what is read through it, if it is a symbolic link.
    var problem: OSSError?

    init(
        key: ObjectKey, size: Int64, eTag: String, type: String, modified: Date = Date(timeIntervalSince1970: 0)
    ) {
        self.key = key
        self.size = size
        self.eTag = eTag
        self.type = type
        self.modified = modified
    }

    /// An object as a record has it, which does not know its type: whether the ETag is an MD5 shows in its length.
    init(_ record: FileRecord) {
        self.init(key: record.key, size: record.remoteSize, eTag: record.eTag, type: "Normal")
    }

    /// Whether it is a symbolic link to another object.
    var isLink: Bool { type == "Symlink" }

    /// Whether the ETag is the MD5 of the content, as far as a listing tells.
    var hasMD5: Bool { type == "Normal" && eTag.utf8.count == 32 }

    /// Whether it stands for a folder: an empty object with `/` at the end of its key.
    var isFolder: Bool { size == 0 && key.rawValue.utf8.last == UInt8(ascii: "/") }

    /// Whether a source that has it is not empty: neither what stands for a folder nor what is excluded is a file of it.
    var countsAsFile: Bool { !isFolder && exclusion == nil }
}

/// Something that lists from its start each time it is asked to.
struct RemoteListing: Sendable {
    let start: @Sendable () -> () async throws -> RemoteEntry?

    /// The same listing in which symbolic links have no part in the transfer, if so.
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
    /// Less than zero, zero or more than zero, as this key comes before the other, is the same, or comes after it.
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
