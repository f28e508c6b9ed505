import Foundation
import OSSPrimitives
import Synchronization

/// The bytes of an object as an asynchronous sequence of chunks, fetched only as fast as they are consumed.
///
/// At most one range of the object (``BucketConfiguration/readRangeSize``) is in memory at a time. It counts toward
/// ``BucketConfiguration/memoryBudget`` until the reader asks for the next chunk or releases the body and its iterator;
/// while many bodies are open, ranges are smaller, down to 64 KiB.
///
/// With ``LibcurlTransport``, the bytes after the first range are one response, received while it is read. If the reader
/// pauses for longer than a second with that much unread, or the connection is lost, the rest is fetched in ranges.
///
/// Every range after the first is fetched on the condition that the object has not changed: all chunks belong to the
/// same version of the object, or the sequence throws ``OSSError/Code/preconditionFailed``. Before the last chunk of an
/// entire object is returned, its CRC-64 is compared with that of the service; without a CRC-64, its MD5 is compared
/// with the ETag of a `Normal` object that is not encrypted.
///
/// The content can be iterated more than once. Content that fits into a single range is saved for this purpose; longer
/// content is fetched again, on the same condition.
public struct ObjectContent: AsyncSequence, Sendable {
    /// A chunk of bytes, which is never empty.
    public typealias Element = Data

    /// Length of the content, in bytes.
    public let length: Int64

    /// The first fetched range, except for its bytes.
    let first: FetchedRange
    private let firstBytes: FirstRange
    let get: RangedGet

    init(length: Int64, first: FetchedRange, get: RangedGet) {
        self.length = length
        self.get = get
        firstBytes = FirstRange(first, isEntireContent: first.bytes.count == length)
        var first = first
        (first.bytes, first.memory) = (Data(), nil)
        self.first = first
    }

    /// Creates an iterator that starts at the first byte.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(content: self) }

    /// Reads all bytes into memory.
    ///
    /// - Parameter limit: Maximum number of bytes to accept. Default: 64 MiB.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/bodyTooLarge``, before anything else is fetched, if the content is
    ///   longer than the limit.
    public func collect(upTo limit: Int = 64 << 20) async throws -> Data {
        guard length <= limit else {
            throw get.describe(
                OSSError(
                    .bodyTooLarge,
                    "the content has \(length) bytes, more than the limit of \(limit); iterate over the body, download "
                        + "it to a file, or raise the limit"))
        }
        var collected = Data()
        for try await chunk in self {
            if collected.isEmpty { collected = chunk } else { collected.append(chunk) }
        }
        return collected
    }

    /// Reads all bytes into memory as UTF-8 text.
    ///
    /// - Parameter limit: Maximum number of bytes to accept. Default: 64 MiB.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/bodyTooLarge`` if the content is longer than the limit, or
    ///   ``OSSError/Code/invalidResponse`` if it is not UTF-8.
    public func text(upTo limit: Int = 64 << 20) async throws -> String {
        guard let text = String(validating: try await collect(upTo: limit), as: UTF8.self) else {
            throw describe(OSSError(.invalidResponse, "the object is not valid UTF-8 text; read it as bytes instead"))
        }
        return text
    }

    func describe(_ error: OSSError) -> OSSError { get.describe(error) }

    /// An iterator over the chunks of the content.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let content: ObjectContent
        private var position: Int64 = 0
        private var checksum = ChecksumChain()
        /// Permit for the memory of the last chunk, held until the next chunk is requested.
        private var held: Permit?
        private var stream: ContentStream
        /// MD5 of the bytes returned so far, computed only if no CRC-64 is available for comparison.
        private var md5: MD5?

        init(content: ObjectContent) {
            self.content = content
            stream = ContentStream(content)
            let headers = content.first.headers
            if headers.objectChecksum == nil, headers.contentMD5 != nil, content.first.isEntireObject(content.length) {
                md5 = MD5()
            }
        }

        /// Returns the next chunk, or `nil` after the last one.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`.
        public mutating func next() async throws -> Data? {
            held = nil
            guard position < content.length else { return nil }
            try Task.checkCancellation()
            let fetched: FetchedRange
            if position == 0, let first = content.firstBytes.take() {
                fetched = first
            } else if let chunk = try await stream.next(at: position) {
                fetched = chunk
            } else {
                fetched = try await content.range(at: position)
            }
            held = fetched.memory
            position += Int64(fetched.bytes.count)
            checksum.append(fetched.checksum, length: Int64(fetched.bytes.count))
            fetched.bytes.withUnsafeBytes { md5?.update($0) }
            if position == content.length, content.first.isEntireObject(position) { try verify() }
            return fetched.bytes
        }

        private mutating func verify() throws(OSSError) {
            let headers = content.first.headers
            let problem: String
            if let digest = md5?.finalize(), let stated = headers.contentMD5,
                case let found = Hexadecimal.uppercase(digest), found != stated
            {
                problem = "the bytes read have MD5 \(found), but the object has ETag \(stated)"
            } else if let stated = headers.objectChecksum, stated != checksum.value {
                problem = "the bytes read have CRC-64 \(checksum.value), but the object has CRC-64 \(stated)"
            } else {
                return
            }
            throw content.get.reject(OSSError(.checksumMismatch, problem))
        }
    }
}

/// A box for the range that arrived with the response headers. An open body holds the range until it is read.
private final class FirstRange: Sendable {
    private let range: Mutex<FetchedRange?>
    private let isEntireContent: Bool

    init(_ range: FetchedRange, isEntireContent: Bool) {
        self.range = Mutex(range)
        self.isEntireContent = isEntireContent
    }

    /// Returns the range, or `nil` if it has already been taken. A range that is the entire content can be taken
    /// repeatedly.
    func take() -> FetchedRange? {
        range.withLock { range in
            defer { if !isEntireContent { range = nil } }
            return range
        }
    }
}

extension RangedGet {
    /// Fetches the first range of the content.
    func readFirst(_ range: ByteRange) async throws -> FetchedRange {
        switch range.extent {
        case .offsets(let first, let last):
            let memory = memory(for: last.map { $0 - first }.map { $0 == .max ? $0 : $0 + 1 } ?? .max)
            let end = first.addingReportingOverflow(Int64(memory.count) - 1)
            let rangeEnd = end.overflow ? Int64.max : end.partialValue
            // The size of an object that is read to its end is not known: the object may be smaller than the range.
            return try await read(
                .bounded(first: first, last: rangeEnd), memory, expecting: last == nil ? 0 : rangeEnd - first + 1)
        case .suffix(let count):
            let memory = memory(for: count)
            if memory.count == count { return try await read(.suffix(count), memory, expecting: count) }
            // The start of the suffix depends on the object's size, which the response to a request for one byte
            // reports.
            let probe = try await read(.suffix(1), self.memory(for: 1))
            let first = max(0, probe.objectSize - count)
            let length = Int64(memory.count)
            return try await read(
                .bounded(first: first, last: first + length - 1), memory, expecting: length,
                ifMatch: probe.headers.eTag)
        }
    }

    /// Returns, without waiting, a memory permit for as many bytes of a range as the available memory allows.
    func memory(for bytes: Int64) -> Permit {
        client.readMemory.reserveRange(upTo: Int(min(bytes, Int64(client.configuration.readRangeSize))))
    }
}
