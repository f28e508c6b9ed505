import Foundation
import OSSPrimitives

extension Bucket {
    /// Lists the versions and delete markers of the objects whose keys start with a prefix, in byte order of the keys,
    /// and for each key from newest to oldest. (ListObjectVersions)
    ///
    /// ```swift
    /// for try await version in bucket.listObjectVersions(prefix: "2026/") where !version.isLatest {
    ///     try await bucket.deleteObject(version.key, versionID: version.versionID)
    /// }
    /// ```
    ///
    /// In a bucket for which versioning has never been enabled, each object has one version with the ID `null`.
    ///
    /// - Parameters:
    ///   - prefix: Prefix of the keys, at most 1023 bytes. Default: the empty prefix, which lists the entire bucket.
    ///   - delimiter: Groups keys that contain the delimiter after the prefix; see
    ///     ``ObjectVersionPage/commonPrefixes``. Default: none.
    ///   - startAfter: Key after which the listing starts. Default: none, which starts at the first key.
    ///   - pageSize: Number of versions per request, 1 to 1000. Default: 1000.
    public nonisolated func listObjectVersions(
        prefix: String = "", delimiter: String? = nil, startAfter: String? = nil, pageSize: Int = 1000
    ) -> PagedSequence<ObjectVersion, ObjectVersionPage> {
        PagedSequence(elements: \.versions) { [client] progress in
            try ListingProgress.check(pageSize: pageSize, prefix: prefix, delimiter: delimiter, startAfter: startAfter)
            let marker = progress.marker ?? startAfter.map { PageMarker(key: ObjectKey(unchecked: $0)) }
            var operation = Operation("ListObjectVersions", .get)
            operation.query = [("versions", nil)]
            if !prefix.isEmpty { operation.query.append(("prefix", prefix)) }
            operation.addQuery("delimiter", ifPresent: delimiter)
            operation.addQuery("key-marker", ifPresent: marker?.key.rawValue)
            operation.addQuery("version-id-marker", ifPresent: marker?.id)
            operation.query += [("max-keys", String(pageSize)), ("encoding-type", "url")]
            let response = try await client.perform(operation)
            do throws(OSSError) {
                let document = try ListingDocument(
                    response.body, root: "ListVersionsResult",
                    echoes: [
                        ("Prefix", prefix), ("KeyMarker", marker?.key.rawValue ?? ""),
                        ("VersionIdMarker", marker?.id ?? ""),
                    ])
                let (page, next) = try document.versions(prefix: prefix, after: marker)
                try progress.advance(to: next)
                return page
            } catch {
                throw client.reject(error, operation)
            }
        }
    }

    /// Permanently deletes any number of versions and delete markers, up to 1000 per request. (DeleteMultipleObjects)
    ///
    /// If a request fails, the remaining requests are still sent.
    ///
    /// - Parameters:
    ///   - versions: Keys and version IDs, such as ``ObjectVersion/id``.
    ///   - bypassesGovernance: Whether objects with a retention in governance mode are deleted, which requires a
    ///     special permission. Default: `false`.
    /// - Returns: The deleted versions, and the versions that may still exist, each with the error that occurred.
    /// - Throws: `CancellationError` only. Versions that were already deleted remain deleted.
    public func deleteVersions(
        _ versions: some Sequence<ObjectVersion.ID> & Sendable, bypassesGovernance: Bool = false
    ) async throws -> DeleteObjectsResult {
        var deletion = BatchDeletion(bypassesGovernance: bypassesGovernance)
        for id in versions { try await add(DeletionItem(id), to: &deletion) }
        return try await finish(deletion)
    }

    /// Permanently deletes the versions and delete markers that an asynchronous sequence produces, up to 1000 per
    /// request. (DeleteMultipleObjects)
    ///
    /// If a request fails, the remaining requests are still sent.
    ///
    /// - Parameters:
    ///   - versions: Keys and version IDs, such as ``ObjectVersion/id``.
    ///   - bypassesGovernance: Whether objects with a retention in governance mode are deleted, which requires a
    ///     special permission. Default: `false`.
    /// - Returns: The deleted versions, and the versions that may still exist, each with the error that occurred.
    /// - Throws: `CancellationError`, or any error of the sequence. Versions that were already deleted remain deleted.
    public func deleteVersions<Versions: AsyncSequence & Sendable>(
        _ versions: Versions, bypassesGovernance: Bool = false
    ) async throws -> DeleteObjectsResult where Versions.Element == ObjectVersion.ID {
        var deletion = BatchDeletion(bypassesGovernance: bypassesGovernance)
        for try await id in versions { try await add(DeletionItem(id), to: &deletion) }
        return try await finish(deletion)
    }
}

extension DeletionItem {
    fileprivate init(_ id: ObjectVersion.ID) { self.init(key: id.key, versionID: id.versionID) }
}

extension ListingDocument {
    /// Returns the versions on the page, and the start of the next page, which is `nil` on the last page.
    ///
    /// - Parameter marker: Start of the page. A version that precedes it belongs to another page.
    func versions(prefix: String, after marker: PageMarker?) throws(OSSError) -> (ObjectVersionPage, next: PageMarker?)
    {
        var page = ObjectVersionPage(versions: [], commonPrefixes: [])
        for child in root.children {
            switch child.name {
            case "Version": page.versions.append(try version(child, isDeleteMarker: false))
            case "DeleteMarker": page.versions.append(try version(child, isDeleteMarker: true))
            case "CommonPrefixes": page.commonPrefixes += try commonPrefix(child)
            default: continue
            }
        }
        if !page.versions.areInKeyOrder {
            // The service interleaves versions and delete markers, but other clients do not depend on that.
            let lists = [page.versions.filter { !$0.isDeleteMarker }, page.versions.filter(\.isDeleteMarker)]
            guard lists.allSatisfy(\.areInKeyOrder) else { throw Self.problem("is not in key order") }
            page.versions.sort { $0.key == $1.key ? $0.lastModified > $1.lastModified : $0.key < $1.key }
        }
        let names = page.versions.map(\.key.rawValue) + page.commonPrefixes
        if let stray = names.first(where: { !$0.utf8.starts(with: prefix.utf8) }) {
            throw Self.problem(
                "contains '\(stray.onOneLine)', which does not start with the prefix '\(prefix.onOneLine)'")
        }
        if let marker, let first = page.versions.first {
            // Without a version, the page starts after all versions of the key.
            guard marker.key < first.key || marker.key == first.key && marker.id ?? first.versionID != first.versionID
            else { throw Self.problem("repeats versions from the previous page") }
        }
        return (page, try nextVersion(after: page))
    }

    private func nextVersion(after page: ObjectVersionPage) throws(OSSError) -> PageMarker? {
        guard try isTruncated() else { return nil }
        guard let key = try text("NextKeyMarker", of: root), !key.isEmpty else {
            throw Self.problem("does not indicate where the next page starts")
        }
        let id = root.text("NextVersionIdMarker").flatMap { $0.isEmpty ? nil : $0 }
        return PageMarker(key: ObjectKey(unchecked: key), id: id)
    }

    private func version(_ node: XMLTree, isDeleteMarker: Bool) throws(OSSError) -> ObjectVersion {
        guard let key = try text("Key", of: node), let isLatest = node.text("IsLatest").flatMap(Bool.init),
            let lastModified = node.text("LastModified").flatMap(ISO8601.date(from:))
        else { throw Self.problem("contains a version whose key, time or position is missing or invalid") }
        let versionID = node.text("VersionId").flatMap { $0.isEmpty ? nil : $0 } ?? "null"
        return ObjectVersion(
            id: .init(key: ObjectKey(unchecked: key), versionID: versionID), isLatest: isLatest,
            lastModified: lastModified, owner: node["Owner"].map { ObjectOwner($0) },
            object: isDeleteMarker ? nil : try object(node, withOwner: true))
    }
}

extension [ObjectVersion] {
    fileprivate var areInKeyOrder: Bool { zip(self, dropFirst()).allSatisfy { $0.key <= $1.key } }
}
