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
}
