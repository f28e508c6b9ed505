import Foundation

/// A reconciler that determines whether the service stored the bytes of an append whose outcome is unknown. Either the
/// response was lost, or the service refused the append because of the object's size, possibly because an earlier
/// attempt had been stored.
struct WriteReconciler: Sendable {
    let client: Client
    let key: ObjectKey
    /// State of the object before the append.
    let content: AppendState
    let body: HTTPBody
    /// Whether an earlier call may have sent the same bytes.
    let followsFailure: Bool

    /// Determines the outcome of an append by comparing the object with its expected states, unless the error itself
    /// shows the outcome. (HeadObject)
    ///
    /// - Parameters:
    ///   - error: Error of the append.
    ///   - isRepeat: Whether the service may have received the request before this attempt.
    /// - Returns: The outcome, or `nil` if the error itself shows that nothing was stored.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/positionMismatch`` if the object has different content, or any other
    ///   code if the outcome remains unknown.
    func settle(_ error: OSSError, isRepeat: Bool) async throws -> Settlement? {
        switch error.code {
        case .positionMismatch:
            // A request that was sent for the first time cannot conflict with an earlier attempt.
            guard isRepeat || followsFailure else { throw mismatch(error) }
        case .alreadyExists:
            guard isRepeat || followsFailure else { return nil }
        case .invalidResponse:
            // A redirect stores nothing.
            guard error.serviceError == nil else { return nil }
        case .connectionLost, .timedOut, .truncatedBody, .serviceUnavailable, .checksumMismatch:
            break
        default:
            return nil
        }
        let piece = AppendState(length: body.length, checksum: try await body.checksum())
        let (response, found) = try await stored(error)
        switch (content.fate(of: piece, found: found), response) {
        case (.stored, let response?): return .stored(response)
        case (.notStored, _) where error.code != .alreadyExists: return .notStored
        case _ where [.alreadyExists, .checksumMismatch].contains(error.code): return nil
        default: throw mismatch(error, found?.length ?? 0)
        }
    }

    private func stored(_ error: OSSError) async throws -> (HTTPResponse?, AppendState?) {
        do {
            var head = Operation("HeadObject", .head, key: key)
            head.requiresETag = true
            let response = try await client.perform(head)
            guard let length = response.headers["Content-Length"].flatMap(Int64.init) else {
                throw OSSError(.invalidResponse, "the response does not report a size; check the endpoint")
            }
            return (response, AppendState(length: length, checksum: response.headers.objectChecksum))
        } catch let refusal as OSSError where refusal.saysNoObject {
            return (nil, nil)
        } catch let failure as OSSError {
            // The code of the append would claim an outcome that is unknown.
            var unknown = error
            unknown.code = failure.code
            unknown.serviceError = failure.serviceError
            unknown.message =
                "\(error.message); whether the bytes were stored is unknown: \(failure.message)"
            unknown.underlying = error
            throw unknown
        }
    }

    private func mismatch(_ error: OSSError, _ length: Int64? = nil) -> OSSError {
        var mismatch = error
        mismatch.code = .positionMismatch
        if error.code != .positionMismatch {
            mismatch.serviceError = nil
            mismatch.underlying = error
        }
        let end = (length ?? error.serviceError?.nextAppendPosition).map { "at \($0)" } ?? "at another position"
        mismatch.message =
            "cannot append at position \(content.length), because the object ends \(end): another writer appended to it, or "
            + "a failed append was stored after all; read the object and continue with a new appender"
        return mismatch
    }
}

extension OSSError {
    /// Whether the service reports that the bucket exists but the object does not.
    var saysNoObject: Bool { code == .notFound && ["", "NoSuchKey"].contains(serviceError?.code ?? "") }
}

extension Bucket {
    /// Returns the object stored under a key if it matches the known content of a write; otherwise, `nil`. (HeadObject)
    ///
    /// A write that stores an entire object (PutObject, CopyObject, CompleteMultipartUpload) is retried after a lost
    /// response, and the retry may then be refused because of the object that the first attempt stored. The object's
    /// size and CRC-64 decide. The callers differ only in how they know that an earlier attempt may have been
    /// stored, and in the error they throw otherwise. An append (``WriteReconciler``) is decided separately: it must
    /// not be sent again until it is known not to have been stored.
    ///
    /// - Parameters:
    ///   - partCount: Number of parts, which the ETag of the object must contain; `nil` for an object without parts.
    ///   - started: Time at which the write started, if an earlier process started it. An object from before that time
    ///     is a different one even if it has the same bytes, because its attributes can differ.
    ///   - checksum: Returns the CRC-64 of the content, or `nil` if unknown. Called only if the object has the given size.
    nonisolated func storedObject(
        _ key: ObjectKey, size: Int64, partCount: Int? = nil, since started: Date? = nil,
        checksum: () async throws -> UInt64?
    ) async throws -> PutObjectResult? {
        let object = try await headObject(key, in: nil, options: GetObjectOptions())
        // The local clock may be as inaccurate as the service accepts.
        if let started, let written = object.lastModified, written < started - 15 * 60 { return nil }
        if let partCount, !object.eTag.hasSuffix("-\(partCount)") { return nil }
        guard object.size == size, let stored = object.crc64, try await checksum() == stored else { return nil }
        return PutObjectResult(
            eTag: object.eTag, crc64: stored, versionID: object.versionID, requestID: object.requestID)
    }
}
