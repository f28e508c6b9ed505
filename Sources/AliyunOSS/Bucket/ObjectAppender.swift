import Foundation

/// A writer that appends to one object and tracks the object's size and CRC-64.
///
/// ```swift
/// let log = try await bucket.makeAppender(for: "log/today")
/// try await log.append("started\n")
/// try await log.append(.file("more.txt"))
/// try await log.seal()
/// ```
///
/// Appends are sent one at a time, in the order in which tasks call the appender. The CRC-64 of the entire object is
/// verified after each append. When a response is lost, the appender reads the size and the CRC-64 of the object to
/// find out whether the bytes were stored, and therefore neither loses them nor stores them twice.
///
/// An object should have one appender at a time. If another writer appends to the object, the next append fails with
/// ``OSSError/Code/positionMismatch`` and stores nothing.
///
/// After an error, ``position`` and ``crc64`` keep the values they had before the call. Append the same bytes again: if
/// they were stored after all, the appender detects this and does not store them twice, and it refuses different bytes.
/// To continue without the failed bytes, create a new appender.
public actor ObjectAppender {
    /// Key of the object.
    public nonisolated let key: ObjectKey

    private let bucket: Bucket
    private let options: AppendObjectOptions
    nonisolated let turn = AsyncSemaphore(1)
    private var content: AppendState
    /// Whether the outcome of the last append is unknown.
    private var followsFailure = false

    init(_ bucket: Bucket, _ key: ObjectKey, _ content: AppendState, _ options: AppendObjectOptions) {
        self.bucket = bucket
        self.key = key
        self.content = content
        self.options = options
    }

    /// Size of the object in bytes after the last successful append.
    public var position: Int64 { content.length }

    /// CRC-64/XZ of the object after the last successful append, or `nil` if unknown.
    public var crc64: UInt64? { content.checksum }

    /// Appends bytes after all earlier calls have finished. (AppendObject; HeadObject after a lost response)
    ///
    /// - Parameter body: Bytes to append. A file may grow during the call; only the bytes present when the call starts
    ///   are appended.
    /// - Returns: The new size and the CRC-64 of the object.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/positionMismatch`` if another writer appended to the object,
    ///   ``OSSError/Code/invalidArgument`` if the object would exceed 5 GB, or ``OSSError/Code/refused`` if it is sealed.
    @discardableResult
    public func append(_ body: ObjectBody) async throws -> AppendObjectResult {
        try await turn.withPermit { try await send(try await PreparedBody(body)) }
    }

    /// Seals the object after all earlier calls have finished. A sealed object can only be read. (SealAppendObject)
    ///
    /// - Returns: The time at which the object was sealed, to the second.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/positionMismatch`` if another writer appended to the object, or
    ///   ``OSSError/Code/notFound`` if nothing has been appended yet.
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
        // All checksums that can be compared were compared. The next comparisons start from this one.
        content = AppendState(
            length: result.nextPosition, checksum: result.crc64 ?? content.adding(sent).checksum)
        return result
    }

    private func perform(_ operation: Operation) async throws -> HTTPResponse {
        let wasOpen = followsFailure
        followsFailure = true
        do {
            return try await bucket.client.perform(operation)
        } catch let error as OSSError where error.code == .positionMismatch {
            // The bytes are known not to be stored: equal bytes at this position later come from another writer.
            followsFailure = wasOpen
            throw error
        }
    }
}

extension Bucket {
    /// Creates an appender that starts at the end of an object, or at position 0 if no such object exists. (HeadObject)
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - options: Attributes of a new object.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/refused`` if the object is not appendable or is sealed, or
    ///   ``OSSError/Code/alreadyExists`` if the object exists and the options forbid overwriting it.
    public func makeAppender(
        for key: ObjectKey, options: AppendObjectOptions = AppendObjectOptions()
    ) async throws -> ObjectAppender {
        let bucket = adding(options.extras)
        let object: ObjectMetadata
        do {
            object = try await bucket.headObject(key)
        } catch let error as OSSError where error.saysNoObject {
            return ObjectAppender(bucket, key, .nothing, options)
        }
        if let problem = object.appendingProblem ?? (options.forbidsOverwrite ? .inTheWay : nil) {
            throw client.describe(problem, Operation("HeadObject", .head, key: key))
        }
        let checksum = object.size == 0 ? 0 : object.crc64 ?? options.previousCRC64
        return ObjectAppender(bucket, key, AppendState(length: object.size, checksum: checksum), options)
    }
}

extension ObjectMetadata {
    /// An error if the object cannot be appended to; otherwise, `nil`.
    fileprivate var appendingProblem: OSSError? {
        guard type == .appendable else {
            return OSSError(
                .refused,
                "the object is not appendable: its type is \((type?.rawValue ?? "unknown").onOneLine), but only "
                    + "objects created by appending can be appended to; use another key")
        }
        return sealedTime == nil ? nil : OSSError(.refused, "the object is sealed; continue with another key")
    }
}

extension OSSError {
    fileprivate static let inTheWay = OSSError(.alreadyExists, "the object already exists")
}
