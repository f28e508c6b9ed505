import Foundation
import OSSPrimitives

extension Bucket {
    /// Appends bytes to an object, creating it if the position is 0 and no such object exists. (AppendObject)
    ///
    /// Only an object that was created by appending can be appended to, and its size is limited to 5 GB. To append
    /// repeatedly, and to recover from lost responses, use ``makeAppender(for:options:)``.
    ///
    /// A request that may have arrived is not retried, because the bytes could be appended twice. After
    /// ``OSSError/Code/connectionLost``, ``OSSError/Code/timedOut`` or ``OSSError/Code/serviceUnavailable``, check the
    /// object's size to find out whether the bytes were appended. Do the same after ``OSSError/Code/positionMismatch``,
    /// because the network stack itself resends a request whose connection was lost.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - body: Bytes to append. A file may grow during the call; only the bytes present when the call starts are
    ///     appended.
    ///   - position: Current size of the object in bytes; 0 creates the object.
    ///   - options: Attributes of a new object, and the CRC-64 of the content of an existing one.
    /// - Returns: The new size and the CRC-64 of the object.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/positionMismatch`` if the object has a different size, which
    ///   ``OSSError/ServiceError/nextAppendPosition`` contains; ``OSSError/Code/refused`` if the object is not
    ///   appendable or is sealed; ``OSSError/Code/checksumMismatch`` if the service stored different bytes.
    @discardableResult
    public func appendObject(
        _ key: ObjectKey, _ body: ObjectBody, at position: Int64, options: AppendObjectOptions = AppendObjectOptions()
    ) async throws -> AppendObjectResult {
        let content = AppendState(length: position, checksum: position == 0 ? 0 : options.previousCRC64)
        // Both are checked before the body is opened, because opening consumes a sequence.
        try key.validate()
        try content.checkRoom(forBytes: 0)
        let piece = try await PreparedBody(body)
        let operation = try appendOperation(key, piece, to: content, options)
        let client = client.adding(options.extras)
        let response = try await client.perform(operation)
        if let change = piece.change(isAppended: true) { throw client.describe(change, operation) }
        return AppendObjectResult(response, piece.body, addedTo: content)
    }

    /// Seals an appendable object, making it read-only. (SealAppendObject)
    ///
    /// Sealing an object that is already sealed has no effect.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - position: Current size of the object in bytes. An object of any other size is not sealed.
    /// - Returns: The time at which the object was sealed, to the second.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/positionMismatch``, ``OSSError/Code/notFound``, or
    ///   ``OSSError/Code/refused`` if the object is not appendable.
    @discardableResult
    public func sealObject(_ key: ObjectKey, at position: Int64) async throws -> Date {
        try AppendState(length: position).checkRoom(forBytes: 0)
        var operation = Operation("SealAppendObject", .post, key: key)
        operation.query = [("seal", nil), ("position", String(position))]
        let response = try await client.perform(operation)
        guard let time = response.headers["x-oss-sealed-time"].flatMap(HTTPDate.date(from:)) else {
            throw client.describe(
                OSSError(
                    .invalidResponse, "the response does not report when the object was sealed; check the endpoint"),
                operation)
        }
        return time
    }

    /// Returns the operation that appends a body to an object.
    nonisolated func appendOperation(
        _ key: ObjectKey, _ piece: PreparedBody, to content: AppendState, _ options: AppendObjectOptions
    ) throws -> Operation {
        try content.checkRoom(forBytes: piece.body.length)
        guard options.attributes.retention == nil, !options.attributes.hasLegalHold else {
            throw OSSError(
                .invalidArgument, "an appendable object cannot be created with a retention or on legal hold")
        }
        var operation = Operation("AppendObject", .post, key: key)
        operation.query = [("append", nil), ("position", String(content.length))]
        if content.length == 0 {
            operation.headers = try options.attributes.headers()
            if options.forbidsOverwrite { operation.headers["x-oss-forbid-overwrite"] = "true" }
        } else {
            operation.headers["Content-Type"] = "application/octet-stream"
        }
        operation.body = piece.body
        operation.isIdempotent = false
        operation.requiresETag = true
        operation.verify = { content.problem(with: $0) }
        operation.refusesReplay = { piece.change(isAppended: true) }
        operation.onProgress = options.onProgress
        return operation
    }
}

extension AppendObjectResult {
    /// Creates the result of a verified append.
    init(_ response: HTTPResponse, _ body: HTTPBody, addedTo content: AppendState) {
        let checksum = response.headers.objectChecksum
        self.init(
            nextPosition: content.length + body.length, crc64: checksum,
            isVerified: checksum != nil && content.checksum != nil, eTag: response.headers.eTag ?? "",
            versionID: response.headers["x-oss-version-id"], requestID: response.headers["x-oss-request-id"])
    }
}

/// The size and CRC-64 of an appendable object. The methods interpret responses to appends without performing any I/O.
struct AppendState: Sendable, Equatable {
    /// Size in bytes.
    var length: Int64
    /// CRC-64, or `nil` if unknown.
    var checksum: UInt64?

    static let nothing = AppendState(length: 0, checksum: 0)

    /// Returns the state of the object after a body is appended.
    func adding(_ piece: AppendState) -> AppendState {
        var whole = AppendState(length: length + piece.length, checksum: nil)
        if let checksum, let added = piece.checksum {
            whole.checksum = CRC64.combine(checksum, added, secondLength: UInt64(piece.length))
        }
        return whole
    }

    /// Checks, before any bytes are sent, that an append would not exceed the size limit.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    func checkRoom(forBytes count: Int64) throws(OSSError) {
        guard length >= 0 else {
            throw OSSError(.invalidArgument, "position must not be negative (got \(length))")
        }
        guard length <= PreparedBody.maximumLength - count else {
            throw OSSError(
                .invalidArgument,
                "appendable objects are limited to 5 GB: this one has \(length) bytes and cannot take \(count) more; "
                    + "seal it and continue with another key")
        }
    }

    /// Returns an error if the response to an append contradicts the request; otherwise, `nil`.
    func problem(with response: HTTPResponse) -> OSSError? {
        let whole = adding(AppendState(length: response.sentLength, checksum: response.sentChecksum))
        let position = response.headers["x-oss-next-append-position"]
        guard position == String(whole.length) else {
            return OSSError(
                .invalidResponse,
                "the response reports a size of \(position?.onOneLine ?? "(none)") instead of \(whole.length); check the endpoint"
            )
        }
        guard let stated = response.headers.objectChecksum, let expected = whole.checksum, stated != expected else {
            return nil
        }
        return OSSError(
            .checksumMismatch,
            "after the append, the object has CRC-64 \(stated) instead of \(expected): the service stored different bytes, or "
                + "the CRC-64 of the existing content was wrong")
    }

    /// The outcome of an append whose response was lost.
    enum Fate: Equatable, Sendable {
        case stored
        case notStored
        /// The object has neither its original content nor the original content followed by the appended bytes.
        case unlike
    }

    /// Returns the outcome of an append, given the current state of the object.
    ///
    /// - Parameter found: State of the object, or `nil` if the object does not exist.
    func fate(of piece: AppendState, found: AppendState?) -> Fate {
        guard let found else { return length == 0 ? .notStored : .unlike }
        let whole = adding(piece)
        if found.length == whole.length, let expected = whole.checksum, found.checksum == expected { return .stored }
        guard found.length == length else { return .unlike }
        if let checksum, let now = found.checksum, now != checksum { return .unlike }
        return .notStored
    }
}
