import OSSPrimitives

/// The state for resuming a truncated response with a retry that requests only the missing bytes.
///
/// Bytes that arrived are already in their place in the file. The missing bytes are requested on the condition that the
/// object has not changed.
struct RangeResumption: Sendable {
    /// Offset of the first requested byte within the object.
    var first: Int64
    /// Offset of the last requested byte within the object; `nil` for the end of the object.
    var last: Int64?
    /// File that receives the bytes, and the offset in the file at which they start.
    var file: OpenFile
    var offset: Int64
    /// Number of bytes that have arrived in all attempts so far.
    private(set) var received: Int64 = 0
    /// CRC-64 of the bytes that have arrived so far.
    private(set) var checksum: UInt64 = 0

    init(first: Int64, last: Int64?, file: OpenFile, offset: Int64) {
        self.first = first
        self.last = last
        self.file = file
        self.offset = offset
    }

    /// Returns an operation that fetches the missing bytes, or `nil` if the partial response cannot be used.
    func operation(_ operation: Operation, after partial: HTTPPartialResponse) -> Operation? {
        guard partial.bodyLength > 0, !(partial.headers["x-oss-request-id"] ?? "").isEmpty,
            let eTag = partial.headers["ETag"], eTag.hasPrefix("\""),
            let partialChecksum = partial.bodyChecksum
        else { return nil }
        var next = self
        if partial.status == 206 {
            guard let range = partial.headers.contentRange,
                range.first == first + received
            else { return nil }
            // The range of the response is shorter if the object ends before the requested range.
            next.last = range.last
        }
        // All bytes may have arrived although the response has not ended.
        if let last = next.last, first + received + partial.bodyLength > last { return nil }
        next.received += partial.bodyLength
        next.checksum = CRC64.combine(checksum, partialChecksum, secondLength: UInt64(partial.bodyLength))
        var operation = operation
        operation.resumption = next
        let range: ByteRangeHeader =
            next.last.map { .bounded(first: first + next.received, last: $0) } ?? .from(first + next.received)
        operation.headers["Range"] = range.headerValue
        // A presigned URL does not permit a header of the service that was not signed.
        if operation.url == nil { operation.headers["x-oss-range-behavior"] = "standard" }
        operation.headers["If-Match"] = eTag
        operation.destination = .file(file, offset: offset + next.received, status: 206)
        return operation
    }

    /// Returns the response, extended to include the bytes that arrived in earlier attempts.
    func completing(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.bodyChecksum = response.bodyChecksum.map {
            CRC64.combine(checksum, $0, secondLength: UInt64(response.bodyLength))
        }
        response.bodyLength += received
        if received > 0, var range = response.headers.contentRange {
            range.first = first
            response.headers["Content-Range"] = range.headerValue
        }
        return response
    }

    /// Returns an error if the response does not continue the bytes from earlier attempts; otherwise, `nil`.
    func problem(with response: HTTPResponse) -> OSSError? {
        guard received > 0 else { return nil }
        guard response.status == 206, let range = response.headers.contentRange,
            range.first == first + received, last.map({ range.last == $0 }) ?? (range.total == range.last + 1)
        else {
            let asked = ByteRangeHeader.bounded(first: first + received, last: last ?? .max)
            return response.wrongRange(asked: last == nil ? .from(first + received) : asked)
        }
        return nil
    }

    /// Returns the progress, including the bytes that arrived in earlier attempts.
    func completing(_ progress: HTTPProgress) -> HTTPProgress {
        HTTPProgress(bytesSent: progress.bytesSent, bytesReceived: received + progress.bytesReceived)
    }
}
