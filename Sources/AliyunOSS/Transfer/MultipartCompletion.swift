import Foundation

/// An operation that completes a multipart upload.
struct MultipartCompletion: Sendable {
    let bucket: Bucket
    let upload: MultipartUpload
    /// Size of the object in bytes.
    let size: Int64
    let partCount: Int

    /// Completes the upload, and determines the outcome if the response was lost.
    ///
    /// - Parameter checksum: CRC-64 of the object. Default: the combined CRC-64 of the parts.
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
        if result.crc64 == nil {
            // If the response does not contain the checksum, a HEAD response may, unless the object was replaced.
            var options = GetObjectOptions()
            options.conditions.ifMatch = result.eTag
            options.versionID = result.versionID
            if let object = try? await bucket.headObject(upload.key, options: options) {
                guard object.size == size else { throw mismatch("\(object.size) bytes", "\(size)") }
                result.crc64 = object.crc64
            }
        }
        guard let stored = result.crc64, let expected else {
            result.crc64 = nil
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
            "the object has \(stored), but its combined parts have \(expected); try again",
            operation: "CompleteMultipartUpload", bucket: bucket.name, key: upload.key)
    }

    /// Returns the object that an earlier attempt to complete the upload created, or `nil` if the upload still exists
    /// or the object is not the expected one.
    private func settle(_ error: OSSError, _ expected: UInt64?) async throws -> PutObjectResult? {
        if error.code == .alreadyExists, try await bucket.exists(upload) ?? true { return nil }
        return try await bucket.completed(upload, size: size, checksum: expected, partCount: partCount)
    }

    /// Returns the combined CRC-64 of the parts, or `nil` if the CRC-64 of a part is unknown.
    static func checksum(of parts: [UploadedPart]) -> UInt64? {
        var chain = ChecksumChain()
        for part in parts {
            guard let checksum = part.crc64 else { return nil }
            chain.append(checksum, length: part.size)
        }
        return chain.value
    }
}

extension Bucket {
    /// Returns whether an upload still exists, or `nil` if the credentials do not permit checking.
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

    /// Returns the object that an upload created, or `nil` if there is no such object or the credentials do not permit
    /// reading it. The object is identified by its number of parts, size and checksum.
    func completed(
        _ upload: MultipartUpload, size: Int64, checksum: UInt64?, partCount: Int, since started: Date? = nil
    ) async throws -> PutObjectResult? {
        do {
            return try await storedObject(upload.key, size: size, partCount: partCount, since: started) { checksum }
        } catch let error as OSSError where [.notFound, .accessDenied].contains(error.code) {
            return nil
        }
    }

    /// Aborts an upload even if the task is cancelled.
    ///
    /// - Returns: Whether the service confirmed in time that the upload was aborted.
    nonisolated func abortShielded(_ upload: MultipartUpload) async -> Bool {
        await cleanUp { try await self.abortMultipartUpload(upload) }
    }

    /// Runs work that removes the data created by a transfer, even if the transfer's task is cancelled. After a
    /// cancellation, the configured time limit applies.
    ///
    /// - Returns: Whether the work completed in time.
    nonisolated func cleanUp(_ work: @escaping @Sendable () async throws -> Void) async -> Bool {
        await withCancellationShield(
            limit: Task.isCancelled ? client.configuration.cancellationGrace : .seconds(15), work)
    }
}
