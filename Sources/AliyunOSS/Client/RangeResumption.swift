import OSSPrimitives

/// How the bytes of a response that was cut off are made whole by asking for the rest, and not for all of it again.
///
/// Whatever came is in its place in the file already. The rest is asked for on the condition that the object is still the
/// one it came from.
struct RangeResumption: Sendable {
    /// The offset in the object of the first byte.
    var first: Int64
    /// The offset of the last byte; `nil` asks for everything to the end.
    var last: Int64?
    /// Where the first byte stands in the file.
    var file: OpenFile
    var offset: Int64
    /// How many bytes have come, in all attempts so far.
    private(set) var received: Int64 = 0
    /// CRC-64 of these bytes.
    private(set) var checksum: UInt64 = 0

    init(first: Int64, last: Int64?, file: OpenFile, offset: Int64) {
        self.first = first
        self.last = last
        self.file = file
        self.offset = offset
    }

    /// The operation that asks for the rest, or `nil` when what came is of no use.
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
            // Where the object ends before what was asked for, its end is the end.
            next.last = range.last
        }
        // The whole answer may already be there, and only its end be missing.
        if let last = next.last, first + received + partial.bodyLength > last { return nil }
        next.received += partial.bodyLength
        next.checksum = CRC64.combine(checksum, partialChecksum, secondLength: UInt64(partial.bodyLength))
        var operation = operation
        operation.resumption = next
        let range: ByteRangeHeader =
            next.last.map { .bounded(first: first + next.received, last: $0) } ?? .from(first + next.received)
        operation.headers["Range"] = range.headerValue
        operation.headers["x-oss-range-behavior"] = "standard"
        operation.headers["If-Match"] = eTag
        operation.destination = .file(file, offset: offset + next.received, status: 206)
        return operation
    }

    /// The response with what came before it.
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

    /// Why a response to the rest cannot be joined to what came before.
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

    /// The progress of an attempt with what came before it.
    func completing(_ progress: HTTPProgress) -> HTTPProgress {
        HTTPProgress(bytesSent: progress.bytesSent, bytesReceived: received + progress.bytesReceived)
    }
}
