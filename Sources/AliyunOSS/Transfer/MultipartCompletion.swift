import Foundation

/// The end of an upload in parts: from parts to the object.
struct MultipartCompletion: Sendable {
    let bucket: Bucket
    let upload: MultipartUpload
    /// The size of the whole in bytes.
    let size: Int64
    let partCount: Int

    /// Joins the parts, and finds out what became of it when the answer was lost.
    ///
    /// - Parameter checksum: CRC-64 of the whole; without one, that of the parts is combined.
    func complete(
        _ parts: [UploadedPart], checksum: UInt64? = nil, options: PutObjectOptions
    ) async throws -> PutObjectResult {
        let expected = checksum ?? Self.checksum(of: parts)
        var result: PutObjectResult
        do {
            result = try await bucket.completeMultipartUpload(upload, parts: parts, options: options)
        } catch let error as OSSError where error.isNoSuchUpload || error.code == .alreadyExists {
            guard let settled = try await settle(error, expected) else { throw error }
            result = settled
        }
        if result.checksum == nil {
            // The response did not say what it made; the object itself may, unless it was replaced already.
            var options = GetObjectOptions()
            options.conditions.ifMatch = result.eTag
            options.versionID = result.versionID
            if let object = try? await bucket.headObject(upload.key, options: options) {
                guard object.size == size else { throw mismatch("\(object.size) bytes", "\(size)") }
                result.checksum = object.checksum
            }
        }
        guard let stored = result.checksum, let expected else {
            result.checksum = nil
            return result
        }
        guard stored == expected else {
            throw mismatch("CRC-64 \(stored)", "\(expected)")
        }
        return result
    }

    private func mismatch(_ stored: String, _ expected: String) -> OSSError {
        OSSError(
            .checksumMismatch,
            "the object was stored with \(stored), and its parts have \(expected) together; try it again",
            operation: "CompleteMultipartUpload", bucket: bucket.name, key: upload.key)
    }

    /// What an earlier attempt to complete has made, if it is ours: the upload is gone, and the object is what it was to be.
    private func settle(_ error: OSSError, _ expected: UInt64?) async throws -> PutObjectResult? {
        if error.code == .alreadyExists, try await bucket.exists(upload) ?? true { return nil }
        return try await bucket.completed(upload, size: size, checksum: expected, partCount: partCount)
    }

    /// CRC-64 of the whole, when that of every part is known.
    static func checksum(of parts: [UploadedPart]) -> UInt64? {
        var chain = ChecksumChain()
        for part in parts {
            guard let checksum = part.checksum else { return nil }
            chain.append(checksum, length: part.size)
        }
        return chain.value
    }
}

extension Bucket {
    /// Whether the service still has an upload; `nil` when it does not tell these credentials.
    func exists(_ upload: MultipartUpload) async throws -> Bool? {
        do {
            var parts = listParts(of: upload).makeAsyncIterator()
            _ = try await parts.next()
            return true
        } catch let error as OSSError where error.isNoSuchUpload {
            return false
        } catch let error as OSSError where error.code == .accessDenied {
            return nil
        }
    }

    /// The object that an upload has become, if the object of its name is that one: made of as many parts, with this size
    /// and this checksum. Nothing, too, when the service does not tell these credentials.
    ///
    /// - Parameter begun: when the upload was begun, if that is long ago. An object that is older is another one, although
    ///   its bytes are the same: what is stored beside them need not be.
    func completed(
        _ upload: MultipartUpload, size: Int64, checksum: UInt64?, partCount: Int, since begun: Date? = nil
    ) async throws -> PutObjectResult? {
        let object: ObjectMetadata
        do {
            object = try await headObject(upload.key)
        } catch let error as OSSError where [.notFound, .accessDenied].contains(error.code) {
            return nil
        }
        // This machine's clock may be as wrong as the service lets it be.
        if let begun, let written = object.lastModified, written < begun - 15 * 60 { return nil }
        guard object.size == size, let checksum, object.checksum == checksum, object.eTag.hasSuffix("-\(partCount)")
        else { return nil }
        return PutObjectResult(
            eTag: object.eTag, checksum: object.checksum, versionID: object.versionID, requestID: object.requestID)
    }

    /// Aborts an upload although the task may be cancelled.
    ///
    /// - Returns: whether the service confirmed it in time.
    nonisolated func abortShielded(_ upload: MultipartUpload) async -> Bool {
        await cleanUp { try await self.abortMultipartUpload(upload) }
    }

    /// Removes what a transfer has begun, although its task may be cancelled. It is not to wait for long, then.
    ///
    /// - Returns: whether it was done in time.
    nonisolated func cleanUp(_ work: @escaping @Sendable () async throws -> Void) async -> Bool {
        await withCancellationShield(
            limit: Task.isCancelled ? client.configuration.cancellationGrace : .seconds(15), work)
    }
}
