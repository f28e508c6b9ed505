extension Bucket: ObjectStore {
    nonisolated func objects(under prefix: String) -> RemoteListing {
        RemoteListing {
            var objects = self.listObjects(prefix: prefix).makeAsyncIterator()
            return {
                try await objects.next().map { object in
                    RemoteEntry(key: object.key, size: object.size, eTag: object.eTag, type: object.type)
                }
            }
        }
    }

    nonisolated func put(
        _ source: UploadSource, at key: ObjectKey, metadata: [String: String], _ pieces: PieceOptions
    ) async throws {
        var options = UploadOptions()
        options.attributes.metadata = metadata
        options.multipartThreshold = pieces.multipartThreshold
        options.partSize = pieces.partSize
        options.concurrency = pieces.concurrency
        options.whenInterrupted = pieces.whenInterrupted
        options.onProgress = pieces.progress?.nextFile()
        _ = try await upload(source, to: key, options: options, slots: pieces.slots)
    }

    nonisolated func putEmpty(at key: ObjectKey) async throws {
        try await putObject(key, "")
    }

    nonisolated func identity(of key: ObjectKey) -> UInt64 { downloadIdentity(key) }

    nonisolated func get(
        _ key: ObjectKey, size: Int64, into target: AtomicFile, _ pieces: PieceOptions,
        commit: @escaping @Sendable (StoredObject) async throws -> Void
    ) async throws -> StoredObject {
        var options = DownloadOptions()
        options.multipartThreshold = pieces.multipartThreshold
        options.partSize = pieces.partSize
        options.concurrency = pieces.concurrency
        options.whenInterrupted = pieces.whenInterrupted
        options.onProgress = pieces.progress?.nextFile()
        let result = try await download(key, into: target, options: options, expectedSize: size, slots: pieces.slots) {
            try await commit(StoredObject($0))
            return target.path
        }
        return StoredObject(result.metadata)
    }

    nonisolated func head(_ key: ObjectKey) async throws -> StoredObject {
        StoredObject(try await headObject(key))
    }
}

extension StoredObject {
    fileprivate init(_ object: ObjectMetadata) {
        self.init(size: object.size, checksum: object.checksum, metadata: object.metadata)
    }
}
