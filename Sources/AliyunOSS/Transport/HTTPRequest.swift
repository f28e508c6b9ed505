import Foundation

/// One HTTP request, complete: what to send, where its body comes from and where the response's body goes.
public struct HTTPRequest: Sendable {
    /// The request method.
    public var method: HTTPMethod
    /// The absolute URL, percent-encoded. It reaches the wire byte for byte, so whoever builds it must have encoded it.
    public var url: String
    /// The header fields. `Content-Length` is the transport's business and is not listed here.
    public var headers: HTTPHeaders
    /// Where the body comes from. Default: no body.
    public var body: HTTPBody
    /// Where the body of the response goes. Default: memory, at most 16 MiB.
    public var destination: HTTPDestination
    /// How long each phase may take.
    public var timeouts: HTTPTimeouts
    /// Called with the totals of this request, as bytes move. It runs on the transport's own thread: it must return
    /// at once and must not call back into the transport.
    public var onProgress: (@Sendable (HTTPProgress) -> Void)?

    /// Makes a request.
    public init(
        method: HTTPMethod, url: String, headers: HTTPHeaders = [:], body: HTTPBody = .none,
        destination: HTTPDestination = .memory(limit: 16 << 20), timeouts: HTTPTimeouts = HTTPTimeouts(),
        onProgress: (@Sendable (HTTPProgress) -> Void)? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.destination = destination
        self.timeouts = timeouts
        self.onProgress = onProgress
    }
}

extension HTTPRequest: CustomStringConvertible, CustomReflectable {
    /// The method and the URL without its query, which may carry a signature.
    public var description: String { "\(method.rawValue) \(url.prefix { $0 != "?" })" }

    /// The same as ``description``.
    public var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}

/// The request methods that object storage uses.
public enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
    case options = "OPTIONS"
}

/// Where the bytes of a request come from. Every case can be read again from its start, so any request can be re-sent.
public enum HTTPBody: Sendable {
    /// No body at all.
    case none
    /// Bytes in memory.
    case data(Data)
    /// A range of bytes of an open file, read as they are sent.
    case file(FileSlice)

    /// The number of bytes that will be sent.
    public var length: Int64 {
        switch self {
        case .none: 0
        case .data(let data): Int64(data.count)
        case .file(let slice): slice.length
        }
    }
}

/// Where the body of a response goes.
public enum HTTPDestination: Sendable {
    /// Into ``HTTPResponse/body``. A longer body ends the request with ``HTTPTransportError/Kind/bodyTooLarge``.
    case memory(limit: Int)
    /// Into an open file from `offset` on, when the response has exactly the status `status`. Any other response goes to
    /// memory (at most 1 MiB), so that the text of an error never lands in a user's file.
    case file(OpenFile, offset: Int64, status: Int)
}

/// How long each phase of a request may take. Time spent waiting for a free connection counts for none of them.
public struct HTTPTimeouts: Sendable, Hashable {
    /// From the start until the first byte of the body is sent. A request without a body has until its response begins: this
    /// limit or the one for silence, whichever is longer, because connecting cannot be told from waiting there. Default: 10
    /// seconds.
    public var connect: Duration
    /// The longest time without a byte moving before the response begins; `nil` is ``idle``. Default: `nil`.
    public var response: Duration?
    /// The longest time without a byte moving in either direction. Default: 30 seconds.
    public var idle: Duration
    /// From the start to the end of the response; `nil` is no limit. Default: no limit.
    public var total: Duration?

    /// Makes a set of limits.
    public init(
        connect: Duration = .seconds(10), response: Duration? = nil, idle: Duration = .seconds(30),
        total: Duration? = nil
    ) {
        self.connect = connect
        self.response = response
        self.idle = idle
        self.total = total
    }
}

/// How many bytes of a request's body were sent and how many of the response's body arrived, so far.
public struct HTTPProgress: Sendable, Hashable {
    /// Bytes of the request's body that were handed to the network.
    public var bytesSent: Int64
    /// Bytes of the response's body that arrived.
    public var bytesReceived: Int64

    /// Makes a reading.
    public init(bytesSent: Int64, bytesReceived: Int64) {
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
    }
}
