import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension HTTPRequest {
    /// Creates a `URLRequest` without a body.
    ///
    /// - Throws: ``HTTPTransportError/Kind/invalidRequest`` if the request cannot be sent exactly as given.
    func translated(userAgent: String) throws(HTTPTransportError) -> URLRequest {
        var fields = try checkedFields(userAgent: userAgent)
        guard let address = URL(string: url), address.absoluteString == url else {
            throw HTTPTransportError(.invalidRequest, "the URL cannot be parsed")
        }
        var translated = URLRequest(url: address)
        translated.httpMethod = method.rawValue
        #if canImport(FoundationNetworking)
            // With a value of one blank, libcurl omits a header that it would add by itself: both a length and chunked
            // encoding, a wait for 100-continue, or a content type that was not signed.
            if fields["Accept-Language"] == nil { fields["Accept-Language"] = " " }
            if body.length > 0 {
                fields["Transfer-Encoding"] = " "
                if fields["Expect"] == nil { fields["Expect"] = " " }
            }
            if fields["Content-Type"] == nil, method != .get, method != .head { fields["Content-Type"] = " " }
        #endif
        // Setting fields one by one changes their case and silently drops values.
        translated.allHTTPHeaderFields = Dictionary(
            fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        translated.cachePolicy = .reloadIgnoringLocalCacheData
        translated.httpShouldHandleCookies = false
        // Linux ignores the initializer's argument. The value is far beyond the library's own limits.
        translated.timeoutInterval = 1_000_000
        return translated
    }

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
        for field in headers {
            let value = field.value.trimmingBlanks
            // Of duplicate names, only one arbitrary value would be sent.
            fields[field.name] = fields[field.name].map { $0 + ", " + value } ?? value
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

extension String {
    /// The string without leading or trailing spaces and tabs. Other white space is part of the value and its
    /// signature.
    fileprivate var trimmingBlanks: String {
        trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
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
        guard let schemeEnd = url.range(of: "://") else { return "the URL has no scheme" }
        let scheme = url[..<schemeEnd.lowerBound]
        guard scheme == "http" || scheme == "https" else { return "the URL's scheme is neither http nor https" }
        guard url.utf8.allSatisfy(isAllowed) else { return "the URL contains a character that must be percent-encoded" }
        let rest = url[schemeEnd.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, !authority.hasPrefix(":") else { return "the URL has no host" }
        guard !authority.contains("@") else { return "the URL contains a user name" }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        for segment in path.split(separator: "/") where isDots(segment) {
            return "the URL's path contains a segment '.' or '..', which the network stack would resolve"
        }
        return nil
    }

    private static func isDots(_ segment: Substring) -> Bool {
        var dots = 0
        var rest = segment
        while !rest.isEmpty {
            if rest.hasPrefix(".") {
                rest = rest.dropFirst()
            } else if rest.hasPrefix("%2E") || rest.hasPrefix("%2e") {
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
        byte > 0x20 && byte < 0x7F && !"\"#<>\\^`{|}".utf8.contains(byte)
    }
}
