import Foundation
import OSSPrimitives

/// The bytes of an object as a sequence of chunks, fetched as fast as they are consumed and no faster.
///
/// Only a window of the object (``BucketConfiguration/readWindow``) is in memory at a time, however large it is and
/// however slow the reader. Every window after the first is fetched on the condition that the object is still the same:
/// what is read is one version of it, or ``OSSError/Code/preconditionFailed``. When the last byte of a whole object has
/// been handed out, its CRC-64 has been compared with the service's.
///
/// It can be looped over more than once; the first window is kept, the others are fetched again.
public struct ObjectContent: AsyncSequence, Sendable {
    /// A chunk of bytes, never empty.
    public typealias Element = Data

    /// How many bytes there are in all.
    public let length: Int64

    let first: ObjectWindow
    let reader: ObjectReader

    /// Begins at the first byte.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(content: self) }

    /// Everything, in memory.
    ///
    /// - Parameter limit: the most bytes to accept. Default: 64 MiB.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/bodyTooLarge`` before anything more is fetched, if there are more.
    public func collect(upTo limit: Int = 64 << 20) async throws -> Data {
        guard length <= limit else {
            throw reader.describe(
                OSSError(
                    .bodyTooLarge,
                    "\(length) bytes are more than the \(limit) that may be collected: read the body "
                        + "as a sequence, download it to a file, or raise the limit"))
        }
        var collected = Data()
        for try await chunk in self {
            if collected.isEmpty { collected = chunk } else { collected.append(chunk) }
        }
        return collected
    }

    /// Everything, as UTF-8 text.
    ///
    /// - Parameter limit: the most bytes to accept. Default: 64 MiB.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/bodyTooLarge``, or ``OSSError/Code/invalidResponse`` when it is
    ///   not UTF-8.
    public func text(upTo limit: Int = 64 << 20) async throws -> String {
        guard let text = String(validating: try await collect(upTo: limit), as: UTF8.self) else {
            throw reader.describe(OSSError(.invalidResponse, "the object is not UTF-8 text: collect its bytes instead"))
        }
        return text
    }

    /// Hands out one window after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let content: ObjectContent
        private var position: Int64 = 0
        private var checksum = ChecksumChain()

        init(content: ObjectContent) { self.content = content }

        /// The next chunk, or `nil` after the last.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`.
        public mutating func next() async throws -> Data? {
            guard position < content.length else { return nil }
            let window: ObjectWindow
            if position == 0 {
                try Task.checkCancellation()
                window = content.first
            } else {
                window = try await content.reader.window(at: position, of: content)
            }
            position += Int64(window.bytes.count)
            checksum.append(window.checksum, length: Int64(window.bytes.count))
            if position == content.length, content.first.isWhole(content.length), let stated = content.first.stated,
                stated != checksum.value
            {
                throw content.reader.describe(
                    OSSError(
                        .checksumMismatch, "the bytes read have CRC-64 \(checksum.value), the object has \(stated)"))
            }
            return window.bytes
        }
    }
}

/// The CRC-64 of pieces that follow each other.
struct ChecksumChain: Sendable {
    private(set) var value: UInt64 = 0

    mutating func append(_ checksum: UInt64, length: Int64) {
        value = CRC64.combine(value, checksum, secondLength: UInt64(length))
    }
}

/// A piece of an object, as one request brought it.
struct ObjectWindow: Sendable {
    /// The offset in the object of the first byte.
    var offset: Int64
    var bytes: Data
    /// CRC-64 of these bytes, as the transport counted them.
    var checksum: UInt64
    /// The size of the whole object.
    var objectSize: Int64
    var eTag: String?
    /// CRC-64 of the whole object, as the service states it.
    var stated: UInt64?

    /// Whether `length` bytes from this window's begin are the whole object, so that its checksum can be compared.
    func isWhole(_ length: Int64) -> Bool { offset == 0 && length == objectSize }
}
