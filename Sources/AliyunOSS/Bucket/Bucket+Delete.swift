extension Bucket {
    /// Deletes an object, or permanently deletes a version. Deleting an object that does not exist succeeds.
    /// (DeleteObject)
    ///
    /// In a bucket with versioning, deleting an object without a version ID adds a delete marker and deletes no
    /// content.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - versionID: ID of the version. Default: none, which deletes the object itself.
    ///   - bypassesGovernance: Whether an object with a retention in governance mode is deleted, which requires a
    ///     special permission. Default: `false`.
    /// - Returns: The version or the delete marker that was deleted or added.
    /// - Throws: ``OSSError``, with code ``OSSError/Code/refused`` if the object has a retention or is on legal hold.
    @discardableResult
    public func deleteObject(
        _ key: ObjectKey, versionID: String? = nil, bypassesGovernance: Bool = false
    ) async throws -> DeleteObjectResult {
        var operation = Operation("DeleteObject", .delete, key: key)
        operation.addQuery("versionId", ifPresent: versionID)
        operation.bypassGovernance(bypassesGovernance)
        return DeleteObjectResult(try await client.perform(operation))
    }

    /// Deletes any number of objects, up to 1000 per request. (DeleteMultipleObjects)
    ///
    /// If a request fails, the remaining requests are still sent.
    ///
    /// - Returns: The deleted keys, and the keys whose objects may still exist, each with the error that occurred.
    /// - Throws: `CancellationError` only. Objects that were already deleted remain deleted.
    public func deleteObjects(_ keys: some Sequence<ObjectKey> & Sendable) async throws -> DeleteObjectsResult {
        var deletion = BatchDeletion()
        for key in keys { try await add(DeletionItem(key: key), to: &deletion) }
        return try await finish(deletion)
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
        var deletion = BatchDeletion()
        for try await key in keys { try await add(DeletionItem(key: key), to: &deletion) }
        return try await finish(deletion)
    }

    /// Adds an item to the batch of a deletion. If the batch has no room for the item, deletes the items in the batch
    /// and starts a new one.
    func add(_ item: DeletionItem, to deletion: inout BatchDeletion) async throws {
        do throws(OSSError) {
            try item.key.validate()
        } catch {
            deletion.fail(item, error)
            return
        }
        if !deletion.batch.accepts(item.key) {
            try await delete(deletion.batch, &deletion)
            deletion.batch = DeletionBatch()
        }
        deletion.batch.append(item)
    }

    /// Deletes the items in the last batch, and returns the result of the entire deletion.
    func finish(_ deletion: BatchDeletion) async throws -> DeleteObjectsResult {
        var deletion = deletion
        try await delete(deletion.batch, &deletion)
        return deletion.result
    }

    private func delete(_ batch: DeletionBatch, _ deletion: inout BatchDeletion) async throws {
        guard !batch.items.isEmpty else { return }
        try Task.checkCancellation()
        var operation = Operation("DeleteMultipleObjects", .post)
        operation.query = [("delete", nil), ("encoding-type", "url")]
        operation.bypassGovernance(deletion.bypassesGovernance)
        operation.setBody(batch.document(), type: "application/xml")
        do {
            let response = try await client.perform(operation)
            let confirmed = try batch.confirmations(in: response.body)
            for item in batch.items {
                if let confirmation = confirmed[item] {
                    deletion.succeed(item, confirmation)
                } else {
                    let error = OSSError(.refused, "the service did not confirm that the object was deleted")
                    deletion.fail(item, client.describe(error, operation))
                }
            }
        } catch let error as OSSError where error.serviceError?.code == "MalformedXML" && !batch.unwritable.isEmpty {
            try await deleteSeparately(batch, &deletion)
        } catch let error as OSSError {
            for item in batch.items { deletion.fail(item, error) }
        }
    }

    /// Sends one request for all keys that XML can represent, and a separate DeleteObject request for each other key.
    private func deleteSeparately(_ batch: DeletionBatch, _ deletion: inout BatchDeletion) async throws {
        try await delete(batch.withoutUnwritable, &deletion)
        for item in batch.unwritable {
            do {
                let deleted = try await deleteObject(
                    item.key, versionID: item.versionID, bypassesGovernance: deletion.bypassesGovernance)
                deletion.succeed(item, deleted)
            } catch let error as OSSError {
                deletion.fail(item, error)
            }
        }
    }
}

/// A deletion of any number of objects or versions, and its result so far.
struct BatchDeletion {
    var bypassesGovernance = false
    var batch = DeletionBatch()
    private(set) var result = DeleteObjectsResult()

    mutating func succeed(_ item: DeletionItem, _ deleted: DeleteObjectResult) {
        result.deleted.append(item.key)
        if let versionID = item.versionID ?? deleted.versionID {
            result.versions.append(
                .init(id: .init(key: item.key, versionID: versionID), isDeleteMarker: deleted.isDeleteMarker))
        }
    }

    mutating func fail(_ item: DeletionItem, _ error: OSSError) {
        result.failures.append(.init(key: item.key, versionID: item.versionID, error: error))
    }
}

extension Operation {
    /// Adds the header that deletes or changes objects with a retention in governance mode.
    mutating func bypassGovernance(_ isRequested: Bool) {
        if isRequested { headers["x-oss-bypass-governance-retention"] = "true" }
    }
}
