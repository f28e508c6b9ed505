/// Carries out the actions of an upload.
struct UploadWorker: Sendable {
    let root: SafeDirectory
    let links: SymbolicLinkPolicy
    let preservesAttributes: Bool
    let store: any ObjectStore

    /// Does it and returns the number of bytes transferred.
    func perform(_ action: TransferAction) async throws -> Int64 {
        switch action.work {
        case .upload(let path, let key):
            return try await upload(path, to: key)
        case .uploadFolder(let key):
            try await store.putEmpty(at: key)
            return 0
        case .fail(let error):
            throw error
        case .leave, .download, .makeFolder:
            return action.size
        }
    }

    private func upload(_ path: RelativePath, to key: ObjectKey) async throws -> Int64 {
        let file: OpenFile
        let status: FileStatus
        do throws(FileError) {
            file = try root.openFile(at: path, links: links)
            // Not what the walk saw: that may be some time ago.
            status = try file.status()
        } catch {
            throw OSSError(reading: error, key: key)
        }
        let metadata = preservesAttributes ? FileAttributes(status).metadata : [:]
        do {
            try await store.put(FileSlice(file, offset: 0, length: status.size), at: key, metadata: metadata)
        } catch let error as OSSError where error.code == .fileSystem && changed(file, since: status) {
            // A file that became shorter shows as one that cannot be read to its end.
            throw sourceChanged(file, key, underlying: error)
        }
        // The time and permissions that were sent are those of before: they must be those of what was sent.
        if changed(file, since: status) { throw sourceChanged(file, key) }
        return status.size
    }

    private func changed(_ file: OpenFile, since earlier: FileStatus) -> Bool {
        (try? file.status().mayDiffer(from: earlier)) ?? true
    }

    private func sourceChanged(_ file: OpenFile, _ key: ObjectKey, underlying: OSSError? = nil) -> OSSError {
        OSSError(
            .sourceChanged, "'\(file.path)' changed while it was being uploaded; upload it again", key: key,
            underlying: underlying)
    }
}
