import Synchronization

/// A reader of a listing that gives each symbolic link the size, ETag, time and checksum of its target. (HeadObject for
/// each link)
///
/// The service lists the properties of the link itself, which do not change when the target changes.
struct LinkResolver {
    private let store: any ObjectStore
    private let slots: AsyncSemaphore
    /// The partition whose links are resolved, or `nil` to resolve all links.
    private let partition: Partition?
    private let source: () async throws -> RemoteEntry?
    private var ready: ArraySlice<RemoteEntry> = []
    private var end: Result<Void, any Error>?

    /// Number of entries to read as a batch when a link is found, so that several links can be resolved concurrently.
    /// Nothing is read ahead if there are no links.
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

    /// Returns the next entry, or `nil` at the end. If the target of a link cannot be read, the `problem` of the entry
    /// is the error.
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
            // Entries that were listed before the error are returned first.
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
    /// Returns the objects under a prefix, with symbolic links handled according to the options.
    func objects(
        under prefix: String, _ options: DirectoryTransfer.Options, _ slots: AsyncSemaphore
    ) -> RemoteListing {
        let listing = objects(under: prefix, slots).skippingLinks(options.symbolicLinkObjects == .skip)
        guard options.symbolicLinkObjects == .follow else { return listing }
        return RemoteListing {
            var resolver = LinkResolver(self, slots, partition: options.partition, reading: listing.start())
            return { try await resolver.next() }
        }
    }
}

/// A source listing that records whether it has returned any objects.
///
/// A bucket has no directories, so the listing of a mistyped prefix is as empty as that of an empty folder. Treating a
/// mistyped prefix as an empty source would make the run succeed without doing anything.
struct SourceListing: Sendable {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    let objects: RemoteListing
    private let hasObjects: Flag
    private let missing: OSSError?

    /// Creates a source listing from the objects under a prefix. An empty bucket is a valid source.
    init(_ listing: RemoteListing, under prefix: String, in store: any ObjectStore) {
        self.init(
            listing, in: store,
            missing: prefix.isEmpty ? nil : "no objects under '\(prefix)'; check the prefix")
    }

    /// Creates a source listing of a single object. The given listing contains the keys that start with the key of that
    /// object.
    init(_ listing: RemoteListing, of key: ObjectKey, in store: any ObjectStore) {
        let single = RemoteListing {
            var next: (() async throws -> RemoteEntry?)? = listing.start()
            return {
                // In byte order, the key itself comes before all longer keys.
                let entry = try await next?()
                next = nil
                return entry?.key == key ? entry : nil
            }
        }
        self.init(single, in: store, missing: "the object '\(key)' does not exist; check the key")
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

    /// The error to report if a complete pass listed no objects; otherwise, `nil`.
    var problem: OSSError? { hasObjects.isSet.load(ordering: .relaxed) ? nil : missing }
}
