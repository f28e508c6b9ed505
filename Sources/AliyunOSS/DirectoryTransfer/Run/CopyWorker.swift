/// A worker that copies objects from one prefix to another and deletes objects.
struct CopyWorker: DirectedWorker {
    let source: any ObjectStore
    /// Name of the source bucket if it differs from the destination bucket; otherwise, `nil`.
    let sourceBucket: String?
    let store: any ObjectStore
    let context: TransferContext

    func answer(_ question: PendingComparison) async throws -> ComparisonResult {
        guard case .objects(let object, let copy) = question else { return .different }
        async let left = stored(object, in: source)
        async let right = stored(copy, in: store)
        guard let left = try await left, let right = try await right else { return .different }
        return ContentComparison(store: store).compare(left, right) ? .equal(nil) : .different
    }

    private func stored(_ object: RemoteEntry, in store: any ObjectStore) async throws -> StoredObject? {
        try await context.slots.withPermit {
            // A listing reports the size and ETag of the link itself, which would match any target.
            guard object.isLink else { return try await store.stored(object) }
            do {
                return try await store.head(object.key)
            } catch let error as OSSError where error.code == .notFound {
                return nil
            }
        }
    }

    static func work(of action: TransferAction) -> TransferAction.CopyWork? {
        if case .copy(let work) = action.work { work } else { nil }
    }

    func perform(
        _ work: TransferAction.CopyWork, of action: TransferAction, _ turn: TaskPool.Turn
    ) async throws -> PerformedAction {
        do {
            try await source.following(work.source, context.slots) { object in
                // A link is copied as a link, and its ETag differs from that of its target.
                let eTag = object.isLink || object.eTag.isEmpty ? nil : object.eTag
                _ = try await store.copy(
                    object.key, in: sourceBucket, ifMatch: eTag, to: work.key, attributes: nil, context)
            }
        } catch let error as OSSError where error.code == .notFound {
            throw error.asVanished
        }
        return PerformedAction(bytes: action.size)
    }

    func delete(_ actions: [TransferAction]) async throws -> [OSSError?] {
        try await ObjectDeletion(store: store).delete(actions)
    }

    func conclude() {}
}
