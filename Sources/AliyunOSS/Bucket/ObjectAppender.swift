import Foundation

/// Appends one piece after the other to an object, and knows where it is.
///
/// ```swift
/// let log = try await bucket.appender(for: "log/today")
/// try await log.append("started\n")
/// try await log.append(.file("more.txt"))
/// try await log.seal()
/// ```
///
/// Pieces are sent one at a time, in the order of the calls, whichever tasks make them. The checksum of the whole object
/// is compared after each. When an answer is lost, the object itself is asked whether the piece is in it: so it is
/// neither missing nor there twice.
///
/// An object should have one appender at a time. When something else appends to it, the next piece is refused with
/// ``OSSError/Code/positionMismatch`` and not stored.
///
/// After any error ``position`` and ``checksum`` stay what they were. Append the same piece again: if it had been stored
/// after all, that is found out, and it is not stored twice. Another piece is refused in that case. To go on without the
/// piece that failed, make a new appender.
public actor ObjectAppender {
    /// The object's name.
    public nonisolated let key: ObjectKey

    private let bucket: Bucket
    private let options: AppendObjectOptions
    nonisolated let turn = AsyncSemaphore(1)
    private var content: AppendState
    /// Whether a piece was sent of which nobody knows whether it was stored.
    private var followsFailure = false

    init(_ bucket: Bucket, _ key: ObjectKey, _ content: AppendState, _ options: AppendObjectOptions) {
        self.bucket = bucket
        self.key = key
        self.content = content
        self.options = options
    }

    /// Where the object ends, in bytes, after every piece that was appended so far.
    public var position: Int64 { content.length }

    /// CRC-64/XZ of all that; `nil` when the object was there before and the service told none.
    public var checksum: UInt64? { content.checksum }

    /// Adds a piece at the end of the object, after all earlier calls. (AppendObject; HeadObject when an answer was lost)
    ///
    /// - Parameter body: what to add. A file may grow meanwhile: what it has when its turn comes is appended.
    /// - Returns: where the object ends now, and its checksum.
    /// - Throws: ``OSSError``: ``OSSError/Code/positionMismatch`` when something else appends to the object,
    ///   ``OSSError/Code/invalidArgument`` when it would have more than 5 GB, ``OSSError/Code/refused`` when it is sealed.
    @discardableResult
    public func append(_ body: ObjectBody) async throws -> AppendObjectResult {
        try await turn.withPermit { try await send(try await PreparedBody(body)) }
    }

    /// Ends the growth of the object, after all earlier calls: from then on it can only be read. (SealAppendObject)
    ///
    /// - Returns: when it was sealed, to the second.
    /// - Throws: ``OSSError``: ``OSSError/Code/positionMismatch`` when something else was appended, or
    ///   ``OSSError/Code/notFound`` when nothing ever was.
    @discardableResult
    public func seal() async throws -> Date {
        try await turn.withPermit { try await bucket.sealObject(key, at: content.length) }
    }

    private func send(_ piece: PreparedBody) async throws -> AppendObjectResult {
        var operation = try bucket.appendOperation(key, piece, to: content, options)
        let inquiry = WriteReconciler(
            client: bucket.client, key: key, content: content, body: piece.body, followsFailure: followsFailure)
        operation.settle = { try await inquiry.settle($0, isRepeat: $1) }
        let response = try await perform(operation)
        if let change = piece.change(isAppended: true) { throw bucket.client.describe(change, operation) }
        followsFailure = false
        let result = AppendObjectResult(response, piece.body, addedTo: content)
        let sent = AppendState(length: piece.body.length, checksum: response.sentChecksum)
        // Every checksum that can be compared has been; one that cannot is at least where the next ones start from.
        content = AppendState(
            length: result.nextPosition, checksum: result.checksum ?? content.adding(sent).checksum)
        return result
    }

    private func perform(_ operation: Operation) async throws -> HTTPResponse {
        let wasOpen = followsFailure
        followsFailure = true
        do {
            return try await bucket.client.perform(operation)
        } catch let error as OSSError where error.code == .positionMismatch {
            // The piece is known not to be where it was to go: should it turn up there, it is somebody else's.
            followsFailure = wasOpen
            throw error
        }
    }
}

extension Bucket {
    /// Makes an appender, which goes on where an object ends, or begins one. (HeadObject)
    ///
    /// - Parameters:
    ///   - key: the object's name.
    ///   - options: what is stored beside an object that does not exist yet.
    /// - Throws: ``OSSError``: ``OSSError/Code/refused`` when there is an object that cannot be appended to, or that is
    ///   sealed; ``OSSError/Code/alreadyExists`` when there is one and the options forbid it.
    public func appender(
        for key: ObjectKey, options: AppendObjectOptions = AppendObjectOptions()
    ) async throws -> ObjectAppender {
        let object: ObjectMetadata
        do {
            object = try await headObject(key)
        } catch let error as OSSError where error.saysNoObject {
            return ObjectAppender(self, key, .nothing, options)
        }
        if let problem = object.appendingProblem ?? (options.forbidsOverwrite ? .inTheWay : nil) {
            throw client.describe(problem, Operation("HeadObject", .head, key: key))
        }
        let checksum = object.size == 0 ? 0 : object.checksum ?? options.previousChecksum
        return ObjectAppender(self, key, AppendState(length: object.size, checksum: checksum), options)
    }
}

extension ObjectMetadata {
    /// Why nothing can be appended to the object, if so.
    fileprivate var appendingProblem: OSSError? {
        guard type == "Appendable" else {
            return OSSError(
                .refused,
                "the object is not appendable: its type is \((type ?? "not stated").onOneLine). Only an object that was begun by appending "
                    + "can be added to; use another key")
        }
        return sealedTime == nil ? nil : OSSError(.refused, "the object is sealed; go on with another key")
    }
}

extension OSSError {
    fileprivate static let inTheWay = OSSError(.alreadyExists, "the object exists already")
}
