import Foundation

/// Listens on a port of 127.0.0.1. Accepting ends when ``stop()`` is called.
final class SocketListener: Sendable {
    let port: UInt16
    private let descriptor: Int32
    // A closed listener does not wake a blocked `accept` on every platform; a byte in a pipe wakes `poll` on all.
    private let wakeUp: (read: Int32, write: Int32)

    init(port: UInt16) throws {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw Self.failure("open a socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))

        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 1024) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        var ends: [Int32] = [-1, -1]
        guard isListening, pipe(&ends) == 0 else {
            let error = Self.failure("listen on 127.0.0.1:\(port)")
            close(descriptor)
            throw error
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A connection may be gone between `poll` and `accept`, which would then block.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
        wakeUp = (ends[0], ends[1])
    }

    deinit {
        for descriptor in [descriptor, wakeUp.read, wakeUp.write] { close(descriptor) }
    }

    /// Hands over connections until the listener is stopped.
    func acceptConnections(_ body: (Int32) -> Void) {
        while true {
            var waits = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waits, 2, -1) >= 0 || errno == EINTR else { return }
            if waits[1].revents != 0 { return }
            if waits[0].revents == 0 { continue }
            let connection = accept(descriptor, nil, nil)
            if connection >= 0 {
                // Darwin's accepted sockets inherit O_NONBLOCK.
                _ = fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) & ~O_NONBLOCK)
                body(connection)
            } else if errno == EMFILE || errno == ENFILE {
                // Out of descriptors: let connections end instead of spinning on one that cannot be accepted.
                _ = poll(&waits[1], 1, 50)
            }
        }
    }

    /// Ends ``acceptConnections(_:)``; the sockets are closed when the listener is released.
    func stop() {
        var byte: UInt8 = 0
        _ = write(wakeUp.write, &byte, 1)
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private static func failure(_ action: String) -> MockOSSServer.StartError {
        MockOSSServer.StartError(description: "cannot \(action): \(String(cString: strerror(errno)))")
    }
}
