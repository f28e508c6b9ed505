import Foundation
import Synchronization

/// A server that runs a test's script for each connection.
///
/// The script runs on its own thread and uses blocking calls. The connection is closed when the script returns.
package final class ScriptedServer: Sendable {
    /// A connection to the server.
    package struct Connection: Sendable {
        /// The number of the connection, counted from 0.
        package let index: Int
        fileprivate let socket: Int32
        fileprivate let log: Log

        /// Reads a request with its body, or returns `nil` at the end of the connection. The body of a request that
        /// matches `unless` is not read, and the request is not logged.
        package func readRequest(unless: (Request) -> Bool = { _ in false }) -> Request? {
            guard var request = readHead() else { return nil }
            if unless(request) { return request }
            request.body = readBody(Int(request["content-length"] ?? "0") ?? 0)
            log.note(request)
            return request
        }

        /// Reads the head of a request, or returns `nil` at the end of the connection.
        package func readHead() -> Request? {
            var text = [UInt8]()
            var byte: UInt8 = 0
            while !text.ends(with: "\r\n\r\n".utf8) {
                guard recv(socket, &byte, 1, 0) == 1 else { return nil }
                text.append(byte)
            }
            return Request(connection: index, head: String(decoding: text, as: UTF8.self))
        }

        /// Reads `count` bytes, or fewer at the end of the connection.
        package func readBody(_ count: Int) -> Data {
            var body = Data(count: count)
            var done = 0
            while done < count {
                let got = body.withUnsafeMutableBytes {
                    recv(socket, $0.baseAddress.map { $0 + done }, count - done, 0)
                }
                guard got > 0 else { break }
                done += got
            }
            return body.prefix(done)
        }

        /// Sends bytes, or returns `false` if the connection is closed.
        @discardableResult
        package func send(_ bytes: some DataProtocol) -> Bool {
            let data = Data(bytes)
            // A closed connection must not raise SIGPIPE.
            #if canImport(Darwin)
                var one: Int32 = 1
                setsockopt(socket, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
                let flags: Int32 = 0
            #else
                let flags = Int32(MSG_NOSIGNAL)
            #endif
            var done = 0
            while done < data.count {
                let sent = data.withUnsafeBytes {
                    Foundation.send(socket, $0.baseAddress.map { $0 + done }, data.count - done, flags)
                }
                guard sent > 0 else { return false }
                done += sent
            }
            return true
        }

        /// Sends text.
        package func send(_ text: String) { send(Data(text.utf8)) }

        /// Sends a complete response.
        package func reply(_ status: String = "200 OK", headers: [String] = [], body: Data = Data()) {
            let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
            send(Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        }

        /// Makes the connection end with a reset.
        package func reset() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }

        /// Waits until the other side closes the connection.
        package func waitForEnd() {
            while !readBody(1 << 16).isEmpty {}
        }

        /// Waits until the other side closes the connection, without reading what it sent.
        package func waitForHangUp() {
            var event = pollfd(fd: socket, events: 0, revents: 0)
            poll(&event, 1, -1)
        }

        /// Returns whether the other side closes the connection or sends bytes within the given number of milliseconds.
        package func isOver(within milliseconds: Int32) -> Bool {
            var event = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            return poll(&event, 1, milliseconds) != 0
        }
    }

    /// A received request.
    package struct Request: Sendable {
        package var connection: Int
        package var head: String
        package var body = Data()

        /// The first line.
        package var line: String { head.components(separatedBy: "\r\n").first ?? "" }

        /// Whether the body has the announced length.
        package var isWhole: Bool { body.count == Int(self["content-length"] ?? "0") }

        /// Returns the values of the header field with the given lowercase name.
        package func all(_ name: String) -> [String] {
            head.components(separatedBy: "\r\n").dropFirst().compactMap { field in
                let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].lowercased() == name else { return nil }
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }

        /// The first value of the header field with the given lowercase name.
        package subscript(_ name: String) -> String? { all(name).first }
    }

    fileprivate final class Log: Sendable {
        let requests = Mutex<[Request]>([])
        let sockets = Mutex<[Int32]>([])
        let accepted = Mutex(0)

        func note(_ request: Request) { requests.withLock { $0.append(request) } }
    }

    /// Port on 127.0.0.1.
    package let port: UInt16
    private let listener: Int32
    private let log = Log()

    /// Starts a server that runs `script` for each connection.
    package init(_ script: @escaping @Sendable (Connection) -> Void) throws {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        listener = socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, log) = (listener, log)
        let isReady = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 512) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isReady else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            // Only the accepting thread closes it: otherwise it could accept on another server with the same descriptor.
            defer { close(listener) }
            var index = 0
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else {
                    // `shutdown` in deinit causes EINVAL. Other errors are temporary.
                    if errno == EINVAL { return }
                    usleep(1000)
                    continue
                }
                log.sockets.withLock { $0.append(socket) }
                log.accepted.withLock { $0 += 1 }
                let connection = Connection(index: index, socket: socket, log: log)
                index += 1
                Thread.detachNewThread {
                    script(connection)
                    log.sockets.withLock { sockets in
                        sockets.removeAll { $0 == socket }
                        close(socket)
                    }
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        log.sockets.withLock { sockets in
            for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Requests that were read, in order.
    package var requests: [Request] { log.requests.withLock { $0 } }

    /// Number of connections accepted so far.
    package var acceptedConnections: Int { log.accepted.withLock { $0 } }

    /// Number of open connections.
    package var openConnections: Int { log.sockets.withLock { $0.count } }

    /// Returns the URL of a path on the server.
    package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }
}

extension [UInt8] {
    fileprivate func ends(with suffix: String.UTF8View) -> Bool {
        count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
    }
}
