import Foundation
import OSSPrimitives

/// A writer that sends responses. The head and a small body are sent in one packet, and stored bytes are sent without
/// being copied.
struct ResponseWriter {
    let socket: Socket

    /// A plan for sending a body, with the changes that faults require.
    struct BodyPlan {
        var corruptedOffset: Int?
        var stall: (after: Int, duration: Duration)?
        var bytesPerSecond: Int?
        var truncation: (after: Int, closing: MockFault.Closing)?
        var form: Form?

        /// Returns the number of body bytes to send.
        func length(of count: Int) -> Int { min(truncation?.after ?? count, count) }
    }

    static let chunkLength = 256 * 1024
    private static let lastLength = 64 * 1024

    /// Sends a response.
    ///
    /// - Parameter beforeEnd: A closure called before the last bytes are sent, after which the peer can detect the end
    ///   of the response.
    /// - Throws: ``SocketClosed`` with the number of body bytes sent.
    func write(
        _ response: ServiceResponse, requestID: String, elapsed: Duration, isHead: Bool, keepsAlive: Bool,
        plan: BodyPlan, now: Date, beforeEnd: () -> Void = {}
    ) throws {
        let hasBody = !isHead && response.status != 204 && response.status != 304
        let head = head(
            response, requestID: requestID, elapsed: elapsed, keepsAlive: keepsAlive,
            isChunked: hasBody && plan.form?.isChunked ?? false, hasLength: !isHead || !response.isChunked, now: now)
        if let form = plan.form {
            var body = hasBody ? response.bodyBytes : []
            if let offset = plan.corruptedOffset, body.indices.contains(offset) { body[offset] ^= 0xFF }
            return try write(head, body, as: form, bytesPerSecond: plan.bytesPerSecond, beforeEnd: beforeEnd)
        }
        switch response.body {
        case .data(let data) where hasBody:
            try data.withUnsafeBytes { body in try send(head, [body], plan, beforeEnd) }
        case .bytes(let bytes, let range) where hasBody:
            try bytes.withRuns(in: range) { runs in try send(head, runs, plan, beforeEnd) }
        default:
            beforeEnd()
            try write(raw: head)
        }
    }

    private func head(
        _ response: ServiceResponse, requestID: String, elapsed: Duration, keepsAlive: Bool, isChunked: Bool,
        hasLength: Bool, now: Date
    ) -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(768)
        head += "HTTP/1.1 \(response.status) \(Self.reason(response.status))\r\n".utf8
        // Text from documents is validated before it becomes a header. Even if that validation failed, it could not
        // start a new header.
        func append(_ name: String, _ value: String) {
            let field = "\(name): \(value)".utf8
            if field.contains(where: { $0 == 0x0D || $0 == 0x0A }) {
                head += field.filter { $0 != 0x0D && $0 != 0x0A }
            } else {
                head += field
            }
            head += "\r\n".utf8
        }
        func add(_ name: String, _ value: String) {
            if !response.overriddenHeaders.isEmpty, response.overriddenHeaders.contains(name.lowercased()) { return }
            append(name, value)
        }
        add("Server", "AliyunOSS")
        add("Date", HTTPDate.string(from: now))
        add("Connection", keepsAlive ? "keep-alive" : "close")
        add("x-oss-request-id", requestID)
        let milliseconds = elapsed.components.seconds * 1000 + elapsed.components.attoseconds / 1_000_000_000_000_000
        add("x-oss-server-time", "\(milliseconds)")
        if isChunked {
            add("Transfer-Encoding", "chunked")
        } else if hasLength, response.status != 204, response.status != 304 {
            add("Content-Length", "\(response.announcedLength ?? response.bodyLength)")
        }
        for field in response.headers { append(field.name, field.value) }
        head += "\r\n".utf8
        return head
    }

    /// Sends the given bytes unchanged.
    func write(raw bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { bytes in try socket.send([bytes]) }
    }

    private func send(
        _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ plan: BodyPlan, _ beforeEnd: () -> Void
    ) throws {
        let end = plan.length(of: body.reduce(0) { $0 + $1.count })
        let isPlain = plan.corruptedOffset == nil && plan.stall == nil && plan.bytesPerSecond == nil
        let first = isPlain ? end - (end > Self.chunkLength ? Self.lastLength : 0) : 0
        if first == end { beforeEnd() }
        do {
            try head.withUnsafeBytes { head in
                try socket.send([head] + Self.part(of: body, 0..<first))
            }
        } catch let error as SocketClosed {
            throw SocketClosed(sent: max(0, error.sent - head.count))
        }
        if isPlain, first < end {
            beforeEnd()
            do throws(SocketClosed) {
                try socket.send(Self.part(of: body, first..<end))
            } catch {
                throw SocketClosed(sent: first + error.sent)
            }
        } else if !isPlain {
            try sendChunks(body, upTo: end, plan, beforeEnd)
        }
    }

    private func sendChunks(
        _ body: [UnsafeRawBufferPointer], upTo end: Int, _ plan: BodyPlan, _ beforeEnd: () -> Void
    ) throws {
        var pace = plan.bytesPerSecond.map { Pace(bytesPerSecond: $0) }
        let chunkLength = min(pace?.chunkLength ?? Self.chunkLength, Self.chunkLength)
        var position = 0
        while position < end {
            var next = min(position + chunkLength, end)
            if let stall = plan.stall {
                if position == stall.after { socket.pause(for: stall.duration) }
                if position < stall.after { next = min(next, stall.after) }
            }
            var chunk: [UInt8] = []
            chunk.reserveCapacity(next - position)
            for run in Self.part(of: body, position..<next) { chunk.append(contentsOf: run) }
            if let offset = plan.corruptedOffset, (position..<next).contains(offset) {
                chunk[offset - position] ^= 0xFF
            }
            if next == end { beforeEnd() }
            do {
                try write(raw: chunk)
            } catch let error as SocketClosed {
                throw SocketClosed(sent: position + error.sent)
            }
            if next < end, let delay = pace?.delay(after: next - position), delay > .zero { socket.pause(for: delay) }
            position = next
        }
    }

    private static func part(of runs: [UnsafeRawBufferPointer], _ range: Range<Int>) -> [UnsafeRawBufferPointer] {
        var selected: [UnsafeRawBufferPointer] = []
        var start = 0
        for run in runs {
            let overlap = range.clamped(to: start..<start + run.count)
            if !overlap.isEmpty {
                selected.append(
                    UnsafeRawBufferPointer(rebasing: run[overlap.lowerBound - start..<overlap.upperBound - start]))
            }
            start += run.count
        }
        return selected
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Payload Too Large"
        case 416: "Requested Range Not Satisfiable"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}

extension ResponseWriter {
    /// A way in which a fault requires a response to be sent, such as in chunks.
    enum Form {
        case dripHead(Duration)
        case dripSpaces(count: Int, every: Duration)
        case chunked(ends: Bool)
        case endless
        case extraBytes([UInt8])

        /// Whether the body is sent in chunks, without a `Content-Length` header.
        var isChunked: Bool {
            switch self {
            case .dripSpaces, .chunked, .endless: true
            case .dripHead, .extraBytes: false
            }
        }

        /// Whether the connection can serve another request after the response.
        var keepsAlive: Bool {
            switch self {
            case .dripHead, .dripSpaces, .extraBytes, .chunked(ends: true): true
            case .endless, .chunked(ends: false): false
            }
        }
    }

    /// Sends a response in the way that a fault requires.
    func write(
        _ head: [UInt8], _ body: [UInt8], as form: Form, bytesPerSecond: Int?, beforeEnd: () -> Void
    ) throws {
        func send(_ bytes: [UInt8]) throws {
            guard let bytesPerSecond else { return try write(raw: bytes) }
            var pace = Pace(bytesPerSecond: bytesPerSecond)
            let length = min(pace.chunkLength, Self.chunkLength)
            for start in stride(from: 0, to: bytes.count, by: length) {
                let chunk = Array(bytes[start...].prefix(length))
                try write(raw: chunk)
                let delay = pace.delay(after: chunk.count)
                if delay > .zero { socket.pause(for: delay) }
            }
        }
        switch form {
        case .dripHead(let pause):
            for byte in head {
                try write(raw: [byte])
                socket.pause(for: pause)
            }
            beforeEnd()
            try send(body)
        case .extraBytes(let extra):
            beforeEnd()
            try send(head + body + extra)
        case .chunked(let ends):
            beforeEnd()
            try send(head + Self.chunk(body) + (ends ? Self.lastChunk : []))
        case .dripSpaces(let count, let pause):
            try write(raw: head)
            for _ in 0..<count {
                try write(raw: Self.chunk([0x20]))
                socket.pause(for: pause)
            }
            beforeEnd()
            try send(Self.chunk(body) + Self.lastChunk)
        case .endless:
            beforeEnd()
            try send(head + Self.chunk(body))
            let zeros = Self.chunk([UInt8](repeating: 0, count: 64 * 1024))
            while true { try write(raw: zeros) }
        }
    }

    private static let lastChunk = Array("0\r\n\r\n".utf8)

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        return Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8)
    }
}
