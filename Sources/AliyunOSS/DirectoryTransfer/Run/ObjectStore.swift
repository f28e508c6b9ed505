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
