import Foundation

/// The bucket operations that folder transfers require.
protocol ObjectStore: Sendable {
    /// Address of the bucket, used to identify the records that belong to the bucket.
    var address: String { get }

    /// Name of the bucket.
    var name: String { get }

    /// Directory in which state is saved between runs.
    var stateDirectory: StateDirectory { get }

    /// A closure that receives the events of transfers; `nil` if nobody receives them.
    var onEvent: (@Sendable (ClientEvent) -> Void)? { get }

    /// Returns the objects under a prefix, in listing order.
    ///
    /// - Parameter slots: The semaphore that limits the number of concurrent requests.
    func objects(under prefix: String, _ slots: AsyncSemaphore) -> RemoteListing

    /// Uploads a file. Throws ``OSSError/Code/sourceChanged`` if the file changes during the upload.
    func put(
        _ source: UploadSource, at key: ObjectKey, attributes: ObjectAttributes, _ context: TransferContext
    ) async throws -> StoredObject

    /// Creates an empty object.
    func putEmpty(at key: ObjectKey) async throws

    /// Returns the number that identifies the temporary file to which an object is downloaded.
    func identity(of key: ObjectKey) -> UInt64

    /// Downloads an object to a temporary file, verifies the file and calls a closure to commit it. On return, the
    /// temporary file has been committed, removed, or saved for the next attempt.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/sourceChanged`` if the object has changed since it was listed.
    func get(
        _ object: RemoteEntry, into target: AtomicFile, _ context: TransferContext,
        commit: @escaping @Sendable (StoredObject) async throws -> Void
    ) async throws -> StoredObject

    /// Returns the properties of an object.
    func head(_ key: ObjectKey) async throws -> StoredObject

    /// Copies an object from this bucket or another bucket, with its existing attributes or with new ones.
    ///
    /// - Parameter eTag: ETag that the source must have. An object with a different ETag is not copied.
    func copy(
        _ source: ObjectKey, in bucket: String?, ifMatch eTag: String?, to key: ObjectKey,
        attributes: ObjectAttributes?, _ context: TransferContext
    ) async throws -> StoredObject

    /// Returns the update that gives an object the requested attributes, or `nil` if the object already has them.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/sourceChanged`` if the object has been replaced.
    func attributeUpdate(
        of object: RemoteEntry, to requested: ObjectAttributes, _ context: TransferContext
    ) async throws -> AttributeUpdate?

    /// Changes the attributes of an object that has not been replaced, and returns the new properties of the object, or
    /// `nil` if its ETag is the same.
    func perform(
        _ update: AttributeUpdate, on object: RemoteEntry, _ context: TransferContext
    ) async throws -> StoredObject?

    /// Removes the saved state of an incomplete upload whose object already has the file's content.
    ///
    /// - Returns: `false` if the removal failed but may succeed when tried again; otherwise, `true`.
    func forgetUpload(of path: String, to key: ObjectKey) async -> Bool

    /// Removes the saved state of an incomplete download whose file already has the object's content.
    func forgetDownload(of key: ObjectKey, to path: String)

    /// Deletes objects and returns the outcome for each one.
    func delete(_ keys: [ObjectKey]) async throws -> DeleteObjectsResult
}

/// The options and limits that all files of a run share.
struct TransferContext: Sendable {
    let options: DirectoryTransfer.Options
    /// The semaphore that limits the number of concurrent requests across all files and parts.
    let slots: AsyncSemaphore
    /// The progress of the run; `nil` if nothing observes it.
    let progress: RunProgress?
    /// Whether the run is a dry run. A dry run must not write anything or remove the state of earlier runs.
    let isDryRun: Bool

    init(_ options: DirectoryTransfer.Options, isDryRun: Bool = false) {
        self.options = options
        self.isDryRun = isDryRun
        slots = AsyncSemaphore(options.concurrency)
        progress = RunProgress(isDryRun ? nil : options.onProgress, options.monitor)
    }

    /// Maximum number of concurrent requests for the parts of one file.
    var concurrency: Int { min(options.concurrency, 1000) }
}

/// The properties of a stored object.
struct StoredObject: Sendable {
    /// Size of the content, in bytes.
    var size: Int64
    /// ETag, without the surrounding quotes.
    var eTag: String
    /// Time of the last write, in whole seconds; `nil` if the service did not report it.
    var modified: Date?
    /// Type of the object; `nil` if the service did not report it.
    var type: ObjectType?
    /// CRC-64 of the content; `nil` if the service did not report it.
    var checksum: UInt64?
    /// User metadata.
    var metadata: [String: String] = [:]
    var contentEncoding: String?
    /// Whether the downloaded bytes were verified against a checksum.
    var isCompared = true
}

extension StoredObject {
    /// The size and checksum of the original file if the object is a gzip-compressed copy; otherwise, `nil`. Requests
    /// for the stored bytes ask for the encoding `identity`, so the response may report that encoding.
    var gzip: GzipMark? {
        let encoding = contentEncoding?.lowercased() ?? "identity"
        return [GzipMark.contentEncoding, "identity"].contains(encoding) ? GzipMark(metadata: metadata) : nil
    }
}

extension ObjectStore {
    /// Returns the properties of a listed object, or `nil` if it has been deleted or replaced since it was listed.
    /// (HeadObject)
    func stored(_ object: RemoteEntry) async throws -> StoredObject? {
        do {
            let stored = try await head(object.key)
            let isListed = stored.eTag == object.eTag || object.eTag.isEmpty
            return stored.size == object.size && isListed ? stored : nil
        } catch let error as OSSError where error.code == .notFound {
            return nil
        }
    }

    /// Transfers a listed object, or its replacement if the object has been replaced since it was listed.
    func following<Value>(
        _ listed: RemoteEntry, _ slots: AsyncSemaphore, _ transfer: (RemoteEntry) async throws -> Value
    ) async throws -> Value {
        do {
            return try await transfer(listed)
        } catch let error as OSSError where error.code == .sourceChanged {
            let stored = try await slots.withPermit { try await head(listed.key) }
            guard let current = listed.successor(stored) else { throw error }
            return try await transfer(current)
        }
    }
}

extension RemoteEntry {
    /// Returns the object to transfer in place of this one after a request reported a change, or `nil` if there is
    /// none.
    ///
    /// - Parameter stored: The properties that the service now reports.
    /// - Returns: This entry if the object has not changed, in which case the earlier response was wrong; an entry for
    ///   the object that replaced it; or `nil` if the reported object is older than the listed one, in which case the
    ///   response came from a cache and must not override the listing.
    func successor(_ stored: StoredObject) -> RemoteEntry? {
        if stored.eTag == eTag, stored.size == size { return self }
        guard let modified = stored.modified, modified >= self.modified else { return nil }
        return RemoteEntry(
            key: key, size: stored.size, eTag: stored.eTag, type: stored.type ?? type, modified: modified)
    }
}
