import Foundation
import OSSPrimitives

/// A reader for the requests on a connection. Request heads pass through a buffer, but large bodies bypass it.
struct ConnectionReader: ~Copyable {
    enum Failure: Error {
        case malformed(MalformedRequest)
        case closed
        /// The peer closed the connection in the middle of a body.
        case incomplete
        /// The number of body bytes read has reached the limit set by a fault.
        case limitReached
    }

    private static let initialLength = 16 * 1024
    private static let receiveLength = 256 * 1024
    private static let maximumLineLength = 8192
    private static let wrongChunking = Failure.malformed(
        MalformedRequest(status: 400, reason: "the chunked body is malformed"))
    private static let overlongBody = Failure.malformed(
        MalformedRequest(status: 413, reason: "the body is too long"))
    private static let exhausted = Failure.malformed(
        MalformedRequest(status: 503, reason: "not enough memory for the body"))
    private static let overlongHead = Failure.malformed(
        MalformedRequest(status: 431, reason: "the request head is too long"))

    private let socket: Socket
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: initialLength, alignment: 16)
    private var start = 0
    private var end = 0

    init(socket: Socket) {
        self.socket = socket
    }

    deinit {
        buffer.deallocate()
    }

    /// Reads the next request head, or returns `nil` if the peer has closed the connection.
    mutating func readHead() throws(Failure) -> RequestHead? {
        compact()
        shrink()
        var searched = 0
        while true {
            skipLeadingLineBreaks()
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
            if let length = HTTPRequestParser.headLength(in: bytes, searchedFrom: searched) {
                guard length <= HTTPRequestParser.maximumHeadLength else { throw Self.overlongHead }
                start += length
                do throws(MalformedRequest) {
                    return try HTTPRequestParser.parse(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
                } catch {
                    throw .malformed(error)
                }
            }
            // The first byte of a TLS handshake. The client would wait for a response and never complete a line.
            if bytes.first == 0x16 {
                throw .malformed(
                    MalformedRequest(status: 400, reason: "this is a TLS handshake; the server supports only http://"))
            }
            searched = bytes.count
            if bytes.count >= HTTPRequestParser.maximumHeadLength { throw Self.overlongHead }
            if try fill() == 0 {
                if start == end { return nil }
                throw .closed
            }
        }
    }

    /// Reads a body into a sink.
    ///
    /// - Parameter limit: Number of bytes after which ``Failure/limitReached`` is thrown.
    mutating func readBody(
        _ framing: RequestHead.Framing, maximum: Int, limit: Int?, into sink: inout BodySink
    ) throws(Failure) {
        switch framing {
        case .none:
            if limit != nil { throw .limitReached }
        case .length(let length):
            guard length <= maximum else { throw Self.overlongBody }
            try copy(min(length, limit ?? length), into: &sink)
            if limit != nil { throw .limitReached }
        case .chunked:
            try readChunks(maximum: maximum, limit: limit, into: &sink)
        }
    }

    private mutating func readChunks(maximum: Int, limit: Int?, into sink: inout BodySink) throws(Failure) {
        while true {
            guard let length = Self.chunkLength(try readLine()) else { throw Self.wrongChunking }
            if length == 0 { break }
            guard length <= maximum - sink.count else {
                throw Self.overlongBody
            }
            let allowed = limit.map { max(0, $0 - sink.count) } ?? length
            try copy(min(length, allowed), into: &sink)
            if let limit, sink.count >= limit { throw .limitReached }
            guard try readLine().isEmpty else { throw Self.wrongChunking }
        }
        // Trailers are ignored, up to a maximum length.
        var left = HTTPRequestParser.maximumHeadLength
        while true {
            let trailer = try readLine()
            if trailer.isEmpty { break }
            left -= trailer.count + 2
            if left < 0 { throw Self.overlongHead }
        }
        if limit != nil { throw .limitReached }
    }

    /// Parses the length of a chunk, or returns `nil` if the length is invalid. The length consists of hexadecimal
    /// digits, optionally followed by an extension after `;`. `Int` would also accept a sign, and therefore `-0` as the
    /// end of the body.
    private static func chunkLength(_ line: [UInt8]) -> Int? {
        let digits = line.prefix { Character(Unicode.Scalar($0)).isHexDigit }
        let rest = line[digits.count...].drop { $0 == 0x20 || $0 == 0x09 }
        guard !digits.isEmpty, digits.count <= 15, rest.first ?? UInt8(ascii: ";") == UInt8(ascii: ";") else {
            return nil
        }
        return Int(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private mutating func copy(_ length: Int, into sink: inout BodySink) throws(Failure) {
        var left = length
        let buffered = min(left, end - start)
        if buffered > 0 {
            sink.append(UnsafeRawBufferPointer(rebasing: buffer[start..<start + buffered]))
            if sink.isExhausted { throw Self.exhausted }
            start += buffered
            left -= buffered
            keepPace(buffered, &sink)
        }
        while left > 0 {
            // The fields of a form can set the pace.
            let chunkLength = min(sink.pace?.chunkLength ?? Self.receiveLength, Self.receiveLength)
            let space = sink.space(atMost: min(left, chunkLength), announced: left)
            if sink.isExhausted { throw Self.exhausted }
            let count: Int
            do throws(SocketClosed) { count = try socket.receive(into: space) } catch { throw .closed }
            guard count > 0 else { throw .incomplete }
            sink.advance(by: count)
            if sink.isExhausted { throw Self.exhausted }
            left -= count
            keepPace(count, &sink)
        }
    }

    /// Waits as long as the body's rate limit requires.
    private func keepPace(_ count: Int, _ sink: inout BodySink) {
        guard let delay = sink.pace?.delay(after: count), delay > .zero else { return }
        socket.pause(for: delay)
    }

    /// Reads a line of at most 8 KiB, without its CR LF.
    private mutating func readLine() throws(Failure) -> [UInt8] {
        while true {
            let searched = buffer[start..<min(end, start + Self.maximumLineLength)]
            if let feed = searched.firstIndex(of: 0x0A) {
                // Request smuggling exploits implementations that disagree on whether a lone LF ends a line.
                guard feed > start, buffer[feed - 1] == 0x0D else { throw Self.wrongChunking }
                defer { start = feed + 1 }
                return Array(buffer[start..<feed - 1])
            }
            guard searched.count < Self.maximumLineLength else { throw Self.wrongChunking }
            compact()
            if try fill() == 0 { throw .incomplete }
        }
    }

    private mutating func skipLeadingLineBreaks() {
        while start < end, buffer[start] == 0x0D || buffer[start] == 0x0A { start += 1 }
    }

    private mutating func compact() {
        guard start > 0, let base = buffer.baseAddress else { return }
        memmove(base, base + start, end - start)
        (start, end) = (0, end - start)
    }

    /// Shrinks the buffer after a long head has been read. Most connections are idle most of the time.
    private mutating func shrink() {
        guard buffer.count > Self.initialLength, end <= Self.initialLength else { return }
        let smaller = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.initialLength, alignment: 16)
        smaller.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<end]))
        buffer.deallocate()
        buffer = smaller
    }

    private mutating func fill() throws(Failure) -> Int {
        if end == buffer.count {
            if start > 0 {
                compact()
            } else {
                let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
                larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<end]))
                buffer.deallocate()
                buffer = larger
            }
        }
        do throws(SocketClosed) {
            let count = try socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
            end += count
            return count
        } catch {
            throw .closed
        }
    }
}

/// A destination for a request body, such as storage or a form parser. Without either, the body is discarded. Digests
/// of stored bytes are computed while the bytes are still in the CPU cache.
struct BodySink: ~Copyable {
    private var storage = ObjectBytesBuilder()
    private var md5 = MD5()
    private var checksum = CRC64()
    private let isDigested: Bool
    private let computesMD5: Bool
    private let isStored: Bool
    private var discarded = 0
    private var scratch: UnsafeMutableRawBufferPointer?
    private var form: FormParser?
    /// Rate limit for the body, or `nil` if there is none.
    var pace: Pace?

    /// Creates a sink that parses a form.
    init(form: FormParser) {
        self.init(isStored: false, isDigested: false)
        self.form = form
    }

    init(isStored: Bool, isDigested: Bool, computesMD5: Bool = true) {
        self.isStored = isStored
        self.isDigested = isStored && isDigested
        self.computesMD5 = isStored && isDigested && computesMD5
    }

    deinit {
        scratch?.deallocate()
    }

    var count: Int { isStored ? storage.count : discarded }

    /// Whether the server ran out of memory for the body.
    var isExhausted: Bool { storage.isExhausted || form?.isExhausted == true }

    mutating func space(atMost limit: Int, announced: Int) -> UnsafeMutableRawBufferPointer {
        if isStored { return storage.space(atMost: limit, announced: announced) }
        let scratch = scratch ?? UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        self.scratch = scratch
        return UnsafeMutableRawBufferPointer(rebasing: scratch.prefix(limit))
    }

    mutating func advance(by length: Int) {
        guard isStored else {
            if let form, let scratch {
                form.append(UnsafeRawBufferPointer(rebasing: scratch.prefix(length)))
                pace = pace ?? form.pace
            }
            return discarded += length
        }
        storage.advance(by: length)
        digest(length)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard isStored else {
            form?.append(bytes)
            pace = pace ?? form?.pace
            return discarded += bytes.count
        }
        storage.append(bytes)
        if !storage.isExhausted { digest(bytes.count) }
    }

    private mutating func digest(_ length: Int) {
        guard isDigested else { return }
        storage.withLast(length) { bytes in
            if computesMD5 { md5.update(bytes) }
            checksum.update(bytes)
        }
    }

    consuming func finish() -> ReceivedBody {
        if let form { return form.finish() }
        let digest = computesMD5 ? md5.finalize() : nil
        let value = checksum.value
        var taken = ObjectBytesBuilder()
        swap(&taken, &storage)
        return ReceivedBody(bytes: taken.finish(), md5: digest, checksum: value)
    }
}
