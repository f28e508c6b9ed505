/// Compares contents where sizes and records do not decide.
struct ContentComparison: Sendable {
    let store: any ObjectStore
    /// Whether an ETag that should be the MD5 of an object, and is not that of the file, proves a difference. It need not
    /// where the service encrypts objects: there the object's CRC-64 is asked for, which costs a request.
    var trustsETag = true

    /// Whether a file has the content of an object. Sizes that differ are left to the caller.
    ///
    /// - Returns: What both sides have, if so.
    func compare(
        _ path: RelativePath, _ seen: FileStatus, with object: RemoteEntry, in root: SafeDirectory,
        links: SymbolicLinkPolicy
    ) async throws -> FileRecord? {
        let (status, digest) = try await read(path, for: object.key, in: root, links: links)
        guard status.size == object.size, try await matches(digest, object) else { return nil }
        return FileRecord(status, object)
    }

    /// Which of some objects has the content of a file.
    func find(
        _ path: RelativePath, among objects: [RemoteEntry], for key: ObjectKey, in root: SafeDirectory,
        links: SymbolicLinkPolicy
    ) async throws -> (key: ObjectKey, status: FileStatus)? {
        let (status, digest) = try await read(path, for: key, in: root, links: links)
        for object in objects where object.size == status.size {
            if try await matches(digest, object) { return (object.key, status) }
        }
        return nil
    }

    /// Whether two objects of equal size and different ETags have the same content. Where the service tells no checksum
    /// they are taken for different.
    func compare(_ source: StoredObject, _ destination: StoredObject) -> Bool {
        guard let left = source.checksum, let right = destination.checksum else { return false }
        return source.size == destination.size && left == right
    }

    private func read(
        _ path: RelativePath, for key: ObjectKey, in root: SafeDirectory, links: SymbolicLinkPolicy
    ) async throws -> (FileStatus, ContentDigest) {
        do {
            let file = try root.openFile(at: path, links: links)
            let status = try file.status()
            let digest = try await ContentDigest(of: file)
            if try file.status().mayDiffer(from: status) {
                throw OSSError(.sourceChanged, "'\(path)' changed while it was compared; try again", key: key)
            }
            return (status, digest)
        } catch let error as FileError {
            throw OSSError(reading: error, key: key)
        } catch let error as OSSError {
            throw (error.underlying as? FileError).map { OSSError(reading: $0, key: key) } ?? error
        }
    }

    private func matches(_ digest: ContentDigest, _ object: RemoteEntry) async throws -> Bool {
        if object.hasMD5 {
            if object.eTag.uppercased() == digest.md5 { return true }
            if trustsETag { return false }
        }
        let stored: StoredObject
        do {
            stored = try await store.head(object.key)
        } catch let error as OSSError where error.code == .notFound {
            // Gone since it was listed.
            return false
        }
        guard stored.size == object.size else { return false }
        if let checksum = stored.checksum { return checksum == digest.crc64 }
        guard !object.hasMD5 else { return false }
        throw OSSError(
            .invalidResponse, "'\(object.key)' has neither a CRC-64 nor an MD5, so that its content cannot be compared",
            operation: "HeadObject", key: object.key)
    }
}

extension FileRecord {
    init(_ status: FileStatus, _ object: RemoteEntry) {
        self.init(
            key: object.key, size: status.size, modified: status.modified, inode: status.inode,
            remoteSize: object.size, eTag: object.eTag)
    }

    init(_ status: FileStatus, at key: ObjectKey, _ object: StoredObject) {
        self.init(
            key: key, size: status.size, modified: status.modified, inode: status.inode, remoteSize: object.size,
            eTag: object.eTag)
    }
}
