import Foundation

/// A complete HTTP response, with the byte counts and checksums that the transport computed. The caller compares them
/// with the expected values.
public struct HTTPResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields, as received.
    public var headers: HTTPHeaders
    /// The body, unless it was written to a file.
    public var body: Data
    /// The number of body bytes received, for any destination.
    public var bodyLength: Int64
    /// CRC-64/XZ of the received body; `nil` if the transport does not compute it. In that case, the caller computes
    /// it, which requires reading a file again.
    public var bodyChecksum: UInt64?
    /// The number of request body bytes sent the last time the body was transmitted.
    public var sentLength: Int64
    /// CRC-64/XZ of the sent bytes, computed as they were read; `nil` if the transport does not compute it. In that
    /// case, the caller computes it, which requires reading a file again.
    public var sentChecksum: UInt64?
    /// The number of times that the request body was read from its start; `nil` if there is no body or the transport
    /// does not know. More than 1 means that the network stack repeated the request because a reused connection was
    /// dead.
    public var bodyPasses: Int?
    /// The body, if it is still being received. ``bodyLength`` is then its announced length, or 0 if that is unknown.
    var stream: HTTPResponseStream?

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - status: The status code.
    ///   - headers: The header fields, as received.
    ///   - body: The body, unless it was written to a file.
    ///   - bodyLength: The number of body bytes received. Default: the length of `body`.
    ///   - bodyChecksum: CRC-64/XZ of those bytes. Default: not computed.
    ///   - sentLength: The number of bytes of the request body that were sent.
    ///   - sentChecksum: CRC-64/XZ of those bytes. Default: not computed.
    ///   - bodyPasses: The number of times that the request body was read from its start. Default: unknown.
    public init(
        status: Int, headers: HTTPHeaders, body: Data = Data(), bodyLength: Int64? = nil, bodyChecksum: UInt64? = nil,
        sentLength: Int64 = 0, sentChecksum: UInt64? = nil, bodyPasses: Int? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.bodyLength = bodyLength ?? Int64(body.count)
        self.bodyChecksum = bodyChecksum
        self.sentLength = sentLength
        self.sentChecksum = sentChecksum
        self.bodyPasses = bodyPasses
    }
}

/// The status and headers of a response.
struct HTTPResponseHead: Sendable {
    var status: Int
    var headers: HTTPHeaders

    /// The length of the body in bytes, as announced by the headers; `nil` if they do not announce it.
    var announcedLength: Int64? {
        headers["Content-Length"].flatMap { Int64($0) }
    }

    /// Returns whether a response with this status has a body, given the method of its request. If it does,
    /// `Content-Length` is the length of the body.
    func hasBody(for method: HTTPMethod) -> Bool {
        method != .head && status >= 200 && status != 204 && status != 304
    }
}

extension HTTPHeaders {
    /// The encoding of the body, or `nil` if the body is not encoded.
    var encoding: String? {
        guard let encoding = self["Content-Encoding"] else { return nil }
        return encoding.isEmpty || encoding.equalsIgnoringASCIICase("identity") ? nil : encoding
    }
}
