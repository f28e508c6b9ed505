/// A merge of a transfer's source and destination, in key order. Each element shows whether a key exists on one side or
/// on both.
///
/// The merge holds one element of each side at a time. Each stream checks its own order.
struct TreeMarch<Source: AsyncSequence, Destination: AsyncSequence, SourceEntry, DestinationEntry>: AsyncSequence
where Source.Element == TreeElement<SourceEntry>, Destination.Element == TreeElement<DestinationEntry> {
    typealias Element = TreeDifference<SourceEntry, DestinationEntry>

    let source: Source
    let destination: Destination

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source.makeAsyncIterator(), destination: destination.makeAsyncIterator())
    }

    /// An iterator over one merge.
    struct AsyncIterator: AsyncIteratorProtocol {
        private var source: Source.AsyncIterator
        private var destination: Destination.AsyncIterator
        private var sourceHead: SourceEntry?
        private var destinationHead: DestinationEntry?
        private var sourceEnded = false
        private var destinationEnded = false

        fileprivate init(source: Source.AsyncIterator, destination: Destination.AsyncIterator) {
            self.source = source
            self.destination = destination
        }

        mutating func next() async throws -> Element? {
            if sourceHead == nil, !sourceEnded {
                switch try await source.next() {
                case nil: sourceEnded = true
                case .entry(let entry): sourceHead = entry
                case .unusable(let path, let error): return .unusableSource(path, error)
                }
            }
            if destinationHead == nil, !destinationEnded {
                switch try await destination.next() {
                case nil: destinationEnded = true
                case .entry(let entry): destinationHead = entry
                case .unusable(let path, let error): return .unusableDestination(path, error)
                }
            }
            guard let left = sourceHead else {
                guard let right = destinationHead else { return nil }
                destinationHead = nil
                return .destinationOnly(right, isInhabited: false)
            }
            guard let right = destinationHead else {
                sourceHead = nil
                return .sourceOnly(left, isInhabited: false)
            }
            let order = left.key.compare(with: right.key)
            if order <= 0 { sourceHead = nil }
            if order >= 0 { destinationHead = nil }
            if order == 0 { return .both(left, right) }
            return order < 0
                ? .sourceOnly(left, isInhabited: left.key.isFolder(of: right.key))
                : .destinationOnly(right, isInhabited: right.key.isFolder(of: left.key))
        }
    }
}

/// The result of comparing the source and the destination at one key.
///
/// A folder is inhabited if the other side has entries in it. The folder then exists on that side, although no object
/// represents it.
enum TreeDifference<Source: TreeEntry, Destination: TreeEntry>: Sendable {
    case sourceOnly(Source, isInhabited: Bool)
    case destinationOnly(Destination, isInhabited: Bool)
    case both(Source, Destination)
    /// A source entry that could not be read or whose name is not a valid key. Its counterpart in the destination is
    /// unknown.
    case unusableSource(RelativePath, OSSError)
    /// A destination entry that could not be read or whose name is not a valid key.
    case unusableDestination(RelativePath, OSSError)
}

extension ObjectKey {
    /// Returns whether this key represents a folder that contains another key.
    fileprivate func isFolder(of other: ObjectKey) -> Bool {
        rawValue.utf8.last == UInt8(ascii: "/") && other.rawValue.utf8.starts(with: rawValue.utf8)
    }
}

/// An entry in the source or destination, identified by its key.
protocol TreeEntry: Sendable {
    var key: ObjectKey { get }
}

/// An element in the sequence of source or destination entries. Elements are in key order.
enum TreeElement<Entry: TreeEntry>: Sendable {
    case entry(Entry)
    /// A file or folder that could not be read or whose name is not a valid key. Its contents are unknown.
    case unusable(RelativePath, OSSError)
}

/// An empty sequence, used in place of a side that is empty or need not be read.
struct NoTree<Entry: TreeEntry>: AsyncSequence, AsyncIteratorProtocol {
    func makeAsyncIterator() -> NoTree { self }

    func next() async -> TreeElement<Entry>? { nil }
}
