/// Compares the content of one file with the content of one object.
struct ComparisonWorker: Sendable {
    let root: SafeDirectory
    let links: SymbolicLinkPolicy
    let store: any ObjectStore

    /// What is different, or nothing.
    func compare(_ entry: LocalEntry, with object: RemoteEntry) async throws -> ComparisonReport.Difference? {
        let file: OpenFile
        let status: FileStatus
        let digest: ContentDigest
        do {
            file = try root.openFile(at: entry.path, links: links)
            status = try file.status()
            if status.size != object.size { return .size }
            digest = try await ContentDigest(of: file)
            if try file.status().mayDiffer(from: status) {
                throw OSSError(
                    .sourceChanged, "'\(entry.path)' changed while it was compared; try again", key: object.key)
            }
        } catch let error as FileError {
            throw OSSError(reading: error, key: object.key)
        } catch let error as OSSError {
            throw (error.underlying as? FileError).map { OSSError(reading: $0, key: object.key) } ?? error
        }
        // Equal MD5s prove equal content without a request. Different ones do not prove a difference: the ETag of an
        // encrypted or multipart object is something else.
        if object.type == "Normal", object.eTag.uppercased() == digest.md5 { return nil }
        let stored = try await store.head(object.key)
        if stored.size != status.size { return .size }
        if let checksum = stored.checksum { return checksum == digest.crc64 ? nil : .content }
        if object.type == "Normal", object.eTag.utf8.count == digest.md5.utf8.count { return .content }
        throw OSSError(
            .invalidResponse, "'\(object.key)' has neither a CRC-64 nor an MD5, so that its content cannot be compared",
            operation: "HeadObject", key: object.key)
    }
}
