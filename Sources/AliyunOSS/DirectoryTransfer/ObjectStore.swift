/// What a folder transfer needs of a bucket, and nothing more.
protocol ObjectStore: Sendable {
    /// The objects under a prefix, in the order the service lists them.
    func objects(under prefix: String) -> RemoteListing

    /// Stores bytes of a file, and fails with ``OSSError/Code/sourceChanged`` when the file changed meanwhile.
    func put(_ slice: FileSlice, at key: ObjectKey, metadata: [String: String]) async throws

    /// Stores an object without content.
    func putEmpty(at key: ObjectKey) async throws

    /// Fetches an object into an empty file, whole and verified, and returns what is stored with it.
    func get(_ key: ObjectKey, into file: OpenFile) async throws -> StoredObject

    /// What is stored with an object.
    func head(_ key: ObjectKey) async throws -> StoredObject
}

/// What the service keeps beside an object's content.
struct StoredObject: Sendable {
    /// Bytes of the content.
    var size: Int64
    /// CRC-64 of the content, when the service sent one.
    var checksum: UInt64?
    /// The user's own metadata.
    var metadata: [String: String] = [:]
}
