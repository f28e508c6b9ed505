extension Bucket {
    /// Copies an object of any size up to 48.8 TiB within the service, from this bucket or another bucket in the same
    /// region. (CopyObject; for a large object InitiateMultipartUpload, UploadPartCopy and CompleteMultipartUpload)
    ///
    /// A large object is copied in concurrent parts; no content passes through this machine. Every request requires
    /// that the source is unchanged, and the CRC-64 of the copy is compared with that of the source. An interrupted
    /// copy resumes when it is called again with the same arguments.
    ///
    /// The copy has the content headers, metadata, tags and storage class of the source, unless
    /// ``CopyOptions/attributes`` is set. It never has the source's access control list.
    ///
    /// - Parameters:
    ///   - source: Key of the object to copy.
    ///   - sourceBucket: Bucket of the source, at the same endpoint and accessible with the same credentials. Default:
    ///     this bucket.
    ///   - key: Key of the copy. An existing object is replaced.
    ///   - options: Attributes to store with the copy, conditions on the source, and transfer settings.
    /// - Returns: The size, ETag and checksum of the copy.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``; ``OSSError/Code/preconditionFailed`` if a condition
    ///   of the options is not met; ``OSSError/Code/sourceChanged`` if the source was replaced during the copy (in
    ///   which case no copy is stored); ``OSSError/Code/checksumMismatch``; ``OSSError/Code/alreadyExists``; or
    ///   ``OSSError/Code/invalidArgument`` for a large object that is copied onto itself without new attributes.
    @discardableResult
    public func copyObject(
        _ source: ObjectKey, in sourceBucket: String? = nil, to key: ObjectKey,
        options: CopyOptions = CopyOptions()
    ) async throws -> TransferResult {
        try key.validate()
        try options.validate()
        return try await adding(options.source.extras).copy(
            source, in: sourceBucket ?? name, to: key, options: options, slots: nil)
    }

    /// Copies an object, optionally sharing permits with other transfers. The caller has validated the options.
    ///
    /// - Parameter slots: Permits that the requests of several transfers share.
    nonisolated func copy(
        _ sourceKey: ObjectKey, in sourceBucket: String, to key: ObjectKey, options: CopyOptions,
        slots: AsyncSemaphore?
    ) async throws -> TransferResult {
        let object = try await slots.withPermit {
            try await headObject(sourceKey, in: sourceBucket, options: options.source)
        }
        let source = CopySource(
            bucket: sourceBucket, key: sourceKey, versionID: options.source.versionID, object: object)
        let meter = ProgressMeter(total: object.size, onProgress: options.onProgress)
        return try await meter.following {
            if object.size <= options.multipartThreshold || source.isLink {
                return try await slots.withPermit { try await copyAtOnce(source, to: key, options) }
            }
            return try await copyInParts(source, to: key, options, slots, meter)
        }
    }

    private nonisolated func copyAtOnce(
        _ source: CopySource, to key: ObjectKey, _ options: CopyOptions
    ) async throws -> TransferResult {
        // The network stack may repeat a request on its own, so the existing object that causes a rejection may be this
        // very copy.
        let isNew = options.forbidsOverwrite ? (try? await objectExists(key)) == false : false
        let stored: PutObjectResult
        do {
            stored = try await copyObjectInOneRequest(
                from: source.key, in: source.bucket, options: source.options, to: key, attributes: options.attributes,
                storageClass: source.isLink ? nil : source.object.storageClass,
                forbidsOverwrite: options.forbidsOverwrite)
        } catch let error as OSSError where error.code == .preconditionFailed {
            throw source.changed(error)
        } catch let error as OSSError where error.code == .alreadyExists && isNew {
            let found = try? await storedObject(key, size: source.object.size) { source.object.crc64 }
            guard let found else { throw error }
            stored = found
        }
        return try await result(stored, of: source, at: key, operation: "CopyObject", partCount: 0, resumedBytes: 0)
    }

    private nonisolated func copyInParts(
        _ source: CopySource, to key: ObjectKey, _ options: CopyOptions, _ slots: AsyncSemaphore?,
        _ meter: ProgressMeter
    ) async throws -> TransferResult {
        if options.attributes == nil, source.bucket == name, source.key == key, source.versionID == nil {
            throw OSSError(
                .invalidArgument,
                "cannot copy a large object onto itself unchanged; set CopyOptions.attributes to replace its attributes, or "
                    + "use another key",
                operation: "CopyObject", bucket: name, key: key)
        }
        let attributes =
            if let given = options.attributes { given } else {
                ObjectAttributes(
                    copying: source.object, tags: try await slots.withPermit { try await tags(of: source) })
            }
        let outcome = try await ObjectCopy(
            bucket: self, key: key, source: source, attributes: attributes, options: options, slots: slots, meter: meter
        ).run()
        return try await result(
            outcome.stored, of: source, at: key, operation: "CompleteMultipartUpload", partCount: outcome.partCount,
            resumedBytes: outcome.resumedBytes, slots)
    }

    private nonisolated func tags(of source: CopySource) async throws -> [String: String] {
        guard source.object.tagCount > 0 else { return [:] }
        do {
            return try await tags(of: source.key, in: source.bucket, versionID: source.versionID)
        } catch let error as OSSError where error.code == .accessDenied {
            throw error.explained("set CopyOptions.attributes to copy the object without its tags")
        }
    }

    /// Verifies a copy against its source, and returns the result.
    private nonisolated func result(
        _ stored: PutObjectResult, of source: CopySource, at key: ObjectKey, operation: String, partCount: Int,
        resumedBytes: Int64, _ slots: AsyncSemaphore? = nil
    ) async throws -> TransferResult {
        let object = source.object
        var result = TransferResult(
            stored, size: object.size, integrity: .lengthOnly, partCount: partCount, resumedBytes: resumedBytes)
        guard !source.isLink else { return result }
        if stored.crc64 == nil || object.crc64 == nil {
            // If the response does not contain the checksum, a HEAD response may, unless the copy was replaced or
            // cannot be read.
            var options = GetObjectOptions()
            options.versionID = stored.versionID
            options.conditions.ifMatch = stored.eTag
            let sentOptions = options
            if let copy = try? await slots.withPermit({ try await headObject(key, options: sentOptions) }) {
                result.size = copy.size
                result.crc64 = copy.crc64
            }
        }
        if let checksum = result.crc64, let expected = object.crc64 {
            result.integrity = .checksum
            guard checksum == expected else {
                throw OSSError(
                    .checksumMismatch,
                    "the copy has CRC-64 \(checksum), but its source has \(expected); copy the object again",
                    operation: operation, bucket: name, key: key)
            }
        } else if object.type == .normal, result.eTag == object.eTag {
            result.integrity = .md5
        }
        guard result.size == object.size else {
            throw OSSError(
                .checksumMismatch,
                "the copy has \(result.size) bytes, but its source has \(object.size); copy the object again",
                operation: operation, bucket: name, key: key)
        }
        return result
    }
}
