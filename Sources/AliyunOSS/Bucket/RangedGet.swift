import Foundation
import OSSPrimitives

/// A range of an object as delivered by one response.
struct FetchedRange: Sendable {
    /// Offsets of the bytes in the object.
    var range: Range<Int64>
    /// The bytes, or empty data if they were written to a file.
    var bytes = Data()
    /// CRC-64 of the bytes.
    var checksum: UInt64
    /// Size of the entire object in bytes.
    var objectSize: Int64
    /// Headers of the response.
    var headers: HTTPHeaders
    /// Permit for the memory that the bytes occupy; `nil` if they are not in memory.
    var memory: Permit?

    /// Whether the ETag is strong and can therefore be used as a condition in later requests for other ranges.
    var hasStrongETag: Bool { headers["ETag"]?.hasPrefix("\"") ?? false }

    /// Returns whether `length` bytes from the start of this range are the entire object. If they are, its checksum can
    /// be compared.
    func isEntireObject(_ length: Int64) -> Bool { range.lowerBound == 0 && length == objectSize }

    func metadata(of key: ObjectKey) -> ObjectMetadata { ObjectMetadata(key, size: objectSize, headers: headers) }
}

/// A reader that sends the GetObject requests for one object. It fetches a range into memory or a file, or the entire
/// object into a file.
struct RangedGet: Sendable {
    let client: Client
    let key: ObjectKey
    let options: GetObjectOptions

    /// Fetches a range into memory.
    ///
    /// - Parameters:
    ///   - range: The range. If a server ignores the range and sends the entire object, the response is accepted up to
    ///     a moderate size.
    ///   - memory: Permit for the bytes. The returned value holds the permit, reduced to the number of bytes that
    ///     arrived.
    ///   - length: Expected number of bytes, or 0 if unknown.
    ///   - eTag: ETag that the object must have.
    func read(
        _ range: ByteRangeHeader, _ memory: Permit, expecting length: Int64 = 0, ifMatch eTag: String? = nil
    ) async throws -> FetchedRange {
        var operation = operation(for: range, ifMatch: eTag)
        operation.expectedResponseLength = length
        operation.destination = .memory(limit: client.configuration.readRangeSize + (4 << 20))
        let response = try await perform(operation, range)
        try await confirmLength(of: response, operation)
        var fetched = FetchedRange(response)
        if response.status != 206, response.bodyLength > 0 {
            guard let part = range.offsets(inObjectOf: response.bodyLength) else {
                throw describe(OSSError(.invalidRange, "the object has only \(response.bodyLength) bytes"))
            }
            if part.upperBound - part.lowerBound < response.bodyLength { fetched.cut(to: part) }
        }
        memory.shrink(to: fetched.bytes.count)
        fetched.memory = memory
        return fetched
    }

    /// Requests a range as one response that is read while it is being received.
    ///
    /// - Returns: The body, or `nil` if the transport cannot deliver it in this way, or the server ignores the range or
    ///   does not announce its length.
    func stream(_ range: Range<Int64>, capacity: Int, ifMatch eTag: String) async throws -> HTTPResponseStream? {
        // The bandwidth limit applies to each request, so it requires short ones.
        guard client.streaming != nil, client.bandwidth == nil else { return nil }
        let header = ByteRangeHeader.bounded(first: range.lowerBound, last: range.upperBound - 1)
        var operation = operation(for: header, ifMatch: eTag)
        operation.destination = .memory(limit: capacity)
        operation.streamCapacity = capacity
        do {
            let response = try await client.perform(operation)
            return response.status == 206 ? response.stream : nil
        } catch let error as OSSError where error.code == .bodyTooLarge {
            return nil
        }
    }

    /// Fetches a range and writes it at the same offset in a file. A truncated response is resumed where it stopped.
    ///
    /// - Parameters:
    ///   - range: Offsets of the bytes; the object may end before the last one.
    ///   - object: Object that an earlier range belongs to. A range of any other object is refused.
    ///   - isKnownToExist: Whether all bytes of the range are known to exist. If not, a bandwidth limit charges for the
    ///     bytes only after they arrive, which avoids waiting for bytes that may not exist.
    /// - Returns: The range, or `nil` if the service does not respond with a range.
    func download(
        _ range: Range<Int64>, of object: ObjectMetadata? = nil, isKnownToExist: Bool = true, into file: OpenFile,
        onProgress: @escaping @Sendable (HTTPProgress) -> Void
    ) async throws -> FetchedRange? {
        let header = ByteRangeHeader.bounded(first: range.lowerBound, last: range.upperBound - 1)
        var operation = operation(for: header, ifMatch: object?.eTag)
        operation.expectedResponseLength = isKnownToExist ? range.upperBound - range.lowerBound : 0
        operation.destination = .file(file, offset: range.lowerBound, status: 206)
        operation.resumption = RangeResumption(
            first: range.lowerBound, last: range.upperBound - 1, file: file, offset: range.lowerBound)
        operation.onProgress = onProgress
        let response: HTTPResponse
        do {
            response = try await perform(operation, header)
        } catch let error as OSSError
            where error.code == .bodyTooLarge && (error.underlying as? HTTPTransportError)?.status == 200
        {
            // The response is the entire object instead of a range, and exceeds the limit for an unexpected response.
            return nil
        }
        guard response.status == 206 || response.statedSize == 0 else { return nil }
        let fetched = FetchedRange(response)
        // Every response to a conditional request was compared with its ETag.
        if let object, object.size != fetched.objectSize {
            throw describe(OSSError(.preconditionFailed, "the object changed while it was being downloaded"))
        }
        return fetched
    }

    /// Fetches the entire object into a file in one request. A truncated response is resumed where it stopped.
    ///
    /// - Parameter expected: Object that a listing reported. A different object is refused.
    func downloadEntireObject(
        expected: ListedObject? = nil, into file: OpenFile, onProgress: @escaping @Sendable (HTTPProgress) -> Void
    ) async throws -> FetchedRange {
        var operation = operation
        operation.destination = .file(file, offset: 0, status: 200)
        operation.resumption = RangeResumption(first: 0, last: nil, file: file, offset: 0)
        operation.expectedResponseLength = expected?.size ?? 0
        operation.onProgress = onProgress
        operation.verify = { response in
            // The identity of the object is checked first: different bytes of a different object are not damage.
            guard let expected else { return response.checksumProblem }
            return expected.problem(size: response.statedSize ?? expected.size, eTag: response.headers.eTag ?? "")
                ?? response.lengthProblem(expected.size) ?? response.checksumProblem
        }
        let response = try await client.perform(operation)
        if expected == nil { try await confirmLength(of: response, operation) }
        return FetchedRange(
            range: 0..<response.bodyLength, checksum: response.receivedChecksum, objectSize: response.bodyLength,
            headers: response.headers)
    }

    func describe(_ error: OSSError) -> OSSError { client.describe(error, operation) }

    /// Handles a response that contained the wrong bytes. Closes the connections and returns the error with the
    /// request's details added.
    func reject(_ error: OSSError) -> OSSError { client.reject(error, operation) }

    private var operation: Operation {
        var operation = Operation("GetObject", .get, key: key)
        options.conditions.add(to: &operation.headers)
        operation.addQuery("versionId", ifPresent: options.versionID)
        options.responseHeaders.add(to: &operation)
        operation.wantsStoredEncoding = true
        operation.requiresETagOrChecksum = true
        return operation
    }

    private func operation(for range: ByteRangeHeader, ifMatch eTag: String?) -> Operation {
        var operation = operation
        operation.headers["Range"] = range.headerValue
        // Without this header the service sends the entire object when the range reaches beyond its end.
        operation.headers["x-oss-range-behavior"] = "standard"
        if let eTag { operation.headers["If-Match"] = "\"\(eTag)\"" }
        operation.verify = { response in
            let stated = response.headers.contentRange
            if response.status == 206 {
                guard let stated, let size = stated.total, stated.last - stated.first + 1 == response.bodyLength,
                    range.offsets(inObjectOf: size) == stated.first..<stated.last + 1
                else { return response.wrongRange(asked: range) }
            }
            // A range that is the entire object can be compared with its checksum immediately.
            let isEntireObject = response.status == 200 || stated?.total == response.bodyLength
            return isEntireObject ? response.checksumProblem : nil
        }
        return operation
    }

    /// Performs a request for a range. Because no range of an empty object can be satisfied, a HeadObject request
    /// checks after a refusal whether the object is empty; the response to that request is then returned instead.
    private func perform(_ operation: Operation, _ range: ByteRangeHeader) async throws -> HTTPResponse {
        do {
            return try await client.perform(operation)
        } catch let error as OSSError where error.code == .invalidRange && range.includesStart {
            let head = try await client.perform(operation.asHead)
            guard head.statedSize == 0 else { throw error }
            return head
        }
    }

    /// Verifies that a response without a length or checksum contains the entire object. Such a response looks complete
    /// even if its connection ended early. (HeadObject)
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/truncatedBody``.
    private func confirmLength(of response: HTTPResponse, _ operation: Operation) async throws {
        guard response.status == 200, response.statedSize == nil, response.headers.objectChecksum == nil else { return }
        var head = operation.asHead
        head.headers["If-Match"] = response.headers["ETag"]
        let stated = try await client.perform(head).statedSize
        if let problem = response.lengthProblem(stated) { throw describe(problem) }
    }
}

extension FetchedRange {
    /// Creates a range from a verified response. A response without a range contains the entire object.
    fileprivate init(_ response: HTTPResponse) {
        let stated = response.status == 206 ? response.headers.contentRange : nil
        let first = stated?.first ?? 0
        self.init(
            range: first..<first + response.bodyLength, bytes: response.body, checksum: response.receivedChecksum,
            objectSize: stated?.total ?? response.bodyLength, headers: response.headers)
    }

    /// Discards all bytes outside the given range of the object.
    fileprivate mutating func cut(to part: Range<Int64>) {
        let start = bytes.startIndex
        bytes = Data(bytes[start + Int(part.lowerBound)..<start + Int(part.upperBound)])
        checksum = CRC64.checksum(bytes)
        range = part
    }
}

extension HTTPResponse {
    /// Size of the entire object as reported by the headers, or `nil` if they do not report it.
    fileprivate var statedSize: Int64? {
        status == 206 ? headers.contentRange?.total : headers["Content-Length"].flatMap(Int64.init)
    }

    /// Returns an error if the length of the body differs from the size of the object; otherwise, `nil`.
    fileprivate func lengthProblem(_ size: Int64?) -> OSSError? {
        guard let size, bodyLength != size else { return nil }
        return OSSError(.truncatedBody, "received \(bodyLength) of \(size) bytes (status \(status))")
    }

    /// An error if the checksum of the body differs from the object's checksum; otherwise, `nil`.
    var checksumProblem: OSSError? {
        guard let stated = headers.objectChecksum, let bodyChecksum, stated != bodyChecksum else { return nil }
        return OSSError(
            .checksumMismatch, "the received bytes have CRC-64 \(bodyChecksum), but the object has \(stated)")
    }
}

extension ByteRangeHeader {
    /// Whether the range can include the start of an object. An empty object is then valid although it contains no
    /// bytes of the range.
    fileprivate var includesStart: Bool {
        switch self {
        case .bounded(let first, _), .from(let first): first == 0
        case .suffix: true
        }
    }

    /// Returns the offsets of the range in an object of the given size, or `nil` if the range lies outside the object.
    fileprivate func offsets(inObjectOf size: Int64) -> Range<Int64>? {
        switch self {
        case .bounded(let first, let last): first < size ? first..<min(last, size - 1) + 1 : nil
        case .from(let first): first < size ? first..<size : nil
        case .suffix(let count): max(0, size - count)..<size
        }
    }
}
