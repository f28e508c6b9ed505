import Foundation

/// A complete HTTP request, including the source of the request body and the destination of the response body.
public struct HTTPRequest: Sendable {
    /// The request method.
    public var method: HTTPMethod
    /// The absolute, percent-encoded URL. It is sent byte for byte.
    public var url: String
    /// The header fields, without `Content-Length`, which the transport adds.
    public var headers: HTTPHeaders
    /// The request body. Default: no body.
    public var body: HTTPBody
    /// The destination of the response body. Default: memory, at most 16 MiB.
    public var destination: HTTPDestination
    /// The time limits for each phase of the request.
    public var timeouts: HTTPTimeouts
    /// A closure that receives the byte counts of this request as bytes are transferred. It runs on the transport's
    /// thread, so it must return immediately and must not call the transport.
    public var onProgress: (@Sendable (HTTPProgress) -> Void)?

    /// Creates a request.
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
    /// The method and the URL without its query, which can contain a signature.
    public var description: String { "\(method.rawValue) \(url.prefix { $0 != "?" })" }

    /// A mirror with the same information as ``description``.
    public var customMirror: Mirror { Mirror(self, children: ["request": description]) }
}

/// The HTTP methods that object storage uses.
public enum HTTPMethod: String, Sendable, CaseIterable, Codable {
    /// Reads content, such as an object or a listing.
    case get = "GET"
    /// Reads the header fields of content.
    case head = "HEAD"
    /// Stores or replaces content.
    case put = "PUT"
    /// Performs an action, such as the completion of a multipart upload.
    case post = "POST"
    /// Deletes content.
    case delete = "DELETE"
    /// Asks whether a cross-origin request is permitted.
    case options = "OPTIONS"
}

/// The body of a request. Every case can be read again from its start, so any request can be sent again.
public enum HTTPBody: Sendable {
    /// No body.
    case none
    /// Bytes in memory.
    case data(Data)
    /// A range of an open file, which is read while it is being sent.
    case file(FileSlice)

    /// The number of bytes to send.
    public var length: Int64 {
        switch self {
        case .none: 0
        case .data(let data): Int64(data.count)
        case .file(let slice): slice.length
        }
    }
}

extension HTTPBody {
    /// Fills a buffer with the bytes of the body at an offset.
    ///
    /// - Throws: ``HTTPTransportError/Kind/bodyReadFailed``, also if the file ends early.
    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int64) throws(HTTPTransportError) {
        switch self {
        case .none: return
        case .data(let data):
            data.withUnsafeBytes { bytes in
                target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[Int(offset)...].prefix(target.count)))
            }
        case .file(let slice):
            let count: Int
            do throws(FileError) {
                count = try slice.file.read(into: target, at: slice.offset + offset)
            } catch {
                throw HTTPTransportError(.bodyReadFailed, error.description, underlying: error)
            }
            guard count == target.count else {
                throw HTTPTransportError(
                    .bodyReadFailed,
                    "the file is \(slice.length - offset - Int64(count)) bytes too short for the request body")
            }
        }
    }
}

/// The destination of a response body.
public enum HTTPDestination: Sendable {
    /// Memory, as ``HTTPResponse/body``. A body that exceeds the limit fails with
    /// ``HTTPTransportError/Kind/bodyTooLarge``.
    case memory(limit: Int)
    /// An open file, starting at `offset`, if the response has the status `status`. The body of any other response goes
    /// to memory (at most 1 MiB), so that an error text is never written to a user's file.
    case file(OpenFile, offset: Int64, status: Int)
}

/// Time limits for the phases of a request. Time spent waiting for a free connection is not counted.
public struct HTTPTimeouts: Sendable, Hashable {
    /// Maximum time from the start of the request until the first byte of its body is sent. If there is no body, the
    /// larger of this limit and the limit for a response applies until the response starts, because connecting cannot
    /// be distinguished from waiting. Default: 10 seconds.
    public var connect: Duration
    /// Maximum time without data transfer before the response starts; `nil` means the value of ``idle``. Default:
    /// `nil`.
    public var response: Duration?
    /// Maximum time without data transfer in either direction. Default: 30 seconds.
    public var idle: Duration
    /// Maximum total time for the request; `nil` means no limit. Default: `nil`.
    public var total: Duration?

    /// Creates a set of limits.
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

/// Byte counts of a request in progress.
public struct HTTPProgress: Sendable, Hashable {
    /// The number of request body bytes passed to the network.
    public var bytesSent: Int64
    /// The number of response body bytes received.
    public var bytesReceived: Int64

    /// Creates a set of byte counts.
    public init(bytesSent: Int64, bytesReceived: Int64) {
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
    }
}
