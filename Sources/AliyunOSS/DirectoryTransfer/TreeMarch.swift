/// Two streams in key order, side by side: what is on one side only, and what is on both.
///
/// It holds one element of each side and does nothing but compare. A local stream that is out of order ends it with an
/// error; the remote one checks itself (``RemoteTree``).
struct TreeMarch<Local: AsyncSequence, Remote: AsyncSequence>: AsyncSequence
where Local.Element == LocalTree.Element, Remote.Element == RemoteEntry {
    typealias Element = TreeDifference

    let local: Local
    let remote: Remote

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(local: local.makeAsyncIterator(), remote: remote.makeAsyncIterator())
    }

    /// One march from the start.
    struct AsyncIterator: AsyncIteratorProtocol {
        private var local: Local.AsyncIterator
        private var remote: Remote.AsyncIterator
        private var localHead: LocalEntry?
        private var remoteHead: RemoteEntry?
        private var localEnded = false
        private var remoteEnded = false
        private var lastLocal: ObjectKey?

        fileprivate init(local: Local.AsyncIterator, remote: Remote.AsyncIterator) {
            self.local = local
            self.remote = remote
        }

        mutating func next() async throws -> TreeDifference? {
            if localHead == nil, !localEnded, let aside = try await advanceLocal() { return aside }
            if remoteHead == nil, !remoteEnded {
                remoteHead = try await remote.next()
                remoteEnded = remoteHead == nil
            }
            switch (localHead, remoteHead) {
            case (nil, nil):
                return nil
            case (let entry?, nil):
                localHead = nil
                return .localOnly(entry)
            case (nil, let object?):
                remoteHead = nil
                return .remoteOnly(object)
            case (let entry?, let object?):
                let order = entry.key.compare(with: object.key)
                if order <= 0 { localHead = nil }
                if order >= 0 { remoteHead = nil }
                return order < 0 ? .localOnly(entry) : order > 0 ? .remoteOnly(object) : .both(entry, object)
            }
        }

        /// Fetches the next local entry, or returns something that has no part in the comparison.
        private mutating func advanceLocal() async throws -> TreeDifference? {
            switch try await local.next() {
            case nil:
                localEnded = true
            case .leftOut(let path, let reason):
                return .leftOut(path, reason)
            case .unusable(let path, let error):
                return .unusable(path, error)
            case .entry(let entry):
                if let lastLocal, lastLocal.compare(with: entry.key) >= 0 {
                    throw OSSError(
                        .fileSystem,
                        "the folder gave '\(entry.key)' after '\(lastLocal)', which is not the order of their bytes; "
                            + "it probably changed while it was read: try again", key: entry.key)
                }
                lastLocal = entry.key
                localHead = entry
            }
            return nil
        }
    }
}

/// What a march finds at one key.
enum TreeDifference: Sendable {
    case localOnly(LocalEntry)
    case remoteOnly(RemoteEntry)
    case both(LocalEntry, RemoteEntry)
    /// Something local that is left alone on purpose.
    case leftOut(RelativePath, TransferReason)
    /// Something local that could not be read, or has no key: whether it is on the other side is not known.
    case unusable(RelativePath, OSSError)
}

/// A side that is not looked at, because nothing depends on it.
struct NoEntries<Element: Sendable>: AsyncSequence, AsyncIteratorProtocol {
    func makeAsyncIterator() -> NoEntries { self }

    func next() async -> Element? { nil }
}
