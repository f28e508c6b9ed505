import Foundation

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
