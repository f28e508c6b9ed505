/// Compares contents where sizes and records do not decide.
struct ContentComparison: Sendable {
    let store: any ObjectStore
    /// The requests that the files of a run share.
    var slots: AsyncSemaphore?
    /// Which files are stored in their gzip form.
    var compression = CompressionRule()
    /// Whether an ETag that should be the MD5 of an object, and is not that of the file, proves a difference, and so does an
    /// object with no checksum at all. It need not: where the service encrypts objects the object's CRC-64 is asked for,
    /// which costs a request.
    var trustsETag = true

    /// Whether a file has the content of an object, as it is or in its gzip form.
    ///
    /// - Returns: What both sides have, if so.
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
                try await ContentDigest(of: file)
            }
            isEqual = status.size == object.size ? try await matches(digest, object) : false
        }
        return isEqual ? FileRecord(status, object, isEncoded: compression.includes(path)) : nil
    }

    /// Whether a file is what an object of another size is the gzip form of. (HeadObject)
    func compareExpanded(
        _ path: RelativePath, with object: RemoteEntry, in root: SafeDirectory, links: SymbolicLinkPolicy
    ) async throws -> Bool {
        guard let mark = try await stored(object)?.gzip else { return false }
        let (status, digest) = try await read(path, for: object.key, in: root, links: links) { file, _ in
            try await ContentDigest(of: file)
        }
        return mark == GzipMark(size: status.size, crc64: digest.crc64)
    }

    /// Which of some objects has the content of a file.
    func find(
        _ path: RelativePath, among objects: [RemoteEntry], for key: ObjectKey, in root: SafeDirectory,
        links: SymbolicLinkPolicy
    ) async throws -> RenamedFile? {
        let (status, digest) = try await read(path, for: key, in: root, links: links) { file, _ in
            try await ContentDigest(of: file)
        }
        for object in objects where object.size == status.size {
            if try await matches(digest, object) {
                return RenamedFile(
                    source: object.key, eTag: object.eTag, path: path, status: status, checksum: digest.crc64)
            }
        }
        return nil
    }

    /// Whether two objects of equal size and different ETags have the same content. Where the service tells no checksum
    /// they are taken for different.
    func compare(_ source: StoredObject, _ destination: StoredObject) -> Bool {
        guard let left = source.checksum, let right = destination.checksum else { return false }
        return source.size == destination.size && left == right
    }

    /// Reads a file, and makes sure that it was one file all the time.
    private func read<Digest>(
        _ path: RelativePath, for key: ObjectKey, in root: SafeDirectory, links: SymbolicLinkPolicy,
        _ digest: (OpenFile, Int64) async throws -> Digest
    ) async throws -> (FileStatus, Digest) {
        do {
            let file = try root.openFile(at: path, links: links)
            let status = try file.status()
            let digest = try await digest(file, status.size)
            if try file.status().hasChanged(from: status) {
                throw OSSError(.sourceChanged, "'\(path)' changed while it was compared; try again", key: key)
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
        // Another zlib may have made other bytes of the same file.
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
        // Where a difference is sent, what cannot be compared is taken for one: it is sent once, and known from then on.
        guard !trustsETag, !object.hasMD5 else { return false }
        throw OSSError(
            .invalidResponse, "'\(object.key)' has neither a CRC-64 nor an MD5, so that its content cannot be compared",
            operation: "HeadObject", key: object.key)
    }
}
