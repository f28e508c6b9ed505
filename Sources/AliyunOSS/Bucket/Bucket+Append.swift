import Foundation
import OSSPrimitives

extension Bucket {
    /// Adds bytes at the end of an object, or begins one. (AppendObject)
    ///
    /// Only an object that was begun this way can be added to, and it holds at most 5 GB. To append one piece after the
    /// other, and to have a lost answer settled, use ``appender(for:options:)``.
    ///
    /// An append is not sent again once it may have arrived: doing so could add the bytes twice. After
    /// ``OSSError/Code/connectionLost``, ``OSSError/Code/timedOut`` or ``OSSError/Code/serviceUnavailable`` the object's
    /// size says whether it did. So it does after ``OSSError/Code/positionMismatch``: the network stack sends a request
    /// again by itself when the connection it was sent on turns out to be dead.
    ///
    /// - Parameters:
    ///   - key: the object's name.
    ///   - body: what to add. A file may grow meanwhile: what it has when the call begins is appended.
    ///   - position: where the object ends, in bytes; 0 begins an object.
    ///   - options: what is stored beside a new object, and the checksum of what an old one has.
    /// - Returns: where the object ends now, and its checksum.
    /// - Throws: ``OSSError``: ``OSSError/Code/positionMismatch`` when the object does not end there, and then
    ///   ``OSSError/ServiceError/nextAppendPosition`` says where it does; ``OSSError/Code/refused`` when it is not
    ///   appendable or sealed; ``OSSError/Code/checksumMismatch`` when the service stored other bytes.
    @discardableResult
    public func appendObject(
        _ key: ObjectKey, _ body: ObjectBody, at position: Int64, options: AppendObjectOptions = AppendObjectOptions()
    ) async throws -> AppendObjectResult {
        try key.validate()
        let content = AppendState(length: position, checksum: position == 0 ? 0 : options.previousChecksum)
        // Checked once before the body is opened, since a sequence is gathered then.
        try content.checkRoom(forBytes: 0)
        let piece = try await PreparedBody(body)
        let operation = try appendOperation(key, piece, to: content, options)
        let response = try await client.perform(operation)
        if let change = piece.change(isAppended: true) { throw client.describe(change, operation) }
        return AppendObjectResult(response, piece.body, addedTo: content)
    }

    /// Ends the growth of an object that was appended to: from then on it can only be read. (SealAppendObject)
    ///
    /// Sealing it again changes nothing.
    ///
    /// - Parameters:
    ///   - key: the object's name.
    ///   - position: where the object ends, in bytes: it is sealed only if it has nothing more.
    /// - Returns: when it was sealed, to the second.
    /// - Throws: ``OSSError``: ``OSSError/Code/positionMismatch``, ``OSSError/Code/notFound``,
    ///   ``OSSError/Code/refused`` when the object is not appendable.
    @discardableResult
    public func sealObject(_ key: ObjectKey, at position: Int64) async throws -> Date {
        try AppendState(length: position).checkRoom(forBytes: 0)
        var operation = Operation("SealAppendObject", .post, key: key)
        operation.query = [("seal", nil), ("position", String(position))]
        let response = try await client.perform(operation)
        guard let time = response.headers["x-oss-sealed-time"].flatMap(HTTPDate.date(from:)) else {
            throw client.describe(
                OSSError(.invalidResponse, "the answer does not say when the object was sealed. Check the endpoint"),
                operation)
        }
        return time
    }

    /// The request that adds a piece to what an object has.
    nonisolated func appendOperation(
        _ key: ObjectKey, _ piece: PreparedBody, to content: AppendState, _ options: AppendObjectOptions
    ) throws -> Operation {
        try content.checkRoom(forBytes: piece.body.length)
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
    /// The result of an append that was found to be right.
    init(_ response: HTTPResponse, _ body: HTTPBody, addedTo content: AppendState) {
        let checksum = response.headers.objectChecksum
        self.init(
            nextPosition: content.length + body.length, checksum: checksum,
            isVerified: checksum != nil && content.checksum != nil, eTag: response.headers.eTag ?? "",
            versionID: response.headers["x-oss-version-id"], requestID: response.headers["x-oss-request-id"])
    }
}

/// What an object that is appended to has so far: how long it is, and its checksum. What follows from an answer of the
/// service is decided here, without any I/O.
struct AppendState: Sendable, Equatable {
    /// In bytes.
    var length: Int64
    /// CRC-64; `nil` when it is not known.
    var checksum: UInt64?

    static let nothing = AppendState(length: 0, checksum: 0)

    /// The content with a piece behind it.
    func adding(_ piece: AppendState) -> AppendState {
        var whole = AppendState(length: length + piece.length, checksum: nil)
        if let checksum, let added = piece.checksum {
            whole.checksum = CRC64.combine(checksum, added, secondLength: UInt64(piece.length))
        }
        return whole
    }

    /// Refuses what the service would refuse, before a byte of it is sent.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    func checkRoom(forBytes count: Int64) throws(OSSError) {
        guard length >= 0 else {
            throw OSSError(.invalidArgument, "the position to append at must not be negative, and is \(length)")
        }
        guard length <= PreparedBody.maximumLength - count else {
            throw OSSError(
                .invalidArgument,
                "an appendable object holds at most 5 GB: it has \(length) bytes, and \(count) more are too many; "
                    + "seal it and go on with another key")
        }
    }

    /// Why the answer to an append must not be believed.
    func problem(with response: HTTPResponse) -> OSSError? {
        let whole = adding(AppendState(length: response.sentLength, checksum: response.sentChecksum))
        let position = response.headers["x-oss-next-append-position"]
        guard position == String(whole.length) else {
            return OSSError(
                .invalidResponse,
                "the answer says that the object ends at \(position?.onOneLine ?? "no position") and not at "
                    + "\(whole.length). Check the endpoint")
        }
        guard let stated = response.headers.objectChecksum, let expected = whole.checksum, stated != expected else {
            return nil
        }
        return OSSError(
            .checksumMismatch,
            "the object has CRC-64 \(stated) after the append, and \(expected) was expected: the service stored other "
                + "bytes than were sent, or the checksum of those before was wrong")
    }

    /// What became of a piece that was to be added to this.
    enum Fate: Equatable, Sendable {
        case stored
        case notStored
        /// The object is neither what it was nor that with the piece.
        case unlike
    }

    /// What became of a piece, from what the object has now.
    ///
    /// - Parameter found: `nil` when there is no object.
    func fate(of piece: AppendState, found: AppendState?) -> Fate {
        guard let found else { return length == 0 ? .notStored : .unlike }
        let whole = adding(piece)
        if found.length == whole.length, let expected = whole.checksum, found.checksum == expected { return .stored }
        guard found.length == length else { return .unlike }
        if let checksum, let now = found.checksum, now != checksum { return .unlike }
        return .notStored
    }
}
