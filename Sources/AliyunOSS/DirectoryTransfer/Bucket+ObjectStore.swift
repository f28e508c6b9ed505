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

    nonisolated func put(_ slice: FileSlice, at key: ObjectKey, metadata: [String: String]) async throws {
        var options = PutObjectOptions()
        options.attributes.metadata = metadata
        try await putObject(key, .file(slice), options: options)
    }

    nonisolated func putEmpty(at key: ObjectKey) async throws {
        try await putObject(key, "")
    }

    nonisolated func get(_ key: ObjectKey, into file: OpenFile) async throws -> StoredObject {
        StoredObject(try await downloadObject(key, into: file))
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
