/// One thing on one side of a transfer, at the key that it has or would have in the destination.
protocol TreeEntry: Sendable {
    var key: ObjectKey { get }
}

/// What a side of a transfer yields, in the order of the keys.
enum TreeElement<Entry: TreeEntry>: Sendable {
    case entry(Entry)
    /// Something that could not be read or has no key: what else is there is not known.
    case unusable(RelativePath, OSSError)
}

/// A side that has nothing, or is not looked at because nothing depends on it.
struct NoTree<Entry: TreeEntry>: AsyncSequence, AsyncIteratorProtocol {
    func makeAsyncIterator() -> NoTree { self }

    func next() async -> TreeElement<Entry>? { nil }
}
