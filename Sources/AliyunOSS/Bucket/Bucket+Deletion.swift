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
