/// Carries out the actions of a copy from one prefix to another.
struct CopyWorker: TransferWorker {
    let source: any ObjectStore
    /// The name of the bucket that the objects are in, when it is another.
    let sourceBucket: String?
    let store: any ObjectStore
    let pieces: PieceOptions

    func answer(_ question: ContentQuestion) async throws -> ContentAnswer {
        guard case .objects(let object, let copy) = question else { return .different }
        do {
            async let left = pieces.slots.withPermit { try await source.head(object.key) }
            async let right = pieces.slots.withPermit { try await store.head(copy.key) }
            return try await ContentComparison(store: store).compare(left, right) ? .equal(nil) : .different
        } catch let error as OSSError where error.code == .notFound {
            return .different
        }
    }

    func perform(_ action: TransferAction) async throws -> PerformedAction {
        switch action.work {
        case .copy(let key, let target):
            do {
                _ = try await store.copy(
                    key, in: sourceBucket, ifMatch: nil, to: target, attributes: nil, pieces)
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
