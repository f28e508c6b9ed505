import Foundation

/// A complete response, with what the transport itself counted: the caller compares it with what it meant to move.
public struct HTTPResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields, as received.
    public var headers: HTTPHeaders
    /// The body, unless it went into a file.
    public var body: Data
    /// The number of body bytes that arrived, wherever they went.
    public var bodyLength: Int64
    /// CRC-64/XZ of the body bytes that arrived; `nil` when the transport does not compute it. The caller then does,
    /// which for a body that went into a file means reading it again.
    public var bodyChecksum: UInt64?
    /// The number of bytes of the request's body that were read and handed over, in the last pass over the body.
    public var sentLength: Int64
    /// CRC-64/XZ of those bytes, computed as they were read; `nil` when the transport does not compute it. The caller
    /// then does, which for a file means reading it again.
    public var sentChecksum: UInt64?
    /// How often the request's body was begun: 1, or more when the network stack sent the request again by itself because
    /// a reused connection had died. `nil` when there was no body, or when the transport does not know.
    public var bodyPasses: Int?

    /// Creates a response.
    ///
    /// - Parameters:
    ///   - status: The status code.
    ///   - headers: The header fields, as received.
    ///   - body: The body, unless it went into a file.
    ///   - bodyLength: The number of body bytes that arrived. Default: the length of `body`.
    ///   - bodyChecksum: CRC-64/XZ of those bytes. Default: not computed.
    ///   - sentLength: The number of bytes of the request's body that were sent.
    ///   - sentChecksum: CRC-64/XZ of those bytes. Default: not computed.
    ///   - bodyPasses: The number of times that the request's body was read from its start. Default: unknown.
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
