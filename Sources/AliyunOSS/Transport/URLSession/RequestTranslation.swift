import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

extension HTTPRequest {
    /// This request as URLSession takes it, without its body.
    ///
    /// - Throws: ``HTTPTransportError/Kind/invalidRequest`` for what could not reach the wire exactly as it is given.
    func translated(userAgent: String) throws(HTTPTransportError) -> URLRequest {
        if let problem = RequestAddress.problem(with: url) { throw HTTPTransportError(.invalidRequest, problem) }
        guard let address = URL(string: url), address.absoluteString == url else {
            throw HTTPTransportError(.invalidRequest, "the URL cannot be parsed")
        }
        var translated = URLRequest(url: address)
        translated.httpMethod = method.rawValue
        // In one assignment: setting them one by one changes their spelling and drops values without a word.
        translated.allHTTPHeaderFields = try fields(userAgent: userAgent)
        translated.cachePolicy = .reloadIgnoringLocalCacheData
        translated.httpShouldHandleCookies = false
        // Only by this property: Linux ignores the initializer's argument. Far beyond our own limits, which decide.
        translated.timeoutInterval = 1_000_000
        return translated
    }

    private func fields(userAgent: String) throws(HTTPTransportError) -> [String: String] {
        guard headers["Transfer-Encoding"] == nil else {
            throw HTTPTransportError(.invalidRequest, "Transfer-Encoding is the transport's own")
        }
        let length = body.length
        guard length >= 0 else { throw HTTPTransportError(.invalidRequest, "the length of the body is negative") }
        if let announced = headers["Content-Length"], announced != String(length) {
            throw HTTPTransportError(.invalidRequest, "Content-Length is \(announced), the body has \(length) bytes")
        }
        if length > 0, method == .get || method == .head {
            throw HTTPTransportError(.invalidRequest, "\(method.rawValue) cannot have a body")
        }

        var fields = HTTPHeaders()
        for field in headers {
            let value = field.value.trimmingBlanks
            // A name that stands twice would survive in one value only, and which one is left to chance.
            fields[field.name] = fields[field.name].map { $0 + ", " + value } ?? value
        }
        fields["Accept-Encoding"] = "identity"
        if fields["User-Agent"] == nil { fields["User-Agent"] = userAgent }
        fields["Content-Length"] = length > 0 || method == .put || method == .post ? String(length) : nil
        if let name = fields.firstInvalidName {
            throw HTTPTransportError(
                .invalidRequest, "the header '\(name.filter { $0.isLetter || $0.isNumber || $0 == "-" })' is not valid")
        }
        #if canImport(FoundationNetworking)
            // A value of one blank makes libcurl leave a header out. Each of these it would send by itself: a length and
            // chunks at once, a wait for 100-continue, a type that was not signed.
            if fields["Accept-Language"] == nil { fields["Accept-Language"] = " " }
            if length > 0 {
                fields["Transfer-Encoding"] = " "
                if fields["Expect"] == nil { fields["Expect"] = " " }
            }
            if fields["Content-Type"] == nil, method != .get, method != .head { fields["Content-Type"] = " " }
        #endif
        return Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}

extension String {
    /// Without the blanks and tabs around it. No other white space: that is a part of the value, and signed as such.
    fileprivate var trimmingBlanks: String {
        trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
    }
}

/// Whether a URL reaches the server exactly as it is written.
///
/// libcurl resolves `.` and `..` in a path (`/a/../b` becomes `/b`), and newer versions do so for `%2E`, too: a request
/// for one object would be answered with another. Such a URL is refused; whoever builds it writes those segments' slashes
/// as `%2F`.
enum RequestAddress {
    /// What is wrong with a URL, in words without the URL itself; `nil` when it can be sent.
    static func problem(with url: String) -> String? {
        guard let schemeEnd = url.range(of: "://") else { return "the URL has no scheme" }
        let scheme = url[..<schemeEnd.lowerBound]
        guard scheme == "http" || scheme == "https" else { return "the URL's scheme is neither http nor https" }
        guard url.utf8.allSatisfy(isAllowed) else { return "the URL has a character that must be percent-encoded" }
        let rest = url[schemeEnd.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, !authority.hasPrefix(":") else { return "the URL has no host" }
        guard !authority.contains("@") else { return "the URL has a user name in it" }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        for segment in path.split(separator: "/") where isDots(segment) {
            return "the URL's path has a segment '.' or '..', which would be resolved on the way"
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

    /// Visible ASCII without what a URL parser would encode, or, like `#`, take for the end.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\"#<>\\^`{|}".utf8.contains(byte)
    }
}
