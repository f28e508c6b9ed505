/// Compares the content of one file with the content of one object.
struct ComparisonWorker: Sendable {
    let root: SafeDirectory
    let links: SymbolicLinkPolicy
    let store: any ObjectStore

    /// What is different, or nothing.
    func compare(_ entry: LocalEntry, with object: RemoteEntry) async throws -> ComparisonReport.Difference? {
        if let problem = object.problem { throw problem }
        // Different MD5s do not prove a difference: the ETag of an encrypted object is something else.
        let comparison = ContentComparison(store: store, trustsETag: false)
        guard entry.size == object.size else {
            // An object in gzip form has the file's content too.
            let isEqual = try await comparison.compareExpanded(entry.path, with: object, in: root, links: links)
            return isEqual ? nil : .size
        }
        return try await comparison.compare(entry.path, with: object, in: root, links: links) == nil ? .content : nil
    }
}
