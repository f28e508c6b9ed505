import Foundation
import OSSPrimitives

/// The bytes of an object's content after its first range, received as one response while they are read.
struct ContentStream {
    private let content: ObjectContent
    private var response: HTTPResponseStream?
    /// Permit for the buffer of the response.
    private var memory: Permit?
    /// Whether the rest of the content is fetched in ranges.
    private var isUnsuitable = false

    init(_ content: ObjectContent) { self.content = content }

    /// Returns the bytes at a position, or `nil` if they must be fetched as a range.
    ///
    /// - Throws: ``OSSError`` or `CancellationError`. A lost connection is not an error: the bytes are then fetched as a
    ///   range, which retries, and the next call sends a new request.
    mutating func next(at position: Int64) async throws -> FetchedRange? {
        guard !isUnsuitable else { return nil }
        do {
            if response == nil { try await open(at: position) }
            guard let response, let chunk = try await response.next() else { return nil }
            return try content.range(chunk, at: position)
        } catch is UnreadBodyError {
            // Another response would be stopped again, after the service has sent more than is read.
            isUnsuitable = true
        } catch let error as HTTPTransportError {
            content.noteRetry(after: error)
        }
        (response, memory) = (nil, nil)
        return nil
    }

    private mutating func open(at position: Int64) async throws {
        let memory = content.memory(at: position)
        // A rest that fits into one range is fetched as one.
        guard Int64(memory.count) < content.length - position else { return }
        // The reader holds one half while the other is filled.
        response = try await content.stream(from: position, capacity: memory.count / 2)
        self.memory = memory
        isUnsuitable = response == nil
    }
}

extension ObjectContent {
    /// Fetches the range at a position, provided that the object has not changed since the first range was fetched.
    func range(at position: Int64) async throws -> FetchedRange {
        let eTag = try requiredETag
        let start = first.range.lowerBound + position
        let memory = memory(at: position)
        let end = start + Int64(memory.count)
        let next = try await get.read(
            .bounded(first: start, last: end - 1), memory, expecting: end - start, ifMatch: eTag)
        // Every response was compared with the ETag and the range of its request.
        guard next.objectSize == first.objectSize else {
            throw describe(
                OSSError(
                    .preconditionFailed, "the object changed while it was being read; read it again from the start"))
        }
        return next
    }
    fileprivate func stream(from position: Int64, capacity: Int) async throws -> HTTPResponseStream? {
        let start = first.range.lowerBound
        return try await get.stream(start + position..<start + length, capacity: capacity, ifMatch: requiredETag)
    }

    /// Returns a chunk of a response as a range of the object.
    fileprivate func range(_ chunk: HTTPResponseStream.Chunk, at position: Int64) throws -> FetchedRange {
        let start = first.range.lowerBound + position
        let count = Int64(chunk.bytes.count)
        guard count <= length - position else {
            throw get.reject(OSSError(.invalidResponse, "the response has more bytes than it announced; try again"))
        }
        return FetchedRange(
            range: start..<start + count, bytes: chunk.bytes, checksum: chunk.checksum, objectSize: first.objectSize,
            headers: first.headers)
    }

    fileprivate func memory(at position: Int64) -> Permit { get.memory(for: length - position) }

    fileprivate func noteRetry(after error: HTTPTransportError) {
        get.client.configuration.onRetry?(describe(OSSError(transport: error)))
    }

    private var requiredETag: String {
        get throws {
            guard let eTag = first.headers.eTag else {
                throw describe(
                    OSSError(
                        .invalidResponse,
                        "the response has no ETag, so the next range may come from a different version of the object; "
                            + "raise readRangeSize to read the object in one request"))
            }
            return eTag
        }
    }
}
