import Foundation
import OSSPrimitives
import Synchronization

/// The bytes of an object as a sequence of chunks, fetched as fast as they are consumed and no faster.
///
/// Only a window of the object (``BucketConfiguration/readWindow``) is in memory at a time, however large it is and
/// however slow the reader. It counts in ``BucketConfiguration/memoryBudget`` until the reader asks for the next one or lets
/// go of the body and its iterator; where many bodies are open, windows are smaller, down to 64 KiB.
/// Every window after the first is fetched on the condition that the object is still the same: what is read is one version of
/// it, or ``OSSError/Code/preconditionFailed``. When the last byte of a whole object has been handed out, its CRC-64 has been
/// compared with the service's; without one, its MD5 with the ETag of a `Normal` object that is not encrypted.
///
/// It can be looped over more than once. A body of a single window is kept for that; of a longer one everything is fetched
/// again, on the same condition.
public struct ObjectContent: AsyncSequence, Sendable {
    /// A chunk of bytes, never empty.
    public typealias Element = Data

    /// How many bytes there are in all.
    public let length: Int64

    /// The first window without its bytes: the object, and the offset at which the content begins.
    let object: ObjectWindow
    let reader: ObjectReader
    private let first: FirstWindow

    init(length: Int64, first: ObjectWindow, reader: ObjectReader) {
        self.length = length
        self.reader = reader
        object = first.withoutBytes
        self.first = FirstWindow(first, isEverything: first.bytes.count == length)
    }

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
        /// The memory of the window that was handed out last, which counts until the next one is asked for.
        private var held: Permit?
        /// Computed only where there is no CRC-64 to compare.
        private var md5: MD5?

        init(content: ObjectContent) {
            self.content = content
            if content.object.stated == nil, content.object.statedMD5 != nil, content.object.isWhole(content.length) {
                md5 = MD5()
            }
        }

        /// The next chunk, or `nil` after the last.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`.
        public mutating func next() async throws -> Data? {
            held = nil
            guard position < content.length else { return nil }
            try Task.checkCancellation()
            let window: ObjectWindow
            if position == 0, let first = content.first.take() {
                window = first
            } else {
                window = try await content.reader.window(at: position, of: content)
            }
            held = window.memory
            position += Int64(window.bytes.count)
            checksum.append(window.checksum, length: Int64(window.bytes.count))
            window.bytes.withUnsafeBytes { md5?.update($0) }
            guard position == content.length, content.object.isWhole(content.length) else { return window.bytes }
            if let digest = md5?.finalize(), let stated = content.object.statedMD5,
                case let found = Hexadecimal.uppercase(digest), found != stated
            {
                throw content.reader.describe(
                    OSSError(.checksumMismatch, "the bytes read have MD5 \(found), the object has ETag \(stated)"))
            }
            if let stated = content.object.stated, stated != checksum.value {
                throw content.reader.describe(
                    OSSError(
                        .checksumMismatch, "the bytes read have CRC-64 \(checksum.value), the object has \(stated)"))
            }
            return window.bytes
        }
    }
}

/// The window that came with the headers, until it is read. A body that is open and not read holds it.
private final class FirstWindow: Sendable {
    private let window: Mutex<ObjectWindow?>
    private let isEverything: Bool

    init(_ window: ObjectWindow, isEverything: Bool) {
        self.window = Mutex(window)
        self.isEverything = isEverything
    }

    /// The window, unless it was taken before. One that is the whole content can be taken again.
    func take() -> ObjectWindow? {
        window.withLock { window in
            defer { if !isEverything { window = nil } }
            return window
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
    /// Room for the bytes in the bucket's budget.
    var memory: Permit?

    var withoutBytes: ObjectWindow {
        var window = self
        (window.bytes, window.memory) = (Data(), nil)
        return window
    }

    /// The MD5 of the whole object, in upper-case hexadecimal, where there is no CRC-64 to compare.
    var statedMD5: String?

    /// Whether `length` bytes from this window's begin are the whole object, so that its checksum can be compared.
    func isWhole(_ length: Int64) -> Bool { offset == 0 && length == objectSize }
}
