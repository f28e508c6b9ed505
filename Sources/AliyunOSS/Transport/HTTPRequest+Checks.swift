extension HTTPRequest {
    /// Returns the header fields to send, in which each name appears only once.
    ///
    /// - Throws: ``HTTPTransportError/Kind/invalidRequest`` if the request cannot be sent exactly as given.
    func checkedFields(userAgent: String) throws(HTTPTransportError) -> HTTPHeaders {
        if let problem = RequestAddress.problem(with: url) { throw HTTPTransportError(.invalidRequest, problem) }
        guard headers["Transfer-Encoding"] == nil else {
            throw HTTPTransportError(.invalidRequest, "the header Transfer-Encoding is reserved for the transport")
        }
        let length = body.length
        guard length >= 0 else { throw HTTPTransportError(.invalidRequest, "the length of the body is negative") }
        if let announced = headers["Content-Length"], announced != String(length) {
            throw HTTPTransportError(
                .invalidRequest, "Content-Length is \(announced), but the body has \(length) bytes")
        }
        if length > 0, method == .get || method == .head {
            throw HTTPTransportError(.invalidRequest, "a \(method.rawValue) request cannot have a body")
        }

        var fields = HTTPHeaders()
        fields.reserveCapacity(headers.count + 3)
        for field in headers {
            // Of duplicate names, only one arbitrary value would be sent.
            fields.join(field.name, field.value.trimmingBlanks)
        }
        fields["Accept-Encoding"] = "identity"
        if fields["User-Agent"] == nil { fields["User-Agent"] = userAgent }
        fields["Content-Length"] = length > 0 || method == .put || method == .post ? String(length) : nil
        if let name = fields.firstInvalidName {
            throw HTTPTransportError(
                .invalidRequest, "the header '\(name.filter { $0.isLetter || $0.isNumber || $0 == "-" })' is not valid")
        }
        return fields
    }
}

/// A check that a URL will reach the server exactly as written.
///
/// libcurl resolves `.` and `..` in a path (`/a/../b` becomes `/b`), and newer versions also `%2E`, so a request for
/// one object would return another. Such a URL is rejected; the slashes of such segments must be written as `%2F`.
enum RequestAddress {
    /// Returns a description of why a URL cannot be requested, or `nil` if it can. The description does not include the
    /// URL.
    static func problem(with url: String) -> String? {
        var url = url
        return url.withUTF8 { problem(with: $0[...]) }
    }

    private static func problem(with url: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        guard url.starts(with: "http://".utf8) || url.starts(with: "https://".utf8) else {
            return "the URL's scheme is neither http nor https"
        }
        guard url.allSatisfy(isAllowed) else { return "the URL contains a character that must be percent-encoded" }
        let rest = url.drop { $0 != slash }.dropFirst(2)
        let authority = rest.prefix { $0 != slash && $0 != questionMark }
        guard let first = authority.first, first != UInt8(ascii: ":") else { return "the URL has no host" }
        guard !authority.contains(UInt8(ascii: "@")) else { return "the URL contains a user name" }
        var path = rest[authority.endIndex...].prefix { $0 != questionMark }
        while !path.isEmpty {
            let segment = path.prefix { $0 != slash }
            if isDots(segment) {
                return "the URL's path contains a segment '.' or '..', which the network stack would resolve"
            }
            path = path[segment.endIndex...].dropFirst()
        }
        return nil
    }

    private static let slash = UInt8(ascii: "/")
    private static let questionMark = UInt8(ascii: "?")

    private static func isDots(_ segment: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var dots = 0
        var rest = segment
        while let first = rest.first {
            if first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
            } else if first == UInt8(ascii: "%"), rest.starts(with: "%2E".utf8) || rest.starts(with: "%2e".utf8) {
                rest = rest.dropFirst(3)
            } else {
                return false
            }
            dots += 1
        }
        return dots == 1 || dots == 2
    }

    /// Returns whether a byte is a visible ASCII character that a URL parser leaves unchanged. A `#`, for example,
    /// would end the path.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: byte > 0x20 && byte < 0x7F
        }
    }
}
