import AliyunOSS
import Foundation

/// The request line and the header fields of a received request.
struct RequestHead: Sendable {
    /// A way to determine where a request body ends.
    enum Framing: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    var method: String
    /// Request target, exactly as received.
    var target: String
    /// Path of the target, percent-encoded and not normalized.
    var path: [UInt8]
    /// Part of the target after the first `?`, percent-encoded.
    var query: [UInt8]
    /// Host without the port, from the target if it is absolute, or otherwise from the Host field.
    var host: String
    /// Authority as received, for use in `HostId`.
    var authority: String
    var headers: HTTPHeaders
    /// Lowercase names of the header fields whose values are read as Latin-1 because they are not valid UTF-8.
    var latin1Fields: Set<String> = []
    var framing: Framing
    var keepsAlive: Bool
    var expectsContinue: Bool

    /// Whether the request announces a body that its method does not use. The server does not wait for such a body,
    /// because some clients announce one but send none, and the service responds immediately.
    var announcesNeedlessBody: Bool {
        framing != .none && framing != .length(0) && ["GET", "HEAD", "DELETE", "OPTIONS"].contains(method)
    }

    /// Whether a browser sent the request to show the response as a document, in a tab or in a frame.
    var isNavigation: Bool {
        headers["Sec-Fetch-Mode"] == "navigate" || headers["Accept"]?.contains("text/html") ?? false
    }
}

/// An error for a request that is not valid HTTP/1.1.
struct MalformedRequest: Error, Equatable {
    var status: Int
    var reason: String
}

/// A parser for request heads from untrusted clients. It never traps.
enum HTTPRequestParser {
    /// Maximum head length in bytes, which matches the limit of the service's front end.
    static let maximumHeadLength = 64 * 1024

    /// Returns the length of the head including its blank line, or `nil` if the head is incomplete.
    ///
    /// - Parameter start: Number of bytes that have already been searched.
    static func headLength(in bytes: UnsafeRawBufferPointer, searchedFrom start: Int) -> Int? {
        var index = max(0, start - 3)
        guard let base = bytes.baseAddress else { return nil }
        while index + 3 < bytes.count, let found = memchr(base + index, 0x0D, bytes.count - index - 3) {
            let offset = UnsafeRawPointer(found) - base
            if bytes[offset + 1] == 0x0A, bytes[offset + 2] == 0x0D, bytes[offset + 3] == 0x0A { return offset + 4 }
            index = offset + 1
        }
        return nil
    }

    /// Parses a request head, which must end with its blank line.
    static func parse(_ bytes: UnsafeRawBufferPointer) throws(MalformedRequest) -> RequestHead {
        var lines = Lines(bytes: bytes)
        guard let requestLine = lines.next() else {
            throw MalformedRequest(status: 400, reason: "the request line is missing")
        }
        let parts = requestLine.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty, parts[0].allSatisfy(isTokenByte) else {
            throw MalformedRequest(status: 400, reason: "the request line is malformed")
        }
        let version = String(decoding: parts[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw MalformedRequest(
                status: version.hasPrefix("HTTP/") ? 505 : 400, reason: "the HTTP version is not supported")
        }
        guard parts[1].allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw MalformedRequest(status: 400, reason: "the request target contains control characters")
        }

        var headers = HTTPHeaders()
        var latin1Fields: Set<String> = []
        while let line = lines.next(), !line.isEmpty {
            guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex,
                line[..<colon].allSatisfy(isTokenByte), !line.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D })
            else { throw MalformedRequest(status: 400, reason: "a header line is malformed") }
            let (name, value) = (text(line[..<colon]), trimmed(line[(colon + 1)...]))
            if String(validating: value, as: UTF8.self) == nil { latin1Fields.insert(name.lowercased()) }
            headers.add(name, text(value))
        }
        var head = try head(
            method: text(parts[0]), target: parts[1], headers: headers, isVersion11: version == "HTTP/1.1")
        head.latin1Fields = latin1Fields
        return head
    }

    private static func head(
        method: String, target: Slice<UnsafeRawBufferPointer>, headers: HTTPHeaders, isVersion11: Bool
    ) throws(MalformedRequest) -> RequestHead {
        var origin = target
        var authority = headers["Host"] ?? ""
        if target.first != UInt8(ascii: "/"), let start = schemeLength(target) {
            origin = target.dropFirst(start)
            let end = origin.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? origin.endIndex
            authority = text(origin[..<end])
            origin = origin[end...]
        }
        let question = origin.firstIndex(of: UInt8(ascii: "?")) ?? origin.endIndex
        let connection = headers["Connection"]?.lowercased() ?? ""
        return RequestHead(
            method: method, target: text(target), path: Array(origin[..<question]),
            query: Array(origin[question...].dropFirst()), host: host(of: authority), authority: authority,
            headers: headers, framing: try framing(headers),
            keepsAlive: isVersion11 ? !connection.contains("close") : connection.contains("keep-alive"),
            expectsContinue: isVersion11 && headers["Expect"]?.lowercased() == "100-continue")
    }

    private static func framing(_ headers: HTTPHeaders) throws(MalformedRequest) -> RequestHead.Framing {
        var length: Int?
        var isChunked = false
        for field in headers {
            switch field.name.lowercased() {
            case "content-length":
                // `Int` would also accept a sign. Request smuggling uses two different lengths.
                guard let value = Int(field.value), field.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                    length == nil || length == value
                else { throw MalformedRequest(status: 400, reason: "Content-Length is malformed") }
                length = value
            case "transfer-encoding":
                guard field.value.lowercased() == "chunked", !isChunked else {
                    throw MalformedRequest(status: 501, reason: "the transfer encoding is not supported")
                }
                isChunked = true
            default: break
            }
        }
        if isChunked, length != nil {
            throw MalformedRequest(status: 400, reason: "Content-Length and Transfer-Encoding are both present")
        }
        return isChunked ? .chunked : length.map { .length($0) } ?? .none
    }

    private static func schemeLength(_ target: Slice<UnsafeRawBufferPointer>) -> Int? {
        for scheme in ["http://", "https://"] where target.starts(with: scheme.utf8) { return scheme.utf8.count }
        return nil
    }

    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[...end]).lowercased()
        }
        return (authority.firstIndex(of: ":").map { String(authority[..<$0]) } ?? authority).lowercased()
    }

    /// Decodes header bytes as UTF-8, or as Latin-1 if they are not valid UTF-8. Some clients send Latin-1.
    private static func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        String(validating: bytes, as: UTF8.self)
            ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    private static func trimmed(_ line: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = line.firstIndex { !isBlank($0) } ?? line.endIndex
        let end = line.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return line[start..<end]
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }

    /// The lines of a head, without CR LF. A lone LF remains in its line and makes it malformed.
    private struct Lines {
        let bytes: UnsafeRawBufferPointer
        var position = 0

        mutating func next() -> Slice<UnsafeRawBufferPointer>? {
            var index = position
            while index + 1 < bytes.count {
                if bytes[index] == 0x0D, bytes[index + 1] == 0x0A {
                    defer { position = index + 2 }
                    return bytes[position..<index]
                }
                index += 1
            }
            return nil
        }
    }
}
