/// Finds out what became of an append whose answer was lost, or that the service refused because the object does not end
/// where it should: which may be because an earlier attempt did arrive.
struct WriteReconciler: Sendable {
    let client: Client
    let key: ObjectKey
    /// What the object had before.
    let content: AppendState
    let body: HTTPBody
    /// Whether an earlier call may have sent the same piece.
    let followsFailure: Bool

    /// Asks for the object, unless the failure leaves nothing open, and compares it. (HeadObject)
    ///
    /// - Parameters:
    ///   - error: why the append failed.
    ///   - isRepeat: whether the service may have got it before this attempt.
    /// - Returns: `nil` when the failure says by itself that nothing was stored.
    /// - Throws: ``OSSError``: ``OSSError/Code/positionMismatch`` when the object has something else, and any other code
    ///   when the service or the disk does not tell.
    func settle(_ error: OSSError, isRepeat: Bool) async throws -> Settlement? {
        switch error.code {
        case .positionMismatch:
            // Nothing of ours can be in the way of what was sent for the first time.
            guard isRepeat || followsFailure else { throw mismatch(error) }
        case .alreadyExists:
            guard isRepeat || followsFailure else { return nil }
        case .invalidResponse:
            // A redirect was understood, and did nothing.
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
                throw OSSError(.invalidResponse, "the answer states no size. Check the endpoint")
            }
            return (response, AppendState(length: length, checksum: response.headers.objectChecksum))
        } catch let refusal as OSSError where refusal.saysNoObject {
            return (nil, nil)
        } catch let failure as OSSError {
            // Not under the code of the append: whoever gets this knows neither that it is stored nor that it is not.
            var unknown = error
            unknown.code = failure.code
            unknown.serviceError = failure.serviceError
            unknown.message =
                "\(error.message); whether the bytes are stored could not be found out: \(failure.message)"
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
        let end = (length ?? error.serviceError?.nextAppendPosition).map(String.init) ?? "elsewhere"
        mismatch.message =
            "the object was to be appended to at \(content.length) and ends at \(end): something else appends to it, or a "
            + "piece whose append had failed was stored after all. Read what it has, and go on with a new appender"
        return mismatch
    }
}

extension OSSError {
    /// Whether the service says that there is no object of that name, in a bucket that there is.
    var saysNoObject: Bool { code == .notFound && ["", "NoSuchKey"].contains(serviceError?.code ?? "") }
}

extension Bucket {
    /// Performs a write, and settles what became of one that must not overwrite when an answer was lost: the repeat then
    /// finds the object in its way, and it may be its own.
    nonisolated func perform(_ operation: Operation, storing body: HTTPBody) async throws -> HTTPResponse {
        do {
            return try await client.perform(operation)
        } catch let error as OSSError where error.code == .alreadyExists && error.attempts > 1 {
            var head = Operation("HeadObject", .head, key: operation.key)
            head.requiresETag = true
            guard let stored = try? await client.perform(head), let checksum = stored.headers.objectChecksum,
                stored.headers["Content-Length"] == String(body.length),
                try await body.checksum() == checksum
            else { throw error }
            return stored
        }
    }
}
