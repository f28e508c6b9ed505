extension Bucket {
    /// Copies an object of any size up to 48.8 TiB inside the service, from this bucket or another of the same region.
    /// (CopyObject, or InitiateMultipartUpload, UploadPartCopy and what follows)
    ///
    /// A large object is copied in parts, several at a time; no bytes pass through this machine. Its source must not change
    /// meanwhile: every request is made on the condition that it is what it was. The copy is compared with it by CRC-64. A
    /// copy that was interrupted goes on where it stopped when it is called again with the same arguments: the parts that
    /// the service has are not copied again.
    ///
    /// The copy has the content headers, metadata, tags and storage class of its source, unless ``CopyOptions/attributes``
    /// says otherwise. It never has its access control list.
    ///
    /// - Parameters:
    ///   - source: the object to copy.
    ///   - sourceBucket: the bucket it is in, at the same endpoint and open to the same credentials. Default: this one.
    ///   - key: the name of the copy, which replaces an object of that name.
    ///   - options: what is stored beside the bytes, and how they get there.
    /// - Throws: ``OSSError``: ``OSSError/Code/notFound``, ``OSSError/Code/preconditionFailed`` when a condition of the
    ///   options does not hold, ``OSSError/Code/sourceChanged`` when the source was replaced meanwhile (nothing becomes
    ///   visible then), ``OSSError/Code/checksumMismatch``, ``OSSError/Code/alreadyExists``, and
    ///   ``OSSError/Code/invalidArgument`` for a large object that is to be copied onto itself as it is.
    @discardableResult
    public func copyObject(
        ofAnySize source: ObjectKey, in sourceBucket: String? = nil, to key: ObjectKey,
        options: CopyOptions = CopyOptions()
    ) async throws -> CopyResult {
        try await copy(source, in: sourceBucket ?? name, to: key, options: options, slots: nil)
    }

    /// The same for one of several objects that are copied together.
    ///
    /// - Parameter slots: what their requests share.
    nonisolated func copy(
        _ sourceKey: ObjectKey, in sourceBucket: String, to key: ObjectKey, options: CopyOptions,
        slots: AsyncSemaphore?
    ) async throws -> CopyResult {
        try key.validate()
        try options.validate()
        let object = try await slots.withPermit {
            try await headObject(sourceKey, in: sourceBucket, options: options.sourceOptions)
        }
        let source = CopySource(
            bucket: sourceBucket, key: sourceKey, versionID: options.sourceVersionID, object: object)
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
    ) async throws -> CopyResult {
        var copyOptions = source.options
        copyOptions.attributes = options.attributes
        copyOptions.storageClass = source.isLink ? nil : source.object.storageClass
        copyOptions.forbidsOverwrite = options.forbidsOverwrite
        // The network stack may send a request twice by itself, so that a refusal to overwrite may be due to this very copy.
        let isNew = options.forbidsOverwrite ? (try? await objectExists(key)) == false : false
        let stored: PutObjectResult
        do {
            let copied = try await copyObject(from: source.key, in: source.bucket, to: key, options: copyOptions)
            stored = PutObjectResult(
                eTag: copied.eTag, checksum: copied.checksum, versionID: copied.versionID, requestID: copied.requestID)
        } catch let error as OSSError where error.code == .preconditionFailed {
            throw source.changed(error)
        } catch let error as OSSError where error.code == .alreadyExists && isNew {
            guard let found = try? await headObject(key), found.size == source.object.size,
                let checksum = found.checksum, checksum == source.object.checksum
            else { throw error }
            stored = PutObjectResult(
                eTag: found.eTag, checksum: checksum, versionID: found.versionID, requestID: found.requestID)
        }
        return try await result(stored, of: source, at: key, operation: "CopyObject", partCount: 0, resumedBytes: 0)
    }

    private nonisolated func copyInParts(
        _ source: CopySource, to key: ObjectKey, _ options: CopyOptions, _ slots: AsyncSemaphore?,
        _ meter: ProgressMeter
    ) async throws -> CopyResult {
        if options.attributes == nil, source.bucket == name, source.key == key, source.versionID == nil {
            throw OSSError(
                .invalidArgument,
                "copied onto itself it would stay what it is; give CopyOptions.attributes to replace what is stored beside "
                    + "its bytes, or another key",
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
            throw error.explained("a copy without the tags of its source needs CopyOptions.attributes")
        }
    }

    /// Compares a copy with its source.
    private nonisolated func result(
        _ stored: PutObjectResult, of source: CopySource, at key: ObjectKey, operation: String, partCount: Int,
        resumedBytes: Int64, _ slots: AsyncSemaphore? = nil
    ) async throws -> CopyResult {
        let object = source.object
        var result = CopyResult(
            size: object.size, eTag: stored.eTag, checksum: stored.checksum, integrity: .lengthOnly,
            partCount: partCount, resumedBytes: resumedBytes, versionID: stored.versionID, requestID: stored.requestID)
        guard !source.isLink else { return result }
        if stored.checksum == nil || object.checksum == nil {
            // What the answer did not say, the copy itself may; unless it was replaced already, or there is no looking at it.
            var options = GetObjectOptions()
            options.versionID = stored.versionID
            options.conditions.ifMatch = stored.eTag
            let sentOptions = options
            if let copy = try? await slots.withPermit({ try await headObject(key, options: sentOptions) }) {
                result.size = copy.size
                result.checksum = copy.checksum
            }
        }
        if let checksum = result.checksum, let expected = object.checksum {
            result.integrity = .checksum
            guard checksum == expected else {
                throw OSSError(
                    .checksumMismatch,
                    "the copy was stored with CRC-64 \(checksum), and its source has \(expected); copy it again",
                    operation: operation, bucket: name, key: key)
            }
        } else if object.type == "Normal", result.eTag == object.eTag {
            result.integrity = .md5
        }
        guard result.size == object.size else {
            throw OSSError(
                .checksumMismatch,
                "the copy was stored with \(result.size) bytes, and its source has \(object.size); copy it again",
                operation: operation, bucket: name, key: key)
        }
        return result
    }
}
