/// Moves one HTTP request and its response. The whole of what the library needs from a network stack.
///
/// A transport knows nothing of OSS: it sends the request exactly as given (the URL is already percent-encoded, the
/// headers are already signed), takes the body from where ``HTTPRequest/body`` says, and puts the response's body where
/// ``HTTPRequest/destination`` says. It never follows a redirect, never answers an authentication challenge, never
/// decompresses, never caches, and never retries: those decisions belong to its caller.
///
/// ``URLSessionTransport`` is the one the library uses unless told otherwise.
public protocol HTTPTransport: Sendable {
    /// Sends a request and returns once the whole response has arrived at its destination.
    ///
    /// - Returns: the response, whatever its status: a `404` or a `503` is a response, not an error.
    /// - Throws: ``HTTPTransportError`` when there is no complete response, or `CancellationError` when the task was
    ///   cancelled. After a throw nothing more is written to the destination.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse

    /// Stops using the connections that are open, but for the requests that are on them.
    ///
    /// Called after a response that does not belong to its request. A server that sends more than it announced leaves a
    /// connection on which each response is taken for that to the next request, for as long as it is used. Default: does
    /// nothing, which is right for a transport that notices by itself.
    func discardConnections()
}

extension HTTPTransport {
    /// Does nothing.
    public func discardConnections() {}
}

/// Why a request ended without a complete response.
public struct HTTPTransportError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, as far as it can be told from what was counted.
    public enum Kind: String, Sendable {
        /// No connection was made: refused, unreachable, name not found, TLS refused. Nothing was sent.
        case connectionFailed
        /// The connection ended before a complete response. The server may or may not have acted on the request.
        case connectionLost
        /// One of ``HTTPTimeouts`` ran out. The server may or may not have acted on the request.
        case timedOut
        /// Fewer body bytes arrived than the response announced.
        case truncatedBody
        /// The response is larger than its destination takes.
        case bodyTooLarge
        /// The response is not HTTP that can be understood.
        case invalidResponse
        /// The request cannot be sent as it is: a header with a line break, a URL that cannot be parsed.
        case invalidRequest
        /// Reading the request's body from its file failed, or the file ended early.
        case bodyReadFailed
        /// Writing the response's body to its file failed.
        case destinationWriteFailed
        /// The transport was shut down.
        case shutDown
    }

    /// What went wrong.
    public var kind: Kind
    /// The cause in words, with neither headers nor query (both may carry credentials).
    public var message: String
    /// The error below this one, if any.
    public var underlying: (any Error)?
    /// The status of the response, when that much of it had come.
    public var status: Int?
    /// What had arrived in the destination file when the response was cut off, when that is of use: `nil` for a response that goes
    /// to memory, has not begun, or could not be written.
    public var partial: HTTPPartialResponse?

    /// Makes an error.
    public init(_ kind: Kind, _ message: String, underlying: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.underlying = underlying
    }

    /// Whether a proxy refused to connect to the server, for want of credentials or by its rules: it will again.
    var isRefusedByProxy: Bool {
        // libcurl reports the status in a text only: "CONNECT tunnel failed, response 407", before 7.87 "Received HTTP code
        // 407 from proxy after CONNECT". A 5xx means that the proxy could not reach the server this time.
        kind == .connectionFailed
            && ["response 4", "HTTP code 4"].contains { message.contains($0) }
    }

    /// The kind and the cause, on one line.
    public var description: String { "\(kind.rawValue): \(message)" }
}

/// A response that was cut off after some of its body had been written to its destination file.
public struct HTTPPartialResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields, as received.
    public var headers: HTTPHeaders
    /// The number of body bytes that are in the file, from the destination's offset on without a gap.
    public var bodyLength: Int64
    /// CRC-64/XZ of these bytes; `nil` when the transport does not compute it. The caller then reads them again.
    public var bodyChecksum: UInt64?

    /// Makes a partial response.
    public init(status: Int, headers: HTTPHeaders, bodyLength: Int64, bodyChecksum: UInt64? = nil) {
        self.status = status
        self.headers = headers
        self.bodyLength = bodyLength
        self.bodyChecksum = bodyChecksum
    }
}
