extension Bucket: ObjectStore {
    nonisolated var stateDirectory: StateDirectory { client.configuration.stateDirectory }

    nonisolated var onEvent: (@Sendable (ClientEvent) -> Void)? { client.configuration.onEvent }

    nonisolated var address: String { "\(client.endpoint)/\(name)" }

    nonisolated func objects(under prefix: String, _ slots: AsyncSemaphore) -> RemoteListing {
        RemoteListing {
            var pages = self.listObjects(prefix: prefix).pages.makeAsyncIterator()
            var objects: ArraySlice<ObjectSummary> = []
            return {
                while objects.isEmpty {
                    // Each page is one request.
                    let permit = try await slots.acquire()
                    defer { permit.release() }
                    guard let page = try await pages.next() else { return nil }
                    objects = page.objects[...]
                }
                let object = objects.removeFirst()
                return RemoteEntry(
                    key: object.key, size: object.size, eTag: object.eTag, type: object.type,
                    modified: object.lastModified)
            }
        }
    }

    nonisolated func put(
        _ source: UploadSource, at key: ObjectKey, attributes: ObjectAttributes, _ context: TransferContext
    ) async throws -> StoredObject {
        var options = UploadOptions(context, key)
        options.attributes = attributes
        options.multipartThreshold = context.options.multipartThreshold
        let result = try await upload(source, to: key, options: options, slots: context.slots)
        return StoredObject(size: result.size, eTag: result.eTag, checksum: result.crc64)
    }

    nonisolated func putEmpty(at key: ObjectKey) async throws {
        try await putObject(key, "")
    }

    nonisolated func identity(of key: ObjectKey) -> UInt64 { downloadIdentity(key) }

    nonisolated func get(
        _ object: RemoteEntry, into target: AtomicFile, _ context: TransferContext,
        commit: @escaping @Sendable (StoredObject) async throws -> Void
    ) async throws -> StoredObject {
        var options = DownloadOptions(context, object.key)
        options.multipartThreshold = context.options.multipartThreshold
        let expected = object.listed
        options.source.conditions.ifMatch = expected.eTag
        do {
            let result = try await download(
                object.key, into: target, options: options, expected: expected, slots: context.slots
            ) {
                try await commit(StoredObject($0))
                return target.path
            }
            var stored = StoredObject(result.metadata)
            stored.isCompared = result.integrity != .lengthOnly
            return stored
        } catch let error as OSSError where error.code == .preconditionFailed {
            throw error.asSourceChanged
        }
    }

    nonisolated func head(_ key: ObjectKey) async throws -> StoredObject {
        StoredObject(try await headObject(key))
    }

    nonisolated func copy(
        _ source: ObjectKey, in bucket: String?, ifMatch eTag: String?, to key: ObjectKey,
        attributes: ObjectAttributes?, _ context: TransferContext
    ) async throws -> StoredObject {
        var options = CopyOptions(context, key)
        options.source.conditions.ifMatch = eTag
        options.attributes = attributes
        do {
            let result = try await copy(source, in: bucket ?? name, to: key, options: options, slots: context.slots)
            return StoredObject(size: result.size, eTag: result.eTag, checksum: result.crc64)
        } catch let error as OSSError where error.code == .preconditionFailed && eTag != nil {
            throw error.asSourceChanged
        }
    }

    nonisolated func delete(_ keys: [ObjectKey]) async throws -> DeleteObjectsResult {
        try await deleteObjects(keys)
    }
}

extension TransferOptions {
    /// Creates the options for one file from the settings of the run.
    ///
    /// - Parameter key: Key of the file's action.
    fileprivate init(_ context: TransferContext, _ key: ObjectKey) {
        self.init()
        partSize = context.options.partSize
        concurrency = context.concurrency
        interruptionPolicy = context.options.interruptionPolicy
        onProgress = context.progress?.nextFile(key)
    }
}

extension StoredObject {
    fileprivate init(_ object: ObjectMetadata) {
        self.init(
            size: object.size, eTag: object.eTag, modified: object.lastModified, type: object.type,
            checksum: object.crc64, metadata: object.metadata,
            contentEncoding: object.contentEncoding)
    }
}

extension RemoteEntry {
    /// The listed properties of the object or, for a symbolic link, the properties of its target.
    fileprivate var listed: ListedObject {
        ListedObject(size: size, eTag: eTag.isEmpty ? nil : eTag, isNormal: hasMD5)
    }
}

extension OSSError {
    /// A copy of this error that reports the object as changed since it was listed.
    fileprivate var asSourceChanged: OSSError {
        var error = self
        error.code = .sourceChanged
        error.message = "the object has changed since it was listed: \(message)"
        error.underlying = self
        return error
    }
}
