import Foundation
import OSSPrimitives

/// Fetches windows of one object.
struct ObjectReader: Sendable {
    let client: Client
    let key: ObjectKey
    let options: GetObjectOptions

    /// The window a body begins with, and the headers of its answer.
    func firstWindow(_ range: ByteRange) async throws -> (ObjectWindow, HTTPHeaders) {
        let size = Int64(client.configuration.readWindow)
        switch range.extent {
        case .offsets(let first, let last):
            let end = first.addingReportingOverflow(size - 1)
            let windowEnd = min(end.overflow ? Int64.max : end.partialValue, last ?? .max)
            // Of an object read to its end nobody knows whether it fills a window.
            return try await fetch(
                .bounded(first: first, last: windowEnd), expecting: last == nil ? 0 : windowEnd - first + 1)
        case .suffix(let count):
            if count <= size { return try await fetch(.suffix(count), expecting: count) }
            // Where the suffix begins depends on the object's size; the answer's range says what it was.
            let (probe, _) = try await fetch(.suffix(1))
            let first = max(0, probe.objectSize - count)
            return try await fetch(
                .bounded(first: first, last: first + size - 1), expecting: size, ifMatch: probe.eTag)
        }
    }

    /// The window at a position of a body, on the condition that the object is still the one of its first window.
    func window(at position: Int64, of content: ObjectContent) async throws -> ObjectWindow {
        guard content.first.eTag != nil else {
            throw describe(
                OSSError(
                    .invalidResponse,
                    "the answer has no ETag, so that nothing tells whether the next bytes are of the same object; "
                        + "raise readWindow to read it at once"))
        }
        let first = content.first.offset + position
        let end = content.first.offset + content.length
        let last = min(first + Int64(client.configuration.readWindow), end) - 1
        let (window, _) = try await fetch(
            .bounded(first: first, last: last), expecting: last - first + 1, ifMatch: content.first.eTag)
        guard window.offset == first, Int64(window.bytes.count) == last - first + 1,
            window.objectSize == content.first.objectSize, window.eTag == content.first.eTag
        else {
            throw describe(
                OSSError(
                    .preconditionFailed, "the object changed while it was being read; read it again from the start"))
        }
        return window
    }

    func describe(_ error: OSSError) -> OSSError { client.describe(error, operation) }

    private var operation: Operation {
        var operation = Operation("GetObject", .get, key: key)
        options.conditions.add(to: &operation.headers)
        operation.addQuery("versionId", ifPresent: options.versionID)
        operation.wantsStoredEncoding = true
        return operation
    }

    private func fetch(
        _ range: ByteRangeHeader, expecting length: Int64 = 0, ifMatch eTag: String? = nil
    ) async throws -> (ObjectWindow, HTTPHeaders) {
        var operation = operation
        operation.expectedReplyLength = length
        operation.headers["Range"] = range.headerValue
        // Without it the service answers a range that reaches beyond the end with the whole object.
        operation.headers["x-oss-range-behavior"] = "standard"
        if let eTag { operation.headers["If-Match"] = "\"\(eTag)\"" }
        // Room for a server that ignores ranges: a whole object of moderate size is then cut to what was asked for.
        operation.destination = .memory(limit: client.configuration.readWindow + (4 << 20))
        operation.verify = { response in
            guard response.status == 200 || response.isWholeObject else { return nil }
            return response.downloadProblem
        }
        let response: HTTPResponse
        do {
            // While it is on its way. Then it is its reader's. Of an unknown size the least: most objects are small.
            response = try await client.windowMemory.withReservation(of: max(Int(length), 64 << 10)) {
                try await client.perform(operation)
            }
        } catch let error as OSSError where error.code == .invalidRange && range.coversEmptyObject {
            return (try await emptyWindow(refusal: error))
        }
        return (try window(range, response), response.headers)
    }

    /// No range can be satisfied by an object without bytes: whether that is why, its HEAD tells.
    private func emptyWindow(refusal: OSSError) async throws -> (ObjectWindow, HTTPHeaders) {
        var head = operation
        head.name = "HeadObject"
        head.method = .head
        head.wantsStoredEncoding = false
        let response = try await client.perform(head)
        guard response.headers["Content-Length"] == "0" else { throw refusal }
        let window = ObjectWindow(
            offset: 0, bytes: Data(), checksum: 0, objectSize: 0, eTag: response.headers.eTag,
            stated: response.headers.objectChecksum)
        return (window, response.headers)
    }

    private func window(_ range: ByteRangeHeader, _ response: HTTPResponse) throws(OSSError) -> ObjectWindow {
        var window = ObjectWindow(
            offset: 0, bytes: response.body, checksum: response.bodyChecksum, objectSize: response.bodyLength,
            eTag: response.headers.eTag, stated: response.headers.objectChecksum)
        if response.status == 206 {
            guard let stated = response.headers["Content-Range"].flatMap(ContentRange.init), let size = stated.total,
                stated.last - stated.first + 1 == response.bodyLength, range.admits(stated)
            else {
                throw describe(OSSError(.invalidResponse, "the answer is not the range that was asked for"))
            }
            window.offset = stated.first
            window.objectSize = size
        } else if let part = range.offsets(inObjectOf: response.bodyLength) {
            if part.count < response.body.count {
                window.offset = Int64(part.lowerBound)
                window.bytes = Data(
                    response.body[
                        response.body.startIndex + part.lowerBound..<response.body.startIndex + part.upperBound])
                window.checksum = CRC64.checksum(window.bytes)
            }
        } else if response.bodyLength > 0 {
            throw describe(OSSError(.invalidRange, "the object has only \(response.bodyLength) bytes"))
        }
        return window
    }
}

extension HTTPResponse {
    /// Whether a partial answer happens to be the whole object, so that its checksum can be compared.
    fileprivate var isWholeObject: Bool {
        guard let range = headers["Content-Range"].flatMap(ContentRange.init) else { return false }
        return range.first == 0 && range.total == range.last + 1
    }

    /// Why the body of a whole object must not be believed.
    var downloadProblem: OSSError? {
        guard let stated = headers.objectChecksum, stated != bodyChecksum else { return nil }
        return OSSError(
            .checksumMismatch, "the bytes that arrived have CRC-64 \(bodyChecksum), the object has \(stated)")
    }
}

extension ByteRangeHeader {
    /// Whether the range asks for bytes from the start, or the last ones: what an empty object must answer with nothing.
    fileprivate var coversEmptyObject: Bool {
        switch self {
        case .bounded(let first, _), .from(let first): first == 0
        case .suffix: true
        }
    }

    /// Whether an answer with this content range is an answer to this range.
    fileprivate func admits(_ content: ContentRange) -> Bool {
        switch self {
        case .bounded(let first, let last): content.first == first && content.last <= last
        case .from(let first): content.first == first
        case .suffix: content.total == content.last + 1
        }
    }

    /// The offsets the range means in an object of a given size; `nil` when it lies outside.
    fileprivate func offsets(inObjectOf size: Int64) -> Range<Int>? {
        switch self {
        case .bounded(let first, let last): first < size ? Int(first)..<Int(min(last, size - 1) + 1) : nil
        case .from(let first): first < size ? Int(first)..<Int(size) : nil
        case .suffix(let count): Int(max(0, size - count))..<Int(size)
        }
    }
}
