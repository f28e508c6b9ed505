import Foundation
import Synchronization

/// A server that replies with whatever bytes a test wants, right or wrong. One thread for each connection runs the
/// test's script, with blocking calls; the connection is closed when the script returns.
final class ScriptedServer: Sendable {
    /// What one connection saw and does.
    struct Connection: Sendable {
        /// 0 for the first connection that was accepted, and so on.
        let index: Int
        fileprivate let socket: Int32
        fileprivate let log: Log

        /// Reads a request with its body. `nil` at the end of the connection. A request that `unless` names keeps its
        /// body on the wire and out of the log.
        func readRequest(unless: (Request) -> Bool = { _ in false }) -> Request? {
            guard var request = readHead() else { return nil }
            if unless(request) { return request }
            request.body = readBody(Int(request["content-length"] ?? "0") ?? 0)
            log.note(request)
            return request
        }

        /// Reads the head of a request only. `nil` at the end of the connection.
        func readHead() -> Request? {
            var text = [UInt8]()
            var byte: UInt8 = 0
            while !text.ends(with: "\r\n\r\n".utf8) {
                guard recv(socket, &byte, 1, 0) == 1 else { return nil }
                text.append(byte)
            }
            return Request(connection: index, head: String(decoding: text, as: UTF8.self))
        }

        /// Reads so many bytes, or fewer at the end of the connection.
        func readBody(_ count: Int) -> Data {
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

        /// Sends bytes. `false` when the connection is gone.
        @discardableResult
        func send(_ bytes: some DataProtocol) -> Bool {
            let data = Data(bytes)
            var done = 0
            while done < data.count {
                let sent = data.withUnsafeBytes {
                    Foundation.send(socket, $0.baseAddress.map { $0 + done }, data.count - done, Int32(MSG_NOSIGNAL))
                }
                guard sent > 0 else { return false }
                done += sent
            }
            return true
        }

        /// Sends text.
        func send(_ text: String) { send(Data(text.utf8)) }

        /// Sends a whole reply.
        func reply(_ status: String = "200 OK", headers: [String] = [], body: Data = Data()) {
            let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + headers
            send(Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        }

        /// Makes the end of the connection a reset and not an orderly close.
        func reset() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }

        /// Waits until the other side closes the connection.
        func waitForEnd() {
            while !readBody(1 << 16).isEmpty {}
        }

        /// Waits until the other side closes the connection, without reading what it sent.
        func waitForHangUp() {
            var event = pollfd(fd: socket, events: 0, revents: 0)
            poll(&event, 1, -1)
        }

        /// Whether the other side ends the connection, or says anything, within so many milliseconds.
        func isOver(within milliseconds: Int32) -> Bool {
            var event = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            return poll(&event, 1, milliseconds) != 0
        }
    }

    /// A request as it was received.
    struct Request: Sendable {
        var connection: Int
        var head: String
        var body = Data()

        /// The first line.
        var line: String { head.components(separatedBy: "\r\n").first ?? "" }

        /// Whether all of the body that was announced has arrived.
        var isWhole: Bool { body.count == Int(self["content-length"] ?? "0") }

        /// The values of a header, by its lower-case name.
        func all(_ name: String) -> [String] {
            head.components(separatedBy: "\r\n").dropFirst().compactMap { field in
                let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].lowercased() == name else { return nil }
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }

        /// The first value of a header, by its lower-case name.
        subscript(_ name: String) -> String? { all(name).first }
    }

    fileprivate final class Log: Sendable {
        let requests = Mutex<[Request]>([])
        let sockets = Mutex<[Int32]>([])
        let accepted = Mutex(0)

        func note(_ request: Request) { requests.withLock { $0.append(request) } }
    }

    /// The port on 127.0.0.1.
    let port: UInt16
    private let listener: Int32
    private let log = Log()

    /// Starts a server that runs `script` for each connection.
    init(_ script: @escaping @Sendable (Connection) -> Void) throws {
        #if canImport(Glibc) || canImport(Musl)
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
            // Closed by the thread that accepts, and by nobody else: it would go on with whatever server got the number.
            defer { close(listener) }
            var index = 0
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else {
                    // What the end of the server makes of the socket. Anything else passes.
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

    /// The requests that were read, in order; see ``Request/isWhole``.
    var requests: [Request] { log.requests.withLock { $0 } }

    /// The number of connections that were ever made to this server.
    var acceptedConnections: Int { log.accepted.withLock { $0 } }

    /// The number of open connections.
    var openConnections: Int { log.sockets.withLock { $0.count } }

    /// A URL on this server.
    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }
}

extension [UInt8] {
    fileprivate func ends(with suffix: String.UTF8View) -> Bool {
        count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
    }
}
