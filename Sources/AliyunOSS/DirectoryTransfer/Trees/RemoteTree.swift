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
