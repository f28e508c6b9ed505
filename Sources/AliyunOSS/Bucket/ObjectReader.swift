import Foundation
import OSSPrimitives

/// Fetches windows of one object.
struct ObjectReader: Sendable {
    let client: Client
    let key: ObjectKey
    let options: GetObjectOptions

    /// The window a body begins with, and the headers of its answer.
    func firstWindow(_ range: ByteRange) async throws -> (ObjectWindow, HTTPHeaders) {
        switch range.extent {
        case .offsets(let first, let last):
            let memory = reserve(atMost: last.map { $0 - first }.map { $0 == .max ? $0 : $0 + 1 } ?? .max)
            let end = first.addingReportingOverflow(Int64(memory.count) - 1)
            let windowEnd = end.overflow ? Int64.max : end.partialValue
            // The size of an object that is read to its end is not known: it may not fill a window.
            return try await fetch(
                .bounded(first: first, last: windowEnd), memory, expecting: last == nil ? 0 : windowEnd - first + 1)
        case .suffix(let count):
            let memory = reserve(atMost: count)
            if memory.count == count { return try await fetch(.suffix(count), memory, expecting: count) }
            // Where the suffix begins depends on the object's size; the answer's range says what it was.
            let (probe, _) = try await fetch(.suffix(1), reserve(atMost: 1))
            let first = max(0, probe.objectSize - count)
            let length = Int64(memory.count)
            return try await fetch(
                .bounded(first: first, last: first + length - 1), memory, expecting: length, ifMatch: probe.eTag)
        }
    }

    /// The window at a position of a body, on the condition that the object is still the one of its first window.
    func window(at position: Int64, of content: ObjectContent) async throws -> ObjectWindow {
        guard content.object.eTag != nil else {
            throw describe(
                OSSError(
                    .invalidResponse,
                    "the response has no ETag, so that nothing tells whether the next bytes are of the same object; "
                        + "raise readWindow to read it at once"))
        }
        let first = content.object.offset + position
        let memory = reserve(atMost: content.length - position)
        let length = Int64(memory.count)
        let (window, _) = try await fetch(
            .bounded(first: first, last: first + length - 1), memory, expecting: length, ifMatch: content.object.eTag)
        guard window.offset == first, Int64(window.bytes.count) == length,
            window.objectSize == content.object.objectSize, window.eTag == content.object.eTag
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

    /// Takes room for a window of so many bytes, or of as many as there is room for.
    private func reserve(atMost bytes: Int64) -> Permit {
        client.windowMemory.reserveWindow(upTo: Int(min(bytes, Int64(client.configuration.readWindow))))
    }

    /// Fetches the bytes of a range.
    ///
    /// - Parameter memory: Room for them. It is held as long as the window is, reduced to what came.
    private func fetch(
        _ range: ByteRangeHeader, _ memory: Permit, expecting length: Int64 = 0, ifMatch eTag: String? = nil
    ) async throws -> (ObjectWindow, HTTPHeaders) {
        var operation = operation
        operation.expectedResponseLength = length
        operation.headers["Range"] = range.headerValue
        // Without it the service answers a range that reaches beyond the end with the whole object.
        operation.headers["x-oss-range-behavior"] = "standard"
        if let eTag { operation.headers["If-Match"] = "\"\(eTag)\"" }
        // Room for a server that ignores ranges: a whole object of moderate size is then cut to what was asked for.
        operation.destination = .memory(limit: client.configuration.readWindow + (4 << 20))
        operation.verify = { response in
            if response.status == 206 {
                guard let stated = response.headers["Content-Range"].flatMap(ContentRange.init), stated.total != nil,
                    stated.last - stated.first + 1 == response.bodyLength, range.admits(stated)
                else { return response.wrongRange(asked: range) }
            }
            guard response.status == 200 || response.isWholeObject else { return nil }
            return response.downloadProblem
        }
        let response: HTTPResponse
        do {
            response = try await client.perform(operation)
        } catch let error as OSSError where error.code == .invalidRange && range.coversEmptyObject {
            return (try await emptyWindow(refusal: error))
        }
        try await client.confirmLength(of: response, operation)
        var window = try window(range, response)
        memory.shrink(to: window.bytes.count)
        window.memory = memory
        return (window, response.headers)
    }

    /// No range can be satisfied by an object without bytes: whether that is why, its HEAD tells.
    private func emptyWindow(refusal: OSSError) async throws -> (ObjectWindow, HTTPHeaders) {
        let response = try await client.perform(operation.asHead)
        guard response.headers["Content-Length"] == "0" else { throw refusal }
        let window = ObjectWindow(
            offset: 0, bytes: Data(), checksum: 0, objectSize: 0, eTag: response.headers.eTag,
            stated: response.headers.objectChecksum)
        return (window, response.headers)
    }

    private func window(_ range: ByteRangeHeader, _ response: HTTPResponse) throws(OSSError) -> ObjectWindow {
        var window = ObjectWindow(
            offset: 0, bytes: response.body, checksum: response.receivedChecksum,
            objectSize: response.bodyLength,
            eTag: response.headers.eTag, stated: response.headers.objectChecksum)
        window.statedMD5 = response.headers.contentMD5
        if response.status == 206 {
            // The range has been compared when the response came.
            guard let stated = response.headers["Content-Range"].flatMap(ContentRange.init), let size = stated.total
            else {
                throw describe(response.wrongRange(asked: range))
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

    /// The size of the whole object as the headers state it, if they do.
    var statedSize: Int64? {
        status == 206
            ? headers["Content-Range"].flatMap(ContentRange.init)?.total : headers["Content-Length"].flatMap(Int64.init)
    }

    /// The reason why the body of a whole object is not as long as the object, if so.
    func lengthProblem(_ size: Int64?) -> OSSError? {
        guard let size, bodyLength != size else { return nil }
        return OSSError(.truncatedBody, "\(bodyLength) of \(size) bytes arrived (status \(status))")
    }

    /// Why the body of a whole object must not be believed.
    var downloadProblem: OSSError? {
        guard let stated = headers.objectChecksum, let bodyChecksum, stated != bodyChecksum else { return nil }
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
