/// Status and headers of a response, and what they announce about its body.
struct HTTPResponseHead: Sendable {
    var status: Int
    var headers: HTTPHeaders

    /// The number of body bytes that the response announces for itself.
    var announcedLength: Int64? {
        headers["Content-Length"].flatMap { Int64($0) }
    }

    /// The encoding that Foundation has removed from the body, or will.
    var decodedEncoding: String? {
        guard let encoding = headers["Content-Encoding"] else { return nil }
        return encoding.isEmpty || encoding.equalsIgnoringASCIICase("identity") ? nil : encoding
    }

    /// Whether a response of this status to this method has a body that its `Content-Length` describes.
    func hasBody(for method: HTTPMethod) -> Bool {
        method != .head && status >= 200 && status != 204 && status != 304
    }
}
