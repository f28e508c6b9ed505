import AliyunOSS
import Foundation

/// A minimal HTTP server on this machine, which responds to one request on each connection and ignores bodies. It keeps the
/// example free of dependencies; use the web framework of your application in its place.
struct PageServer {
    /// A request that waits for its response.
    struct Request: Sendable {
        fileprivate let connection: Int32
        /// First line of the request, such as `GET / HTTP/1.1`.
        let line: String

        /// Sends the response and closes the connection.
        func respond(_ response: Response) {
            var rest = response.bytes[...]
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, 0) }
                guard sent > 0 else { break }
                rest = rest.dropFirst(sent)
            }
            close(connection)
        }
    }

    /// A response to a request.
    struct Response: Sendable {
        fileprivate let bytes: Data

        init(_ status: String, _ contentType: String, _ body: Data) {
            let fields = [
                "HTTP/1.1 \(status)", "Content-Type: \(contentType)", "Content-Length: \(body.count)",
                "Cache-Control: no-store", "Connection: close", "", "",
            ]
            bytes = Data(fields.joined(separator: "\r\n").utf8) + body
        }
    }

    /// Port on 127.0.0.1.
    let port: UInt16
    private let listener: Int32

    /// Starts to listen on a port, or on a free port if it is 0.
    init(port: UInt16) throws {
        signal(SIGPIPE, SIG_IGN)  // A browser can close a connection before the response is complete.
        #if canImport(Glibc)
            listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isReady else {
            throw OSSError(.invalidArgument, "cannot listen on port \(port): \(String(cString: strerror(errno)))")
        }
        self.port = UInt16(bigEndian: address.sin_port)
    }

    /// The requests, as they arrive.
    var requests: AsyncStream<Request> {
        AsyncStream { continuation in
            Thread.detachNewThread {
                while true {
                    let connection = accept(listener, nil, nil)
                    if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
                    guard connection >= 0 else { return continuation.finish() }
                    // Browsers open connections before they need them, so each has a thread to wait on.
                    Thread.detachNewThread {
                        if let line = Self.requestLine(from: connection) {
                            continuation.yield(Request(connection: connection, line: line))
                        } else {
                            close(connection)
                        }
                    }
                }
            }
        }
    }

    /// Reads the head of a request and returns its first line, or `nil` if there is none within ten seconds.
    private static func requestLine(from connection: Int32) -> String? {
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var head = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while head.range(of: Data("\r\n\r\n".utf8)) == nil {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0, head.count < 64 << 10 else { return nil }
            head += buffer.prefix(count)
        }
        return String(decoding: head.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }
}
