/// Carries out the actions of a copy from one prefix to another.
struct CopyWorker: TransferWorker {
    let source: any ObjectStore
    /// The name of the bucket that the objects are in, when it is another.
    let sourceBucket: String?
    let store: any ObjectStore
    let pieces: TransferContext

    func answer(_ question: PendingComparison) async throws -> ComparisonResult {
        guard case .objects(let object, let copy) = question else { return .different }
        async let left = stored(object, in: source)
        async let right = stored(copy, in: store)
        guard let left = try await left, let right = try await right else { return .different }
        return ContentComparison(store: store).compare(left, right) ? .equal(nil) : .different
    }

    private func stored(_ object: RemoteEntry, in store: any ObjectStore) async throws -> StoredObject? {
        try await pieces.slots.withPermit {
            // A listing states the size and the ETag of a link and not those of its target, so that these match any target.
            guard object.isLink else { return try await store.stored(object) }
            do {
                return try await store.head(object.key)
            } catch let error as OSSError where error.code == .notFound {
                return nil
            }
        }
    }

    func perform(_ action: TransferAction) async throws -> PerformedAction {
        switch action.work {
        case .copy(let object, let target):
            do {
                try await source.following(object) { object in
                    // A link is copied as a link, and its own ETag is not that of its target.
                    let eTag = object.isLink || object.eTag.isEmpty ? nil : object.eTag
                    _ = try await store.copy(
                        object.key, in: sourceBucket, ifMatch: eTag, to: target, attributes: nil, pieces)
                }
            } catch let error as OSSError where error.code == .notFound {
                throw error.asVanished
            }
        case .fail(let error):
            throw error
        case .leave, .upload, .uploadFolder, .copyRenamed, .download, .makeFolder, .deleteFile, .deleteFolder,
            .deleteObject:
            break
        }
        return PerformedAction(bytes: action.size)
    }

    func delete(_ actions: [TransferAction]) async throws -> [OSSError?] {
        try await ObjectDeletion(store: store).delete(actions)
    }

    func conclude() {}
}
