import Foundation

/// What a folder transfer needs of a bucket, and nothing more.
protocol ObjectStore: Sendable {
    /// Where it is, by which what is recorded of it is found again.
    var address: String { get }

    /// The name under which others at the same place know it.
    var name: String { get }

    /// Where state is kept between runs.
    var stateDirectory: StateDirectory { get }

    /// The objects under a prefix, in the order the service lists them.
    func objects(under prefix: String) -> RemoteListing

    /// Stores a file, and fails with ``OSSError/Code/sourceChanged`` when it changed meanwhile.
    func put(
        _ source: UploadSource, at key: ObjectKey, attributes: ObjectAttributes, _ pieces: TransferContext
    ) async throws -> StoredObject

    /// Stores an object without content.
    func putEmpty(at key: ObjectKey) async throws

    /// What makes the temporary file of an object's download that of this object and no other.
    func identity(of key: ObjectKey) -> UInt64

    /// Fetches an object into a temporary file, whole and verified, and has it committed with what is stored beside it.
    /// When this returns, the temporary file is committed, removed, or kept for the next attempt.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/sourceChanged`` when the object is not the one that was listed.
    func get(
        _ object: RemoteEntry, into target: AtomicFile, _ pieces: TransferContext,
        commit: @escaping @Sendable (StoredObject) async throws -> Void
    ) async throws -> StoredObject

    /// What is stored with an object.
    func head(_ key: ObjectKey) async throws -> StoredObject

    /// Has the service copy an object of a bucket, or of this one, with what is stored beside it unless something else is
    /// given.
    ///
    /// - Parameter eTag: that of the object that is meant. Another one is not copied.
    func copy(
        _ source: ObjectKey, in bucket: String?, ifMatch eTag: String?, to key: ObjectKey,
        attributes: ObjectAttributes?, _ pieces: TransferContext
    ) async throws -> StoredObject

    /// Removes what is left of an unfinished upload of a large file whose content is there.
    ///
    /// - Returns: whether that is not to be tried again.
    func forgetUpload(of path: String, to key: ObjectKey) async -> Bool

    /// The same for a download.
    func forgetDownload(of key: ObjectKey, to path: String)

    /// Deletes objects, and says of each whether it is gone.
    func delete(_ keys: [ObjectKey]) async throws -> DeleteObjectsResult
}

/// How the pieces of large files share what a folder transfer may use.
struct TransferContext: Sendable {
    /// From how many bytes on a file is transferred in pieces.
    var multipartThreshold: Int64
    /// The size of a piece, where it is not to depend on that of the file.
    var partSize: Int64?
    /// How many requests may be in the air, for files and pieces alike.
    var concurrency: Int
    /// What becomes of the pieces of a transfer that ends unfinished.
    var interruptionPolicy: InterruptionPolicy
    /// Who has one of these requests.
    var slots: AsyncSemaphore
    /// Who is told of the bytes that move.
    var progress: RunProgress?
    /// Whether nothing is to be written, not even to forget what was begun earlier.
    var isDryRun = false
}

/// What the service keeps beside an object's content.
struct StoredObject: Sendable {
    /// Bytes of the content.
    var size: Int64
    /// Without quotes.
    var eTag: String
    /// The time of the last write, to the second, when the service stated it.
    var modified: Date?
    /// The type of the object, when the service stated it.
    var type: String?
    /// CRC-64 of the content, when the service sent one.
    var checksum: UInt64?
    /// The user's own metadata.
    var metadata: [String: String] = [:]
    var contentEncoding: String?
    /// Whether the bytes of a download were compared with a checksum.
    var isCompared = true
}

extension StoredObject {
    /// What the object says of the file that it is the gzip form of, if it is one. Whoever reads the bytes as they are stored
    /// is told the encoding `identity`, because that was asked for.
    var gzip: GzipMark? {
        let encoding = contentEncoding?.lowercased() ?? "identity"
        return [GzipMark.contentEncoding, "identity"].contains(encoding) ? GzipMark(metadata: metadata) : nil
    }
}

extension ObjectStore {
    /// Returns what is stored with a listed object, or `nil` when it is gone or replaced since it was listed. (HeadObject)
    func stored(_ object: RemoteEntry) async throws -> StoredObject? {
        do {
            let stored = try await head(object.key)
            let isListed = stored.eTag == object.eTag || object.eTag.isEmpty
            return stored.size == object.size && isListed ? stored : nil
        } catch let error as OSSError where error.code == .notFound {
            return nil
        }
    }

    /// Transfers a listed object, and once more when it is not the one that was listed and the service has an explanation.
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
    /// The object to transfer in place of a listed one that a request did not find: the same, when the service still has it,
    /// so that the response was wrong; its replacement; or `nil` when what is there now is older than what was listed. Then
    /// a cache answers, and its word must not undo what the listing says.
    func successor(_ stored: StoredObject) -> RemoteEntry? {
        if stored.eTag == eTag, stored.size == size { return self }
        guard let modified = stored.modified, modified >= self.modified else { return nil }
        return RemoteEntry(
            key: key, size: stored.size, eTag: stored.eTag, type: stored.type ?? type, modified: modified)
    }
}
