import Foundation
import OSSPrimitives

/// A piece of an object that was written to a file.
struct StoredWindow: Sendable {
    /// The offsets of the bytes.
    var range: Range<Int64>
    /// CRC-64 of these bytes.
    var checksum: UInt64
    /// The entity tag without quotes, when the answer has a strong one: what the next window is tied to.
    var eTag: String?
    /// What the service says of the whole object.
    var metadata: ObjectMetadata
}

extension Bucket {
    /// Fetches a window of an object into its place in a file. One that is cut off goes on where it stopped.
    ///
    /// - Parameters:
    ///   - range: the bytes that are wanted; the object may end before.
    ///   - object: what is known of the object from an earlier window. Then nothing else is accepted.
    ///   - isKnownToExist: whether all of the range is sure to come. If not, a limit of bandwidth charges for what has come
    ///     only then, and does not wait for bytes that may not exist.
    /// - Returns: `nil` when the service does not answer with a range.
    nonisolated func fetchWindow(
        _ range: Range<Int64>, of key: ObjectKey, _ options: GetObjectOptions, continuing object: ObjectMetadata? = nil,
        isKnownToExist: Bool = true, into file: OpenFile, onProgress: @escaping @Sendable (HTTPProgress) -> Void
    ) async throws -> StoredWindow? {
        var operation = reading(key, options)
        let last = range.upperBound - 1
        operation.headers["Range"] = ByteRangeHeader.bounded(first: range.lowerBound, last: last).headerValue
        operation.headers["x-oss-range-behavior"] = "standard"
        if let object { operation.headers["If-Match"] = "\"\(object.eTag)\"" }
        operation.destination = .file(file, offset: range.lowerBound, status: 206)
        operation.continuation = RangeResumption(
            first: range.lowerBound, last: last, file: file, offset: range.lowerBound)
        operation.expectedResponseLength = isKnownToExist ? range.upperBound - range.lowerBound : 0
        operation.onProgress = onProgress
        operation.verify = { response in
            guard response.status == 206 else { return nil }
            guard let stated = response.headers["Content-Range"].flatMap(ContentRange.init), let size = stated.total,
                stated.last == min(last, size - 1), response.bodyLength == stated.last - range.lowerBound + 1
            else {
                return response.wrongRange(asked: .bounded(first: range.lowerBound, last: last))
            }
            // What is the whole object can be compared with its checksum at once.
            return size == response.bodyLength ? response.downloadProblem : nil
        }
        let response: HTTPResponse
        do {
            response = try await client.perform(operation)
        } catch let error as OSSError
            where error.code == .bodyTooLarge && (error.underlying as? HTTPTransportError)?.status == 200
        {
            // The whole object, in place of a range: more than is taken of an answer that was not expected.
            return nil
        }
        // The range has been compared when the response came.
        guard response.status == 206, let stated = response.headers["Content-Range"].flatMap(ContentRange.init),
            let size = stated.total
        else { return nil }
        if let object, object.size != size || object.eTag != response.headers.eTag {
            throw client.describe(
                OSSError(.preconditionFailed, "the object changed while it was being downloaded"), operation)
        }
        let isStrong = response.headers["ETag"]?.hasPrefix("\"") ?? false
        return StoredWindow(
            range: range.lowerBound..<stated.last + 1, checksum: response.receivedChecksum,
            eTag: isStrong ? response.headers.eTag : nil,
            metadata: ObjectMetadata(key, size: size, headers: response.headers))
    }

    /// Fetches a whole object into a file in one request. An answer that is cut off goes on where it stopped.
    nonisolated func fetchWhole(
        _ key: ObjectKey, _ options: GetObjectOptions, expected: ListedObject? = nil, into file: OpenFile,
        onProgress: @escaping @Sendable (HTTPProgress) -> Void
    ) async throws -> StoredWindow {
        var operation = reading(key, options)
        operation.destination = .file(file, offset: 0, status: 200)
        operation.continuation = RangeResumption(first: 0, last: nil, file: file, offset: 0)
        operation.expectedResponseLength = expected?.size ?? 0
        operation.onProgress = onProgress
        operation.verify = { response in
            // First the object, then its bytes: of another object, other bytes are no damage.
            guard let expected else { return response.downloadProblem }
            return expected.problem(size: response.statedSize ?? expected.size, eTag: response.headers.eTag ?? "")
                ?? response.lengthProblem(expected.size) ?? response.downloadProblem
        }
        let response = try await client.perform(operation)
        if expected == nil { try await client.confirmLength(of: response, operation) }
        return StoredWindow(
            range: 0..<response.bodyLength, checksum: response.receivedChecksum, eTag: nil,
            metadata: ObjectMetadata(key, size: response.bodyLength, headers: response.headers))
    }

    private nonisolated func reading(_ key: ObjectKey, _ options: GetObjectOptions) -> Operation {
        var operation = Operation("GetObject", .get, key: key)
        options.conditions.add(to: &operation.headers)
        operation.addQuery("versionId", ifPresent: options.versionID)
        operation.wantsStoredEncoding = true
        return operation
    }
}

extension Client {
    /// Makes sure that a response is the whole object when it states neither a length nor a checksum: if its connection
    /// ended early, it still looks complete. (HeadObject)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/truncatedBody``.
    func confirmLength(of response: HTTPResponse, _ operation: Operation) async throws {
        guard response.status == 200, response.statedSize == nil, response.headers.objectChecksum == nil else { return }
        var head = operation.asHead
        head.headers["If-Match"] = response.headers["ETag"]
        let stated = try await perform(head).statedSize
        if let problem = response.lengthProblem(stated) { throw describe(problem, operation) }
    }
}

extension Operation {
    /// The HeadObject that asks about the same object under the same conditions.
    var asHead: Operation {
        var head = Operation("HeadObject", .head, key: key)
        head.bucket = bucket
        head.query = query
        head.headers = headers
        head.headers["Range"] = nil
        head.headers["x-oss-range-behavior"] = nil
        head.requiresETag = true
        return head
    }
}
