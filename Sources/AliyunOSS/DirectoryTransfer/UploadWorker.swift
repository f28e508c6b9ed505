/// Carries out the actions of an upload.
struct UploadWorker: Sendable {
    let root: SafeDirectory
    let links: SymbolicLinkPolicy
    let preservesAttributes: Bool
    let store: any ObjectStore
    let pieces: PieceOptions

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
        do throws(FileError) {
            file = try root.openFile(at: path, links: links)
        } catch {
            throw OSSError(reading: error, key: key)
        }
        // Not what the walk saw: that may be some time ago.
        let source = try UploadSource(file)
        let metadata = preservesAttributes ? FileAttributes(source.status).metadata : [:]
        do {
            try await store.put(source, at: key, metadata: metadata, pieces)
        } catch let error as OSSError where error.code == .fileSystem {
            // A file that became shorter shows as one that cannot be read to its end.
            throw source.change().map { about($0, key, underlying: error) } ?? error
        }
        // The time and permissions that were sent are those of before: they must be those of what was sent.
        if let change = source.change() { throw about(change, key) }
        return source.status.size
    }

    private func about(_ error: OSSError, _ key: ObjectKey, underlying: OSSError? = nil) -> OSSError {
        var error = error
        error.key = key
        error.underlying = error.underlying ?? underlying
        return error
    }
}
