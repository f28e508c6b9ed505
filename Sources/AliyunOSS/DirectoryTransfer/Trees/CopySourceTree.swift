/// The objects under a prefix, in the order of the keys that their copies have.
struct CopySourceTree: AsyncSequence {
    typealias Element = TreeElement<CopyEntry>

    let source: RemoteTree
    let prefix: String

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source.makeAsyncIterator(), length: source.prefix.utf8.count, prefix: prefix)
    }

    /// One listing from the start.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var source: RemoteTree.AsyncIterator
        fileprivate let length: Int
        fileprivate let prefix: String

        mutating func next() async throws -> Element? {
            switch try await source.next() {
            case nil: return nil
            case .unusable(let path, let error): return .unusable(path, error)
            case .entry(let object):
                // The object that stands for the source's own folder has no counterpart where the copies have no prefix.
                if prefix.isEmpty, object.key.rawValue.utf8.count == length { return try await next() }
                let key = ObjectKey(
                    unchecked: prefix + String(decoding: object.key.rawValue.utf8.dropFirst(length), as: UTF8.self))
                do throws(OSSError) {
                    try key.validate()
                } catch {
                    return .unusable(RelativePath.path(of: object.key.rawValue.utf8.dropFirst(length), in: nil), error)
                }
                return .entry(CopyEntry(key: key, object: object))
            }
        }
    }
}
