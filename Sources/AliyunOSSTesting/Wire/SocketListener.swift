import Foundation
import Synchronization

/// A listener that accepts connections on a port of 127.0.0.1 until ``stop()`` is called.
final class SocketListener: Sendable {
    let port: UInt16
    private let descriptor: Int32
    // Closing a listener does not wake a blocked `accept` on every platform; a byte in a pipe wakes `poll` on all of
    // them.
    private let wakeUp: (read: Int32, write: Int32)
    private let refusesUntil = Mutex<ContinuousClock.Instant?>(nil)

    private static let stopByte: UInt8 = 0
    private static let refuseByte: UInt8 = 1

    init(port: UInt16) throws {
        let descriptor = try Self.makeSocket()
        var ends: [Int32] = [-1, -1]
        do {
            try Self.bind(descriptor, port: port)
            self.port = try Self.listen(descriptor)
            guard pipe(&ends) == 0 else { throw Self.failure("create a pipe") }
        } catch {
            close(descriptor)
            throw error
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.descriptor = descriptor
        wakeUp = (ends[0], ends[1])
    }

    deinit {
        for descriptor in [descriptor, wakeUp.read, wakeUp.write] { close(descriptor) }
    }

    /// Passes accepted connections to a closure until the listener is stopped.
    func acceptConnections(_ body: (Int32) -> Void) {
        while true {
            var waits = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waits, 2, -1) >= 0 || errno == EINTR else { return }
            if waits[1].revents != 0 {
                var byte = Self.stopByte
                guard read(wakeUp.read, &byte, 1) == 1, byte == Self.refuseByte, refuse() else { return }
                continue
            }
            if waits[0].revents == 0 { continue }
            let connection = accept(descriptor, nil, nil)
            if connection >= 0 {
                // Darwin's accepted sockets inherit O_NONBLOCK.
                _ = fcntl(connection, F_SETFL, fcntl(connection, F_GETFL) & ~O_NONBLOCK)
                body(connection)
            } else if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) {
                // If descriptors or memory are exhausted, waits for connections to end instead of retrying immediately.
                _ = poll(&waits[1], 1, 50)
            }
        }
    }

    /// Makes ``acceptConnections(_:)`` return. The sockets are closed when the listener is released.
    func stop() {
        var byte = Self.stopByte
        _ = write(wakeUp.write, &byte, 1)
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Refuses connections until the given time has passed. The refusal starts when the accepting thread wakes up.
    func refuseConnections(for duration: Duration) {
        refusesUntil.withLock { $0 = ContinuousClock.now + min(duration, .longestWait) }
        var byte = Self.refuseByte
        _ = write(wakeUp.write, &byte, 1)
    }

    /// Closes the listening socket and reopens it after the requested time. Returns `false` if the listener was stopped
    /// or the socket cannot listen again.
    private func refuse() -> Bool {
        // `dup2` replaces the socket, so that the descriptor always belongs to this listener.
        guard let closed = try? Self.makeSocket(), dup2(closed, descriptor) >= 0 else { return false }
        close(closed)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // A bound socket that does not listen refuses connections, and no other server can take the port and this
        // server's clients.
        try? Self.bind(descriptor, port: port)
        while let end = refusesUntil.withLock({ $0 }), end > ContinuousClock.now {
            var wait = pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, (end - ContinuousClock.now).pollMilliseconds) > 0 else { continue }
            var byte = Self.stopByte
            guard read(wakeUp.read, &byte, 1) == 1, byte == Self.refuseByte else { return false }
        }
        return (try? Self.listen(descriptor)) == port
    }

    private static func makeSocket() throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw failure("open a socket") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    /// Binds a socket to a port, or to a free port if the number is 0.
    private static func bind(_ descriptor: Int32, port: UInt16) throws {
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let isBound = withSocketAddress(of: &address) { Foundation.bind(descriptor, $0, $1) == 0 }
        guard isBound else { throw failure("listen on 127.0.0.1:\(port)") }
    }

    /// Starts listening on the bound port and returns the port number.
    private static func listen(_ descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        let isListening = withSocketAddress(of: &address) { pointer, length in
            var length = length
            return Foundation.listen(descriptor, 1024) == 0 && getsockname(descriptor, pointer, &length) == 0
        }
        guard isListening else { throw failure("listen on 127.0.0.1") }
        // A connection can end between `poll` and `accept`, which would then block.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        return UInt16(bigEndian: address.sin_port)
    }

    private static func withSocketAddress<Result>(
        of address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func failure(_ action: String) -> MockOSSServer.SetupError {
        MockOSSServer.SetupError(description: "cannot \(action): \(String(cString: strerror(errno)))")
    }
}
