/// Compares the content of one file with the content of one object.
struct ComparisonWorker: Sendable {
    let root: SafeDirectory
    let links: SymbolicLinkPolicy
    let store: any ObjectStore

    /// What is different, or nothing.
    func compare(_ entry: LocalEntry, with object: RemoteEntry) async throws -> ComparisonReport.Difference? {
        guard let status = entry.status, status.size == object.size else { return .size }
        // Different MD5s do not prove a difference: the ETag of an encrypted object is something else.
        let comparison = ContentComparison(store: store, trustsETag: false)
        let record = try await comparison.compare(entry.path, status, with: object, in: root, links: links)
        return record == nil ? .content : nil
    }
}
