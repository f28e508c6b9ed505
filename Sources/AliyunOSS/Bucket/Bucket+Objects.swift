import Foundation
import OSSPrimitives

extension Bucket {
    /// Stores an object in a single request, replacing any existing object with the same key. (PutObject)
    ///
    /// The new object becomes visible only after the entire body has arrived; until then, readers see the old one. The
    /// body is limited to 5 GB. For larger content, use
    /// ``uploadObject(_:from:options:)-(_,String,_)``.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - body: Content: text, bytes, `Data`, a file, a slice of a file, or an asynchronous sequence of chunks.
    ///   - options: Headers, metadata, access control and tags to store with the object.
    /// - Returns: The ETag and the CRC-64 of the stored object.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/alreadyExists`` if the options forbid overwriting an existing
    ///   object, ``OSSError/Code/checksumMismatch`` if the service stored different bytes, or
    ///   ``OSSError/Code/sourceChanged`` if the file changed during the upload: the old object remains, or, if the file
    ///   changed after its last byte was read, the object contains the file's old content.
    @discardableResult
    public func putObject(
        _ key: ObjectKey, _ body: ObjectBody, options: PutObjectOptions = PutObjectOptions()
    ) async throws -> PutObjectResult {
        // Validated before the body is opened, because opening consumes a sequence.
        try key.validate()
        return try await adding(options.extras).put(key, PreparedBody(body), options: options).result
    }

    /// Stores an object, and returns the result and the integrity check that the content passed.
    nonisolated func put(
        _ key: ObjectKey, _ content: PreparedBody, options: PutObjectOptions
    ) async throws -> (result: PutObjectResult, integrity: Integrity) {
        var operation = Operation("PutObject", .put, key: key)
        operation.checksumIsOfBody = true
        operation.requiresETag = true
        operation.headers = try options.attributes.headers()
        if options.forbidsOverwrite { operation.headers["x-oss-forbid-overwrite"] = "true" }
        try options.callback?.add(to: &operation)
        operation.body = content.guardedBody
        operation.refusesReplay = { content.change() }
        operation.onProgress = options.onProgress
        let outcome: (result: PutObjectResult, integrity: Integrity)
        do {
            let response = try await client.perform(operation)
            var result = PutObjectResult(response)
            if options.callback != nil { result.callbackResponse = response.body }
            outcome = (
                result, try await client.compare(content.body, stored: response, operation)
            )
        } catch let error as OSSError where error.code == .alreadyExists && error.attempts > 1 {
            // The first attempt, whose response was lost, may have stored the object.
            guard
                let stored = try? await storedObject(
                    key, size: content.body.length, checksum: { try await content.body.checksum() })
            else { throw error }
            outcome = (stored, .checksum)
        } catch let error as OSSError where error.code == .fileSystem {
            // A file that was truncated cannot be read to its end.
            throw content.change().map { client.describe($0, operation) } ?? error
        }
        if let change = content.changeAfterGuardedRead() { throw client.describe(change, operation) }
        return outcome
    }

    /// Returns the metadata of an object. (HeadObject)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the object or the bucket does not exist.
    public func headObject(
        _ key: ObjectKey, options: GetObjectOptions = GetObjectOptions()
    ) async throws -> ObjectMetadata {
        try await adding(options.extras).headObject(key, in: nil, options: options)
    }

    /// Returns the metadata of an object in this or another bucket.
    nonisolated func headObject(
        _ key: ObjectKey, in bucket: String?, options: GetObjectOptions
    ) async throws -> ObjectMetadata {
        var operation = Operation("HeadObject", .head, key: key)
        operation.bucket = bucket
        operation.requiresETag = true
        options.conditions.add(to: &operation.headers)
        operation.addQuery("versionId", ifPresent: options.versionID)
        let response = try await client.perform(operation)
        return ObjectMetadata(key, size: try client.size(of: response, operation), headers: response.headers)
    }

    /// Returns whether an object exists. (HeadObject)
    ///
    /// - Throws: ``OSSError``, including if the bucket does not exist.
    public func objectExists(_ key: ObjectKey) async throws -> Bool {
        do {
            _ = try await headObject(key)
            return true
        } catch let error as OSSError
            where error.code == .notFound
            && (error.serviceError?.code ?? "").isOneOf("", "NoSuchKey", "SymlinkTargetNotExist")
        {
            return false
        }
    }

    /// Copies an object within the service in a single request. (CopyObject)
    ///
    /// - Parameters:
    ///   - source: Key of the object to copy.
    ///   - sourceBucket: Bucket of the source. Default: this bucket. An object copied between buckets can be at most 1
    ///     GB.
    ///   - key: Key of the copy. An existing object is replaced.
    ///   - options: Conditions that the source must meet, and the version to copy.
    ///   - attributes: Attributes to store with the copy. Default: those of the source.
    ///   - storageClass: Storage class of the copy, unless `attributes` is set. Default: that of the bucket.
    ///   - forbidsOverwrite: Whether the copy fails with ``OSSError/Code/alreadyExists`` instead of replacing an
    ///     existing object.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` or ``OSSError/Code/preconditionFailed``.
    @discardableResult
    package func copyObjectInOneRequest(
        from source: ObjectKey, in sourceBucket: String? = nil, options: GetObjectOptions = GetObjectOptions(),
        to key: ObjectKey, attributes: ObjectAttributes? = nil, storageClass: StorageClass? = nil,
        forbidsOverwrite: Bool = false
    ) async throws -> PutObjectResult {
        var operation = Operation("CopyObject", .put, key: key)
        if let attributes {
            operation.headers = try attributes.headers()
            operation.headers["x-oss-metadata-directive"] = "REPLACE"
            operation.headers["x-oss-tagging-directive"] = "Replace"
        } else {
            operation.headers["x-oss-storage-class"] = storageClass?.rawValue
        }
        operation.headers["x-oss-copy-source"] = try copySource(source, in: sourceBucket, options.versionID)
        options.conditions.add(to: &operation.headers, prefix: "x-oss-copy-source-")
        if forbidsOverwrite { operation.headers["x-oss-forbid-overwrite"] = "true" }
        operation.expect(root: "CopyObjectResult")
        let response = try await client.perform(operation)
        return PutObjectResult(response, try XMLReader.read(response.body))
    }
}

extension Client {
    /// Returns the size that a response to a HEAD request reports.
    func size(of response: HTTPResponse, _ operation: Operation) throws(OSSError) -> Int64 {
        guard let size = response.headers["Content-Length"].flatMap(Int64.init) else {
            throw describe(
                OSSError(.invalidResponse, "the response does not report a size; check the endpoint"), operation)
        }
        return size
    }
}

extension String {
    fileprivate func isOneOf(_ candidates: String...) -> Bool { candidates.contains(self) }
}

extension Bucket {
    /// Returns the tags of an object in this or another bucket. (GetObjectTagging)
    nonisolated func tags(
        of key: ObjectKey, in bucket: String?, versionID: String?
    ) async throws -> [String: String] {
        var operation = Operation("GetObjectTagging", .get, key: key)
        operation.bucket = bucket
        operation.query = [("tagging", nil)]
        operation.addQuery("versionId", ifPresent: versionID)
        let response = try await client.perform(operation)
        guard let root = try? XMLReader.read(response.body), root.name == "Tagging", let set = root["TagSet"] else {
            throw client.reject(
                OSSError(.invalidResponse, "the response is not a tag document; check the endpoint"), operation)
        }
        var tags: [String: String] = [:]
        for tag in set.all("Tag") { tags[tag.text("Key") ?? ""] = tag.text("Value") ?? "" }
        return tags
    }
}
