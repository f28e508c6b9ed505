import Foundation

/// A worker that uploads files and deletes objects.
struct UploadWorker: DirectedWorker {
    let root: SafeDirectory
    let links: SymbolicLinkPolicy
    let attributes: FileObjectAttributes
    let store: any ObjectStore
    let context: TransferContext
    let compression: CompressionRule
    private let digest: UInt64
    private let recent: RecentDirectory

    init(
        root: SafeDirectory, links: SymbolicLinkPolicy, attributes: FileObjectAttributes, store: any ObjectStore,
        context: TransferContext, compression: CompressionRule = CompressionRule()
    ) {
        (self.root, self.links, self.attributes, self.store) = (root, links, attributes, store)
        (self.context, self.compression) = (context, compression)
        digest = attributes.digest
        recent = RecentDirectory(root: root, links: links)
    }

    func answer(_ question: PendingComparison) async throws -> ComparisonResult {
        let comparison = ContentComparison(
            store: store, slots: context.slots, compression: compression, progress: context.progress)
        switch question {
        case .file(let path, let status, let object):
            let record = try await comparison.compare(path, with: object, in: root, links: links)
            guard let record else { return .different }
            if !context.isDryRun, status.size >= context.options.multipartThreshold {
                // An unrecorded file is compared again by the next run, which then retries the removal.
                let isForgotten = try await context.slots.withPermit {
                    await store.forgetUpload(of: root.path(of: path), to: object.key)
                }
                guard isForgotten else { return .equal(nil) }
            }
            guard context.options.updatesAttributes, !object.isLink else { return .equal(record) }
            return try await compareAttributes(path, status, object, record)
        case .attributes(let path, let status, let object, _, let record):
            switch try await compareAttributes(path, status, object, record) {
            // The planner has confirmed the record.
            case .equal(let new) where new == record: return .equal(nil)
            case let result: return result
            }
        case .renamed(let path, _, let objects):
            guard let first = objects.first else { return .different }
            let found = try await comparison.find(path, among: objects, for: first.key, in: root, links: links)
            return found.map { .sameAs($0) } ?? .different
        case .objects:
            return .different
        }
    }

    static func work(of action: TransferAction) -> TransferAction.UploadWork? {
        if case .upload(let work) = action.work { work } else { nil }
    }

    func perform(
        _ work: TransferAction.UploadWork, of action: TransferAction, _ turn: TaskPool.Turn
    ) async throws -> PerformedAction {
        switch work {
        case .file(let path, let key):
            return try await upload(path, to: key)
        case .attributes(let update, let path, let status, let object, var record):
            let stored = try await store.perform(update, on: object, context)
            if record != nil, let stored {
                record = FileRecord(status, at: object.key, stored, isEncoded: compression.includes(path))
            }
            record?.attributes = digest
            return PerformedAction(bytes: status.size, record: record)
        case .folder(let key):
            try await context.slots.withPermit { try await store.putEmpty(at: key) }
            return PerformedAction(record: FileRecord(folder: key))
        case .renamed(let file, let key):
            return try await copy(file, to: key)
        }
    }

    func delete(_ actions: [TransferAction]) async throws -> [OSSError?] {
        var spellings = ExactNameIndex(root: root, links: links)
        return try await ObjectDeletion(store: store).delete(actions) { action in
            // The walk may be hours old. The object of a file that has appeared since then must not be deleted.
            guard !action.path.isEmpty, let path = try? RelativePath(action.path.utf8.trimmingFinalSlash) else {
                return nil
            }
            let isFolder = action.path.utf8.last == UInt8(ascii: "/")
            guard (try? exists(path, asFolder: isFolder)) != false else { return nil }
            // If the file system ignores case, a file whose name is spelled differently is also found, but has its own
            // key.
            guard spellings.contain(path) else { return nil }
            return OSSError(
                .sourceChanged, "'\(action.path)' appeared during the transfer, so its object was not deleted",
                key: action.key)
        }
    }

    func conclude() {}

    /// Compares the attributes of an object with the requested ones, after the contents were found to be equal.
    private func compareAttributes(
        _ path: RelativePath, _ status: FileStatus, _ object: RemoteEntry, _ record: FileRecord?
    ) async throws -> ComparisonResult {
        let requested = try attributes.requested(for: path, status)
        guard let update = try await store.attributeUpdate(of: object, to: requested, context) else {
            var record = record
            record?.attributes = digest
            return .equal(record)
        }
        return .outdated(.attributes(update, path, status, object, record), record)
    }

    /// Returns whether the file or folder at a path still exists.
    private func exists(_ path: RelativePath, asFolder isFolder: Bool) throws(FileError) -> Bool {
        var names = path.components
        let name = names.removeLast()
        do {
            let status = try root.directory(at: names, links: links).status(of: name, links: links)
            return (status.kind == .directory) == isFolder
        } catch  where [ENOENT, ENOTDIR].contains(error.code) {
            return false
        }
    }

    private func upload(_ path: RelativePath, to key: ObjectKey) async throws -> PerformedAction {
        let file: OpenFile
        do throws(FileError) {
            file = try recent.openFile(at: path)
        } catch {
            throw OSSError(reading: error, key: key)
        }
        // The status is that of the open file, because the walk may have been some time ago.
        let source =
            compression.includes(path) ? try await UploadSource(compressing: file) : try UploadSource(file)
        let attributes = try attributes.attributes(of: path, source.status)
        let stored: StoredObject
        do {
            stored = try await store.put(source, at: key, attributes: attributes, context)
        } catch let error as OSSError where error.code == .fileSystem {
            // Reading a truncated file fails before the expected end.
            throw source.change().map { about($0, key, underlying: error) } ?? error
        }
        var record = FileRecord(source.status, at: key, stored, isEncoded: source.gzip != nil)
        record.attributes = digest
        return PerformedAction(bytes: source.status.size, record: record)
    }

    /// Copies the object of a renamed file to the file's new key. If the file or the object has changed since the
    /// comparison, the file is uploaded instead.
    private func copy(_ file: RenamedFile, to key: ObjectKey) async throws -> PerformedAction {
        let current: FileStatus
        do throws(FileError) {
            current = try root.openFile(at: file.path, links: links).status()
        } catch {
            throw OSSError(reading: error, key: key)
        }
        guard !current.hasChanged(from: file.status) else { return try await upload(file.path, to: key) }
        do {
            let stored = try await store.copy(
                file.source, in: nil, ifMatch: file.eTag, to: key,
                attributes: attributes.attributes(of: file.path, file.status), context)
            // If the service reports no checksum, the ETag condition of the request proves the content of the copy.
            if stored.size == file.status.size, stored.checksum ?? file.checksum == file.checksum {
                var record = FileRecord(file.status, at: key, stored)
                record.attributes = digest
                return PerformedAction(bytes: file.status.size, record: record)
            }
        } catch let error as OSSError where [.notFound, .preconditionFailed, .sourceChanged].contains(error.code) {
            // The object was replaced or deleted in the meantime.
        }
        return try await upload(file.path, to: key)
    }

    private func about(_ error: OSSError, _ key: ObjectKey, underlying: OSSError? = nil) -> OSSError {
        var error = error
        error.key = key
        error.underlying = error.underlying ?? underlying
        return error
    }
}

extension String.UTF8View {
    /// The text without a trailing `/`.
    fileprivate var trimmingFinalSlash: Substring.UTF8View {
        last == UInt8(ascii: "/") ? self[..<index(before: endIndex)] : self[...]
    }
}

/// An operation that deletes objects in batches.
struct ObjectDeletion: Sendable {
    let store: any ObjectStore

    /// Deletes the objects named by the given actions and returns, for each action, the error that occurred or `nil`.
    ///
    /// - Parameter objection: A closure, called immediately before the deletion, that returns an error if an object
    ///   must not be deleted.
    func delete(
        _ actions: [TransferAction], unless objection: (TransferAction) -> OSSError? = { _ in nil }
    ) async throws -> [OSSError?] {
        var errors = [OSSError?](repeating: nil, count: actions.count)
        var indices: [ObjectKey: Int] = [:]
        var keys: [ObjectKey] = []
        for (index, action) in actions.enumerated() {
            guard case .delete(.object(let key)) = action.work else { throw OSSError(misdirected: action) }
            errors[index] = objection(action)
            guard errors[index] == nil else { continue }
            indices[key] = index
            keys.append(key)
        }
        guard !keys.isEmpty else { return errors }
        let result = try await store.delete(keys)
        for failure in result.failures {
            if let index = indices[failure.key] { errors[index] = failure.error }
        }
        return errors
    }
}
