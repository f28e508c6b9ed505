import Foundation
import OSSPrimitives

extension Bucket {
    /// Deletes any number of objects, a thousand in a request. (DeleteMultipleObjects)
    ///
    /// A request that fails does not keep the following ones from being sent.
    ///
    /// - Returns: for each key whether it is gone, or why not.
    /// - Throws: `CancellationError` only. What was deleted until then stays deleted.
    public func deleteObjects(_ keys: some Sequence<ObjectKey> & Sendable) async throws -> DeleteObjectsResult {
        var result = DeleteObjectsResult()
        var batch = DeletionBatch()
        for key in keys {
            do throws(OSSError) {
                try key.validate()
            } catch {
                result.failures.append(.init(key: key, error: error))
                continue
            }
            if !batch.accepts(key) {
                try await delete(batch, &result)
                batch = DeletionBatch()
            }
            batch.append(key)
        }
        if !batch.keys.isEmpty { try await delete(batch, &result) }
        return result
    }

    private func delete(_ batch: DeletionBatch, _ result: inout DeleteObjectsResult) async throws {
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
                    let error = OSSError(.refused, "the service did not confirm that the object is deleted")
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

    /// Deletes the keys that no XML can carry one by one, and the others without them.
    private func deleteSeparately(_ batch: DeletionBatch, _ result: inout DeleteObjectsResult) async throws {
        let rest = batch.withoutUnwritableKeys
        if !rest.keys.isEmpty { try await delete(rest, &result) }
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

/// The keys of one DeleteMultipleObjects request, within its limits: a thousand keys and 2 MB of document.
struct DeletionBatch {
    private static let maximumKeys = 1000
    private static let maximumBytes = 1_900_000

    private(set) var keys: [ObjectKey] = []
    private var bytes = 0

    /// Whether one more key fits in.
    func accepts(_ key: ObjectKey) -> Bool {
        keys.count < Self.maximumKeys && bytes + Self.cost(of: key) <= Self.maximumBytes
    }

    mutating func append(_ key: ObjectKey) {
        keys.append(key)
        bytes += Self.cost(of: key)
    }

    /// The keys with characters that XML has no way to write. They are written as references all the same, which the service
    /// has been seen to accept; a stricter reader refuses the whole document because of one.
    var unwritableKeys: [ObjectKey] { keys.filter(Self.isUnwritable) }

    /// What is left of the batch without them.
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

    /// The body of the request. It asks for a full answer: the brief one would not tell a success from an answer cut off.
    func document() -> Data {
        var writer = XMLWriter(root: "Delete")
        writer.element("Quiet", "false")
        for key in keys {
            writer.element("Object") { $0.element("Key", key.rawValue) }
        }
        return writer.finish()
    }

    /// The keys that an answer says are deleted.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse``.
    func confirmedKeys(in document: Data) throws(OSSError) -> Set<ObjectKey> {
        guard let root = try? XMLReader.read(document), root.name == "DeleteResult" else {
            throw OSSError(.invalidResponse, "the answer to a deletion cannot be read. Check the endpoint")
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

    /// The most bytes a key can take: each of its bytes may become a character reference such as `&quot;`.
    private static func cost(of key: ObjectKey) -> Int {
        key.rawValue.utf8.reduce(40) { $0 + ($1 < 0x30 || $1 == 0x3C || $1 == 0x3E || $1 == 0x7F ? 6 : 1) }
    }
}

/// What became of each key given to `deleteObjects`.
public struct DeleteObjectsResult: Sendable {
    /// A key that was not deleted, and why.
    public struct Failure: Sendable {
        /// The key.
        public var key: ObjectKey
        /// Why it was not deleted.
        public var error: OSSError
    }

    /// The keys that are gone now. A key that did not exist counts as deleted, as the service sees it.
    public var deleted: [ObjectKey] = []
    /// The keys that may still be there.
    public var failures: [Failure] = []
}
