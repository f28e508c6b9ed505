import Foundation

/// A minimal blocking socket on 127.0.0.1.
final class LoopbackSocket: Sendable {
    struct Closed: Error {}

    private let descriptor: Int32

    init(owning descriptor: Int32) {
        self.descriptor = descriptor
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Creates a socket and connects it to a port.
    convenience init(port: UInt16) throws {
        self.init(owning: Self.makeStream())
        guard Self.withAddress(port, { connect(descriptor, $0, $1) }) == 0 else { throw Closed() }
    }

    deinit {
        close(descriptor)
    }

    func send(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.send(descriptor, rest.baseAddress, rest.count, Self.sendFlags)
            guard count > 0 else { throw Closed() }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Receives at least one byte, and returns the number of bytes received.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        guard count > 0 else { throw Closed() }
        return count
    }

    /// Receives and discards an exact number of bytes.
    func skip(_ length: Int, through buffer: UnsafeMutableRawBufferPointer) throws {
        var left = length
        while left > 0 {
            left -= try receive(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(left)))
        }
    }

    /// Receives an HTTP response, discards its body, and returns its status code.
    func receiveResponse(through buffer: UnsafeMutableRawBufferPointer, isHead: Bool) throws -> Int {
        var filled = 0
        while true {
            filled += try receive(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<buffer.count - 1]))
            // Terminated with a zero for `strstr`, which stops at the first zero of a binary body.
            buffer[filled] = 0
            guard let base = buffer.baseAddress else { continue }
            let text = base.assumingMemoryBound(to: CChar.self)
            guard let end = strstr(text, "\r\n\r\n") else { continue }
            let headLength = UnsafePointer(end) - UnsafePointer(text) + 4
            var length = 0
            if !isHead, let field = strstr(text, "Content-Length: ") { length = strtol(field + 16, nil, 10) }
            let status = strtol(text + 9, nil, 10)
            try skip(headLength + length - filled, through: buffer)
            return status
        }
    }

    // MARK: Listening

    /// Listens on a free port, serves each connection on a separate thread, and returns the port.
    static func listen(_ serve: @escaping @Sendable (LoopbackSocket) -> Void) throws -> UInt16 {
        let listener = makeStream()
        guard withAddress(0, { bind(listener, $0, $1) }) == 0, Foundation.listen(listener, 64) == 0 else {
            throw Closed()
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                let socket = LoopbackSocket(owning: descriptor)
                Thread.detachNewThread { serve(socket) }
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func makeStream() -> Int32 {
        #if canImport(Glibc)
            socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            socket(AF_INET, SOCK_STREAM, 0)
        #endif
    }

    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static var sendFlags: Int32 {
        #if canImport(Darwin)
            0
        #else
            Int32(MSG_NOSIGNAL)
        #endif
    }
}
