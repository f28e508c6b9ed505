import AliyunOSSTesting
import Foundation

/// A response as received.
package struct RawResponse {
    package var status: Int
    /// Header fields, keyed by lowercase name. A repeated field has its last value.
    package var headers: [String: String]
    package var body: [UInt8]
    /// Whether the body has the announced length.
    package var isComplete: Bool

    package init(status: Int = 0, headers: [String: String] = [:], body: [UInt8], isComplete: Bool = true) {
        (self.status, self.headers, self.body, self.isComplete) = (status, headers, body, isComplete)
    }

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// Returns the text of the first element with the given name.
    package func element(_ name: String) -> String? { elements(name).first }

    /// Returns the texts of all elements with the given name.
    package func elements(_ name: String) -> [String] {
        text.components(separatedBy: "<\(name)>").dropFirst().compactMap {
            $0.components(separatedBy: "</\(name)>").first
        }
    }
}

/// A connection that sends arbitrary bytes.
package final class RawClient {
    package struct Failure: Error { package init() {} }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Whether the peer ended the connection with RST.
    package private(set) var wasReset = false

    package init(port: UInt16) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        // Keeps a broken server from blocking a test forever.
        var timeout = timeval()
        timeout.tv_sec = 60
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Failure() }
    }

    package convenience init(_ server: MockOSSServer) throws {
        try self.init(port: server.port)
    }

    deinit {
        close(descriptor)
    }

    package func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// Sends bytes. Returns the number sent before the peer closed the connection.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            #if canImport(Darwin)
                let count = bytes[sent...].withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, 0) }
            #else
                let count = bytes[sent...].withUnsafeBytes {
                    Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
            #endif
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Ends the sending direction of the connection.
    package func finish() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads the next response, or returns `nil` if the connection ends first.
    package func response(isHead: Bool = false) -> RawResponse? {
        var headEnd: Int?
        while true {
            headEnd = firstIndex(of: Array("\r\n\r\n".utf8))
            if headEnd != nil || !receive() { break }
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).components(separatedBy: "\r\n")
        buffer.removeFirst(headEnd + 4)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let length = isHead || status == 100 ? 0 : headers["content-length"].flatMap(Int.init) ?? 0
        while buffer.count < length, receive() {}
        let body = Array(buffer.prefix(length))
        buffer.removeFirst(body.count)
        return RawResponse(status: status, headers: headers, body: body, isComplete: body.count == length)
    }

    /// Reads to the end of the connection.
    package func readToEnd() -> [UInt8] {
        while receive() {}
        return buffer
    }

    private func receive() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == ECONNRESET { wasReset = true }
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }

    private func firstIndex(of pattern: [UInt8]) -> Int? {
        guard buffer.count >= pattern.count else { return nil }
        return (0...(buffer.count - pattern.count)).first { buffer[$0...].starts(with: pattern) }
    }
}

extension RawClient {
    /// Sends a request and reads the response.
    package func request(
        _ method: String, _ target: String, headers: KeyValuePairs<String, String> = [:], body: String? = nil,
        host: String = "127.0.0.1"
    ) throws -> RawResponse {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        send(text + "\r\n" + (body ?? ""))
        guard let response = response(isHead: method == "HEAD") else { throw Failure() }
        return response
    }
}

extension MockOSSServer {
    /// Sends a request on a new connection.
    package func request(
        _ method: String, _ target: String, headers: KeyValuePairs<String, String> = [:], body: String? = nil,
        host: String = "127.0.0.1"
    ) throws -> RawResponse {
        try RawClient(self).request(method, target, headers: headers, body: body, host: host)
    }
}
