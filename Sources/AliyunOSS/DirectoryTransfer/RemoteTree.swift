/// The objects under a prefix as a stream in the order of their keys, which is checked.
///
/// Everything built on two streams side by side is only right when both are in order. A service that lists otherwise is
/// an error here, and not a wrong comparison later.
struct RemoteTree: AsyncSequence {
    typealias Element = RemoteEntry

    let listing: RemoteListing
    let prefix: String

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(next: listing.start(), prefix: prefix)
    }

    /// One listing from the start.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let next: () async throws -> RemoteEntry?
        fileprivate let prefix: String
        private var last: ObjectKey?

        fileprivate init(next: @escaping () async throws -> RemoteEntry?, prefix: String) {
            self.next = next
            self.prefix = prefix
        }

        mutating func next() async throws -> RemoteEntry? {
            while let entry = try await next() {
                guard entry.key.rawValue.utf8.starts(with: prefix.utf8) else {
                    throw OSSError(
                        .invalidResponse, "the service listed '\(entry.key)', which is not under '\(prefix)'",
                        operation: "ListObjects", key: entry.key)
                }
                switch last.map({ $0.compare(with: entry.key) }) ?? -1 {
                case ..<0:
                    last = entry.key
                    return entry
                case 0:
                    // Two pages may overlap when a key on their border is written meanwhile.
                    continue
                default:
                    throw OSSError(
                        .invalidResponse,
                        "the service listed '\(entry.key)' after '\(last?.rawValue ?? "")', which is not the order of "
                            + "their bytes", operation: "ListObjects", key: entry.key)
                }
            }
            return nil
        }
    }
}

/// An object as a listing shows it.
struct RemoteEntry: Sendable {
    var key: ObjectKey
    var size: Int64
    /// Without quotes. The MD5 of the content, in hexadecimal, when ``type`` is `Normal` and the object is not encrypted.
    var eTag: String
    var type: String
}

/// Something that lists from its start each time it is asked to.
struct RemoteListing: Sendable {
    let start: @Sendable () -> () async throws -> RemoteEntry?
}

extension ObjectKey {
    /// Less than zero, zero or more than zero, as this key comes before the other, is the same, or comes after it.
    func compare(with other: ObjectKey) -> Int {
        var left = rawValue
        var right = other.rawValue
        return left.withUTF8 { left in
            right.withUTF8 { right in
                for index in 0..<Swift.min(left.count, right.count) where left[index] != right[index] {
                    return left[index] < right[index] ? -1 : 1
                }
                return left.count - right.count
            }
        }
    }
}
