import Foundation

/// The operations of a bucket that folder transfers need.
protocol ObjectStore: Sendable {
    /// Address of the bucket, which identifies its records.
    var address: String { get }

    /// Name of the bucket.
    var name: String { get }

    /// Directory for state between runs.
    var stateDirectory: StateDirectory { get }

    /// Returns the objects under a prefix in the order of the listing.
    func objects(under prefix: String) -> RemoteListing

    /// Uploads a file. Throws ``OSSError/Code/sourceChanged`` if the file changes meanwhile.
    func put(
        _ source: UploadSource, at key: ObjectKey, attributes: ObjectAttributes, _ context: TransferContext
    ) async throws -> StoredObject

    /// Creates an empty object.
    func putEmpty(at key: ObjectKey) async throws

    /// Returns the number that identifies the temporary file of an object's download.
    func identity(of key: ObjectKey) -> UInt64

    /// Downloads an object to a temporary file, verifies it and calls a closure to commit it. Afterwards the temporary
    /// file is committed, removed, or saved for the next attempt.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/sourceChanged`` if the object is not the listed one.
    func get(
        _ object: RemoteEntry, into target: AtomicFile, _ context: TransferContext,
        commit: @escaping @Sendable (StoredObject) async throws -> Void
    ) async throws -> StoredObject

    /// Returns the attributes of an object.
    func head(_ key: ObjectKey) async throws -> StoredObject

    /// Copies an object of a bucket, or of this one, with its attributes or new ones.
    ///
    /// - Parameter eTag: Required ETag of the source. An object with another ETag is not copied.
    func copy(
        _ source: ObjectKey, in bucket: String?, ifMatch eTag: String?, to key: ObjectKey,
        attributes: ObjectAttributes?, _ context: TransferContext
    ) async throws -> StoredObject

    /// Removes the state of an incomplete upload whose content is already stored.
    ///
    /// - Returns: Whether the removal need not be tried again.
    func forgetUpload(of path: String, to key: ObjectKey) async -> Bool

    /// Removes the state of an incomplete download whose content is already in place.
    func forgetDownload(of key: ObjectKey, to path: String)

    /// Deletes objects and returns the outcome for each.
    func delete(_ keys: [ObjectKey]) async throws -> DeleteObjectsResult
}

/// The options and limits that all files of a run share.
struct TransferContext: Sendable {
    let options: DirectoryTransfer.Options
    /// The permits for requests, for files and parts together.
    let slots: AsyncSemaphore
    /// The progress of the run.
    let progress: RunProgress?
    /// Whether nothing may be written, including the removal of earlier state.
    let isDryRun: Bool

    init(_ options: DirectoryTransfer.Options, isDryRun: Bool = false) {
        self.options = options
        self.isDryRun = isDryRun
        slots = AsyncSemaphore(options.concurrency)
        progress = isDryRun ? nil : RunProgress(options.onProgress)
    }

    /// Maximum number of concurrent requests for the parts of one file.
    var concurrency: Int { min(options.concurrency, 1000) }
}

/// The attributes of a stored object.
struct StoredObject: Sendable {
    /// Size of the content in bytes.
    var size: Int64
    /// ETag without quotes.
    var eTag: String
    /// Time of the last write in whole seconds, if the service stated it.
    var modified: Date?
    /// Type of the object, if the service stated it.
    var type: String?
    /// CRC-64 of the content, if the service stated it.
    var checksum: UInt64?
    /// User metadata.
    var metadata: [String: String] = [:]
    var contentEncoding: String?
    /// Whether the bytes of a download were compared with a checksum.
    var isCompared = true
}

extension StoredObject {
    /// The size and checksum of the original file, if the object is its gzip form. Requests of the stored bytes ask for
    /// the encoding `identity`, so the response may state it.
    var gzip: GzipMark? {
        let encoding = contentEncoding?.lowercased() ?? "identity"
        return [GzipMark.contentEncoding, "identity"].contains(encoding) ? GzipMark(metadata: metadata) : nil
    }
}

extension ObjectStore {
    /// Returns the attributes of a listed object, or `nil` if it was deleted or replaced since. (HeadObject)
    func stored(_ object: RemoteEntry) async throws -> StoredObject? {
        do {
            let stored = try await head(object.key)
            let isListed = stored.eTag == object.eTag || object.eTag.isEmpty
            return stored.size == object.size && isListed ? stored : nil
        } catch let error as OSSError where error.code == .notFound {
            return nil
        }
    }

    /// Transfers a listed object, and once more if it was replaced by a newer one since it was listed.
    func following<Value>(
        _ listed: RemoteEntry, _ transfer: (RemoteEntry) async throws -> Value
    ) async throws -> Value {
        do {
            return try await transfer(listed)
        } catch let error as OSSError where error.code == .sourceChanged {
            guard let current = listed.successor(try await head(listed.key)) else { throw error }
            return try await transfer(current)
        }
    }
}

extension RemoteEntry {
    /// Returns the object to transfer if a request did not find the listed one: the same if the service still has it,
    /// so that the response was wrong; its replacement; or `nil` if the current object is older than the listed one.
    /// Then the response came from a cache and must not override the listing.
    func successor(_ stored: StoredObject) -> RemoteEntry? {
        if stored.eTag == eTag, stored.size == size { return self }
        guard let modified = stored.modified, modified >= self.modified else { return nil }
        return RemoteEntry(
            key: key, size: stored.size, eTag: stored.eTag, type: stored.type ?? type, modified: modified)
    }
}
