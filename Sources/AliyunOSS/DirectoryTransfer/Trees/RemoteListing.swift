import Synchronization

/// Reads a listing, and gives its symbolic links the size, ETag, time and checksum of their targets. (HeadObject for each link)
///
/// The service lists a link's own, which say nothing of what is read through it and do not change with it.
struct LinkResolver {
    private let store: any ObjectStore
    private let slots: AsyncSemaphore
    /// The share of the keys that is looked at, if not all.
    private let partition: Partition?
    private let source: () async throws -> RemoteEntry?
    private var ready: ArraySlice<RemoteEntry> = []
    private var end: Result<Void, any Error>?

    /// The number of entries that are read at once, from a link on, so that several links are asked for at a time. Where there are no links,
    /// nothing is read ahead.
    private static let batchSize = 100

    init(
        _ store: any ObjectStore, _ slots: AsyncSemaphore, partition: Partition?,
        reading source: @escaping () async throws -> RemoteEntry?
    ) {
        self.store = store
        self.slots = slots
        self.partition = partition
        self.source = source
    }

    /// The next entry. A link whose target cannot be looked at has the reason as its problem.
    mutating func next() async throws -> RemoteEntry? {
        if let entry = ready.popFirst() { return entry }
        if let end {
            try end.get()
            return nil
        }
        guard let first = try await source() else { return nil }
        guard isUnresolved(first) else { return first }
        ready = try await resolved(batch(after: first))[...]
        return ready.popFirst()
    }

    private mutating func batch(after first: RemoteEntry) async -> [RemoteEntry] {
        var batch = [first]
        do {
            while batch.count < Self.batchSize {
                guard let entry = try await source() else {
                    end = .success(())
                    break
                }
                batch.append(entry)
            }
        } catch {
            // What was listed before comes before the error.
            end = .failure(error)
        }
        return batch
    }

    private func resolved(_ batch: [RemoteEntry]) async throws -> [RemoteEntry] {
        var batch = batch
        var links = batch.indices.filter { isUnresolved(batch[$0]) }[...]
        let entries = batch
        try await TaskPool.run(limit: Self.batchSize) {
            links.popFirst()
        } work: { [store, slots] index in
            var entry = entries[index]
            do {
                let target = try await slots.withPermit { try await store.head(entry.key) }
                (entry.size, entry.eTag, entry.checksum) = (target.size, target.eTag, target.checksum)
                entry.modified = target.modified ?? entry.modified
            } catch {
                entry.problem = (error as? OSSError)?.asVanished
            }
            return (index, entry)
        } handle: { index, entry in
            batch[index] = entry
            return .keepGoing
        }
        return batch
    }

    private func isUnresolved(_ entry: RemoteEntry) -> Bool {
        entry.isLink && partition?.contains(entry.key) ?? true
    }
}

extension ObjectStore {
    /// The objects under a prefix, with symbolic links as a transfer wants them.
    func objects(
        under prefix: String, _ options: DirectoryTransfer.Options, _ slots: AsyncSemaphore
    ) -> RemoteListing {
        let listing = objects(under: prefix).skippingLinks(options.symbolicLinkObjects == .skip)
        guard options.symbolicLinkObjects == .follow else { return listing }
        return RemoteListing {
            var resolver = LinkResolver(self, slots, partition: options.partition, reading: listing.start())
            return { try await resolver.next() }
        }
    }
}

/// The listing that a pass takes its objects from, and whether it had any.
///
/// A bucket has no directories, so a mistyped prefix and an empty one look the same: nothing is listed. Taken for an empty
/// source, the mistake would be a success.
struct SourceListing: Sendable {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    /// The objects.
    let objects: RemoteListing
    private let hasObjects: Flag
    private let missing: OSSError?

    /// Takes the listing of the objects under a prefix. A bucket without objects is there all the same.
    init(_ listing: RemoteListing, under prefix: String, in store: any ObjectStore) {
        self.init(
            listing, in: store,
            missing: prefix.isEmpty ? nil : "there is nothing under '\(prefix)'; check the prefix")
    }

    /// Takes a single object from the listing of the keys that begin with its key.
    init(_ listing: RemoteListing, of key: ObjectKey, in store: any ObjectStore) {
        let single = RemoteListing {
            var next: (() async throws -> RemoteEntry?)? = listing.start()
            return {
                // The first key that begins with this one is this one, if it is there.
                let entry = try await next?()
                next = nil
                return entry?.key == key ? entry : nil
            }
        }
        self.init(single, in: store, missing: "there is no object '\(key)'; check the key")
    }

    private init(_ listing: RemoteListing, in store: any ObjectStore, missing: String?) {
        let hasObjects = Flag()
        self.hasObjects = hasObjects
        self.missing = missing.map { OSSError(.notFound, $0, operation: "ListObjects", bucket: store.name) }
        objects = RemoteListing {
            let next = listing.start()
            return {
                let entry = try await next()
                if entry != nil { hasObjects.isSet.store(true, ordering: .relaxed) }
                return entry
            }
        }
    }

    /// The error when a pass is over and nothing was listed.
    var problem: OSSError? { hasObjects.isSet.load(ordering: .relaxed) ? nil : missing }
}
