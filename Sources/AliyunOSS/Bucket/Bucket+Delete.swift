import Foundation
import OSSPrimitives

extension Bucket {
    /// Deletes an object. Deleting an object that does not exist succeeds. (DeleteObject)
    ///
    /// - Throws: ``OSSError``.
    public func deleteObject(_ key: ObjectKey, versionID: String? = nil) async throws {
        var operation = Operation("DeleteObject", .delete, key: key)
        operation.addQuery("versionId", ifPresent: versionID)
        _ = try await client.perform(operation)
    }

    /// Deletes any number of objects, up to 1000 per request. (DeleteMultipleObjects)
    ///
    /// If a request fails, the remaining requests are still sent.
    ///
    /// - Returns: The deleted keys, and the keys whose objects may still exist, each with the error that occurred.
    /// - Throws: `CancellationError` only. Objects that were already deleted remain deleted.
    public func deleteObjects(_ keys: some Sequence<ObjectKey> & Sendable) async throws -> DeleteObjectsResult {
        var batch = DeletionBatch()
        var result = DeleteObjectsResult()
        for key in keys { try await add(key, to: &batch, &result) }
        try await delete(batch, &result)
        return result
    }

    /// Deletes the objects whose keys an asynchronous sequence produces, up to 1000 per request.
    /// (DeleteMultipleObjects)
    ///
    /// If a request fails, the remaining requests are still sent.
    ///
    /// - Returns: The deleted keys, and the keys whose objects may still exist, each with the error that occurred.
    /// - Throws: `CancellationError`, or any error of the sequence. Objects that were already deleted remain deleted.
    public func deleteObjects<Keys: AsyncSequence & Sendable>(_ keys: Keys) async throws -> DeleteObjectsResult
    where Keys.Element == ObjectKey {
        var batch = DeletionBatch()
        var result = DeleteObjectsResult()
        for try await key in keys { try await add(key, to: &batch, &result) }
        try await delete(batch, &result)
        return result
    }

    /// Adds a key to a batch. If the batch has no room for the key, deletes the objects in the batch and starts a new
    /// one.
    private func add(
        _ key: ObjectKey, to batch: inout DeletionBatch, _ result: inout DeleteObjectsResult
    ) async throws {
        do throws(OSSError) {
            try key.validate()
        } catch {
            result.failures.append(.init(key: key, error: error))
            return
        }
        if !batch.accepts(key) {
            try await delete(batch, &result)
            batch = DeletionBatch()
        }
        batch.append(key)
    }

    private func delete(_ batch: DeletionBatch, _ result: inout DeleteObjectsResult) async throws {
        guard !batch.keys.isEmpty else { return }
        try Task.checkCancellation()
        var operation = Operation("DeleteMultipleObjects", .post)
        operation.query = [("delete", nil), ("encoding-type", "url")]
        let document = batch.document()
        operation.headers["Content-Type"] = "application/xml"
        operation.headers["Content-MD5"] = Data(MD5.hash(document)).base64EncodedString()
        operation.body = .data(document)
        do {
            let response = try await client.perform(operation)
            let confirmed = try batch.confirmedKeys(in: response.body)
            for key in batch.keys {
                if confirmed.contains(key) {
                    result.deleted.append(key)
                } else {
                    let error = OSSError(.refused, "the service did not confirm that the object was deleted")
                    result.failures.append(.init(key: key, error: client.describe(error, operation)))
                }
            }
        } catch let error as OSSError where error.serviceError?.code == "MalformedXML" && !batch.unwritableKeys.isEmpty
        {
            try await deleteSeparately(batch, &result)
        } catch let error as OSSError {
            result.failures += batch.keys.map { .init(key: $0, error: error) }
        }
    }

    /// Sends one request for all keys that XML can represent, and a separate DeleteObject request for each other key.
    private func deleteSeparately(_ batch: DeletionBatch, _ result: inout DeleteObjectsResult) async throws {
        try await delete(batch.withoutUnwritableKeys, &result)
        for key in batch.unwritableKeys {
            do {
                try await deleteObject(key)
                result.deleted.append(key)
            } catch let error as OSSError {
                result.failures.append(.init(key: key, error: error))
            }
        }
    }
}

/// The keys for one DeleteMultipleObjects request. A request is limited to 1000 keys and a document of 2 MB.
struct DeletionBatch {
    private static let maximumKeys = 1000
    private static let maximumBytes = 1_900_000

    private(set) var keys: [ObjectKey] = []
    private var bytes = 0

    /// Returns whether the batch has room for a key.
    func accepts(_ key: ObjectKey) -> Bool {
        keys.count < Self.maximumKeys && bytes + Self.cost(of: key) <= Self.maximumBytes
    }

    mutating func append(_ key: ObjectKey) {
        keys.append(key)
        bytes += Self.cost(of: key)
    }

    /// The keys that contain characters XML cannot represent. The document contains references to these characters,
    /// which the service is known to accept; a strict parser rejects the entire document because of a single one.
    var unwritableKeys: [ObjectKey] { keys.filter(Self.isUnwritable) }

    /// The batch without the keys that XML cannot represent.
    var withoutUnwritableKeys: DeletionBatch {
        var batch = DeletionBatch()
        for key in keys where !Self.isUnwritable(key) { batch.append(key) }
        return batch
    }

    private static func isUnwritable(_ key: ObjectKey) -> Bool {
        key.rawValue.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x9, 0xA, 0xD: false
            case ..<0x20, 0xFFFE, 0xFFFF: true
            default: false
            }
        }
    }

    /// Returns the body of the DeleteMultipleObjects request. The body requests a verbose response, because a truncated
    /// quiet response would look like a success.
    func document() -> Data {
        var writer = XMLWriter(root: "Delete")
        writer.element("Quiet", "false")
        for key in keys {
            writer.element("Object") { $0.element("Key", key.rawValue) }
        }
        return writer.finish()
    }

    /// Returns the keys that a response reports as deleted.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse``.
    func confirmedKeys(in document: Data) throws(OSSError) -> Set<ObjectKey> {
        guard let root = try? XMLReader.read(document), root.name == "DeleteResult" else {
            throw OSSError(
                .invalidResponse, "cannot read the response to DeleteMultipleObjects; check the endpoint")
        }
        let isEncoded = root["EncodingType"]?.text.lowercased() == "url"
        var confirmed = Set<ObjectKey>(minimumCapacity: keys.count)
        for node in root.all("Deleted") {
            guard let text = node["Key"]?.text, let key = isEncoded ? PercentEncoding.decode(text) : text else {
                continue
            }
            confirmed.insert(ObjectKey(unchecked: key))
        }
        return confirmed
    }

    /// Returns the maximum number of bytes that a key can occupy in the document. A byte may become a character
    /// reference such as `&quot;`.
    private static func cost(of key: ObjectKey) -> Int {
        key.rawValue.utf8.reduce(40) { $0 + ($1 < 0x30 || $1 == 0x3C || $1 == 0x3E || $1 == 0x7F ? 6 : 1) }
    }
}
