/// A type that sends HTTP requests. It is the library's only interface to a network stack.
///
/// A transport knows nothing about OSS. It sends the request exactly as given (the URL is percent-encoded, the headers
/// are signed), reads the body from ``HTTPRequest/body`` and writes the response's body to ``HTTPRequest/destination``.
/// It does not follow redirects, respond to authentication challenges, decompress, cache or retry; these tasks are left
/// to its caller.
///
/// The default is ``URLSessionTransport``.
public protocol HTTPTransport: Sendable {
    /// Sends a request and returns after the entire response has been received and its body stored in the destination of the request.
    ///
    /// - Returns: The response, with any status: `404` and `503` are responses, not errors.
    /// - Throws: ``HTTPTransportError`` if there is no complete response, or `CancellationError` if the task was
    ///   cancelled. Nothing is written to the destination after an error is thrown.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse

    /// Stops using the open connections, except for requests that are already in flight.
    ///
    /// Called after a response that belongs to another request: a server that sends more than it announced leaves a
    /// connection on which each response is taken for the response to the next request. Default: does nothing, which
    /// suits a transport that detects this itself.
    func discardConnections()
}

extension HTTPTransport {
    /// Does nothing.
    public func discardConnections() {}
}

/// A transport that can deliver the body of a response while it is being received.
protocol StreamingTransport: HTTPTransport {
    /// Sends a request and returns as soon as the headers of a successful response have been received. The body follows
    /// in ``HTTPResponse/stream``.
    ///
    /// A response with another status, or a body for memory without an announced length, is returned as by
    /// ``HTTPTransport/send(_:)``. A limit on the total time of the request applies only until the headers have been
    /// received.
    ///
    /// A body for a file is written to the file while it can be read from there, no matter whether it is read. The
    /// stream then has only the number of bytes in the file.
    ///
    /// - Parameter capacity: The number of received bytes that may wait in memory for the reader.
    func stream(_ request: HTTPRequest, capacity: Int) async throws -> HTTPResponse
}

/// A transport that can be shut down.
package protocol ClosableTransport: HTTPTransport {
    /// Ends all requests in flight, rejects new ones and closes the connections.
    func shutDown()
}

extension URLSessionTransport: ClosableTransport {}
#if os(Linux)
    extension LibcurlTransport: ClosableTransport, StreamingTransport {}
#endif

/// An error that occurs if a request receives no complete response.
public struct HTTPTransportError: Error, Sendable, CustomStringConvertible {
    /// A kind of failure, as far as it can be determined from the byte counts.
    public enum Kind: String, Sendable {
        /// The connection was not established (refused, unreachable, unknown host, or TLS failure). Nothing was sent.
        case connectionFailed
        /// The connection closed before the complete response was received. The server may have processed the request.
        case connectionLost
        /// One of ``HTTPTimeouts`` was exceeded. The server may have processed the request.
        case timedOut
        /// Fewer body bytes were received than the response announced.
        case truncatedBody
        /// The response body is larger than its destination allows.
        case bodyTooLarge
        /// The response is not valid HTTP.
        case invalidResponse
        /// The request cannot be sent, for example because a header contains a line break or the URL cannot be parsed.
        case invalidRequest
        /// The request's body could not be read from its file, or the file was too short.
        case bodyReadFailed
        /// The response's body could not be written to its file.
        case destinationWriteFailed
        /// The transport was shut down.
        case shutDown
        /// A resource that the transport needs, such as libcurl or a file descriptor, is not available on this machine.
        case unavailable
    }

    /// The failure's kind.
    public var kind: Kind
    /// A description of the cause. It omits the request's headers and query, because they can contain credentials.
    public var message: String
    /// The underlying error, if any.
    public var underlying: (any Error)?
    /// The status of the response, if one was received.
    public var status: Int?
    /// The part of a truncated response that was written to its destination file; `nil` if the destination is memory,
    /// the response had not started, or writing failed.
    public var partial: HTTPPartialResponse?

    /// Creates an error.
    public init(_ kind: Kind, _ message: String, underlying: (any Error)? = nil) {
        self.kind = kind
        self.message = message
        self.underlying = underlying
    }

    /// The message for a proxy whose address cannot be used.
    static let unusableProxy = "the proxy's address has an unsupported scheme or syntax"

    /// Whether the proxy is unusable, or refused to connect to the server because of its rules or missing credentials.
    /// Another attempt would fail in the same way.
    var isRefusedByProxy: Bool {
        // libcurl reports the status only as text: "CONNECT tunnel failed, response 407", or "Received HTTP code 407
        // from proxy after CONNECT" before 7.87. A 5xx status means that the proxy could not reach the server this
        // time.
        kind == .connectionFailed
            && ["response 4", "HTTP code 4", Self.unusableProxy].contains { message.contains($0) }
    }

    /// The kind and the cause, on one line.
    public var description: String { "\(kind.rawValue): \(message)" }
}

/// A response that was cut off after part of its body was written to its destination file.
public struct HTTPPartialResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields, as received.
    public var headers: HTTPHeaders
    /// The number of contiguous body bytes in the file, starting at the destination's offset.
    public var bodyLength: Int64
    /// CRC-64/XZ of the body bytes in the file; `nil` if the transport does not compute it. In that case, the caller
    /// reads the bytes again.
    public var bodyChecksum: UInt64?

    /// Creates a partial response.
    public init(status: Int, headers: HTTPHeaders, bodyLength: Int64, bodyChecksum: UInt64? = nil) {
        self.status = status
        self.headers = headers
        self.bodyLength = bodyLength
        self.bodyChecksum = bodyChecksum
    }
}
