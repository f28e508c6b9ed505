import Foundation
import OSSPrimitives

/// A receiver that counts and checksums a response body, and writes it to its destination.
///
/// Bytes for a file arrive in chunks of 16 KiB and are combined into large writes. The value belongs to one request and
/// is used by one thread at a time.
struct ResponseBodyWriter: ~Copyable {
    private enum Target {
        case memory(limit: Int)
        case file(OpenFile, offset: Int64)
    }

    private static let writeSize = 256 << 10
    private static let errorTextLimit = 1 << 20

    private let destination: HTTPDestination
    private var target: Target
    private var status: Int?
    private var gathered = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var gatheredCount = 0
    private var hasFailed = false

    /// The body, unless it is written to a file.
    private(set) var body = Data()
    /// The number of bytes received.
    private(set) var length: Int64 = 0
    /// The checksum of the bytes received.
    private(set) var checksum = CRC64()
    /// Whether all received bytes have been written to the destination file.
    private(set) var isInFile = false

    init(_ destination: HTTPDestination) {
        self.destination = destination
        target =
            switch destination {
            case .memory(let limit): .memory(limit: limit)
            case .file: .memory(limit: Self.errorTextLimit)
            }
    }

    deinit {
        gathered.deallocate()
    }

    /// Selects the target of the body according to the response's status, and prepares it for the announced length.
    mutating func open(status: Int, announced: Int64?) throws(HTTPTransportError) {
        self.status = status
        if case .file(let file, let offset, let expected) = destination, status == expected {
            target = .file(file, offset: offset)
            let size = min(announced ?? Int64.max, Int64(Self.writeSize))
            gathered = .allocate(byteCount: max(1, Int(size)), alignment: 16)
        } else if case .memory(let limit) = target, let announced {
            guard announced <= limit else { throw tooLarge(announced, limit) }
            // The announced length is not trusted: no more memory is reserved than for a typical part.
            body.reserveCapacity(Int(min(announced, 16 << 20)))
        }
    }

    /// Receives the next bytes of the body.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTPTransportError) {
        length += Int64(bytes.count)
        checksum.update(bytes)
        switch target {
        case .memory(let limit):
            guard length <= limit else { throw tooLarge(length, limit) }
            body.append(contentsOf: bytes)
        case .file: try gather(bytes)
        }
    }

    /// Writes the buffered bytes to the file.
    mutating func flush() throws(HTTPTransportError) {
        try write(UnsafeRawBufferPointer(rebasing: gathered[..<gatheredCount]))
    }

    /// Writes the remaining buffered bytes. Nothing is written after this call.
    mutating func finish() throws(HTTPTransportError) {
        try flush()
        if case .file = target { isInFile = !hasFailed }
    }

    private mutating func gather(_ bytes: UnsafeRawBufferPointer) throws(HTTPTransportError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, gathered.count - gatheredCount)
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
            UnsafeMutableRawBufferPointer(rebasing: gathered[gatheredCount...]).copyMemory(from: piece)
            gatheredCount += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if gatheredCount == gathered.count { try write(UnsafeRawBufferPointer(gathered)) }
        }
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(HTTPTransportError) {
        guard !bytes.isEmpty, case .file(let file, let offset) = target else { return }
        // The buffer is emptied first, so that bytes that could not be written are not written again at the end.
        gatheredCount = 0
        do throws(FileError) {
            try file.write(bytes, at: offset)
        } catch {
            hasFailed = true
            throw HTTPTransportError(.destinationWriteFailed, error.description, underlying: error)
        }
        target = .file(file, offset: offset + Int64(bytes.count))
    }

    private func tooLarge(_ size: Int64, _ limit: Int) -> HTTPTransportError {
        HTTPTransportError(
            .bodyTooLarge,
            "the response (status \(status ?? 0)) has at least \(size) bytes; at most \(limit) are accepted")
    }
}
