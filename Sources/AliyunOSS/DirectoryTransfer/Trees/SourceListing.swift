import Synchronization

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
