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
