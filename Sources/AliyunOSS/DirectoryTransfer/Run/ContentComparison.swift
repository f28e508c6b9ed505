/// A comparer of file and object contents, used when the sizes and the record do not show whether the two are equal.
struct ContentComparison: Sendable {
    let store: any ObjectStore
    /// The semaphore that limits the number of concurrent requests across all files of a run, or `nil` for no limit.
    var slots: AsyncSemaphore?
    /// The rule that selects the files to store in compressed form.
    var compression = CompressionRule()
    /// Whether to treat a different ETag or a missing checksum as a difference without sending a request to verify it.
    /// If this is `false`, the CRC-64 is requested, because a service that encrypts objects may report ETags that are
    /// not MD5s.
    var trustsETag = true
    /// The progress of the run that the comparison is part of; `nil` if nothing observes it.
    var progress: RunProgress?

    /// Compares an object with a file or, if the file is stored compressed, with a gzip-compressed copy of the file.
    ///
    /// - Returns: The record of both sides, or `nil` if they differ.
    func compare(
        _ path: RelativePath, with object: RemoteEntry, in root: SafeDirectory, links: SymbolicLinkPolicy
    ) async throws -> FileRecord? {
        let isEqual: Bool
        let status: FileStatus
        if compression.includes(path) {
            let digest: GzipDigest
            (status, digest) = try await read(path, for: object.key, in: root, links: links) { file, length in
                try await GzipDigest(of: FileSlice(file, offset: 0, length: length))
            }
            isEqual = try await matches(digest, object)
        } else {
            let digest: ContentDigest
            (status, digest) = try await read(path, for: object.key, in: root, links: links) { file, _ in
                try await ContentDigest(of: file, onRead: progress?.reading(object.key))
            }
            isEqual = status.size == object.size ? try await matches(digest, object) : false
        }
        return isEqual ? FileRecord(status, object, isEncoded: compression.includes(path)) : nil
    }

    /// Returns whether an object that differs in size from a file is a gzip-compressed copy of the file. (HeadObject)
    func compareExpanded(
        _ path: RelativePath, with object: RemoteEntry, in root: SafeDirectory, links: SymbolicLinkPolicy
    ) async throws -> Bool {
        guard let mark = try await stored(object)?.gzip else { return false }
        let (status, digest) = try await read(path, for: object.key, in: root, links: links) { file, _ in
            try await ContentDigest(of: file, onRead: progress?.reading(object.key))
        }
        return mark == GzipMark(size: status.size, crc64: digest.crc64)
    }

    /// Returns a description of the renamed file if one of the given objects has the same content; otherwise, `nil`.
    func find(
        _ path: RelativePath, among objects: [RemoteEntry], for key: ObjectKey, in root: SafeDirectory,
        links: SymbolicLinkPolicy
    ) async throws -> RenamedFile? {
        let (status, digest) = try await read(path, for: key, in: root, links: links) { file, _ in
            try await ContentDigest(of: file, onRead: progress?.reading(key))
        }
        for object in objects where object.size == status.size {
            if try await matches(digest, object) {
                return RenamedFile(
                    source: object.key, eTag: object.eTag, path: path, status: status, checksum: digest.crc64)
            }
        }
        return nil
    }

    /// Returns whether two objects with different ETags have the same content. Objects without a checksum are
    /// considered different.
    func compare(_ source: StoredObject, _ destination: StoredObject) -> Bool {
        guard let left = source.checksum, let right = destination.checksum else { return false }
        return source.size == destination.size && left == right
    }

    /// Reads a file, and throws an error if the file changes while it is being read.
    private func read<Digest>(
        _ path: RelativePath, for key: ObjectKey, in root: SafeDirectory, links: SymbolicLinkPolicy,
        _ digest: (OpenFile, Int64) async throws -> Digest
    ) async throws -> (FileStatus, Digest) {
        do {
            let file = try root.openFile(at: path, links: links)
            let status = try file.status()
            let digest = try await digest(file, status.size)
            if try file.status().hasChanged(from: status) {
                throw OSSError(.sourceChanged, "'\(path)' changed during the comparison; try again", key: key)
            }
            return (status, digest)
        } catch let error as FileError {
            throw OSSError(reading: error, key: key)
        } catch let error as OSSError {
            throw (error.underlying as? FileError).map { OSSError(reading: $0, key: key) } ?? error
        }
    }

    private func stored(_ object: RemoteEntry) async throws -> StoredObject? {
        try await slots.withPermit { try await store.stored(object) }
    }

    private func matches(_ digest: GzipDigest, _ object: RemoteEntry) async throws -> Bool {
        if digest.size == object.size, object.hasMD5, object.eTag.uppercased() == digest.compressed.md5 { return true }
        // Another version of zlib may have compressed the same file to different bytes.
        guard let stored = try await stored(object) else { return false }
        return stored.gzip == digest.original
            || stored.size == digest.size && stored.checksum == digest.compressed.crc64
    }

    private func matches(_ digest: ContentDigest, _ object: RemoteEntry) async throws -> Bool {
        if let checksum = object.checksum { return checksum == digest.crc64 }
        if object.hasMD5 {
            if object.eTag.uppercased() == digest.md5 { return true }
            if trustsETag { return false }
        }
        guard let stored = try await stored(object) else { return false }
        if let checksum = stored.checksum { return checksum == digest.crc64 }
        // A transfer treats an object without a checksum as different: the file is transferred once and recorded.
        guard !trustsETag, !object.hasMD5 else { return false }
        throw OSSError(
            .invalidResponse,
            "the object '\(object.key)' has neither a CRC-64 nor an MD5, so its content cannot be compared; upload or copy "
                + "the object again to add a CRC-64",
            operation: "HeadObject", key: object.key)
    }
}
