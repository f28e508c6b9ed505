import Foundation
import Synchronization

/// Listens on a port of 127.0.0.1. Accepting ends when ``stop()`` is called.
final class SocketListener: Sendable {
    let port: UInt16
    private let descriptor: Int32
    // A closed listener does not wake a blocked `accept` on every platform; a byte in a pipe wakes `poll` on all.
    private let wakeUp: (read: Int32, write: Int32)
    private let refusesUntil = Mutex<ContinuousClock.Instant?>(nil)

    private static let stopByte: UInt8 = 0
    private static let refuseByte: UInt8 = 1

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
            if waits[1].revents != 0 {
                var byte = Self.stopByte
                guard read(wakeUp.read, &byte, 1) == 1, byte == Self.refuseByte, waitForEndOfRefusal() else { return }
                continue
            }
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
        var byte = Self.stopByte
        _ = write(wakeUp.write, &byte, 1)
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Refuses connections from now on, for a while.
    func refuseConnections(for duration: Duration) {
        refusesUntil.withLock { $0 = ContinuousClock.now + duration }
        #if !canImport(Darwin)
            // On Linux a listener that is shut down keeps its port, refuses whoever comes, and can listen again.
            _ = shutdown(descriptor, Int32(SHUT_RD))
        #endif
        var byte = Self.refuseByte
        _ = write(wakeUp.write, &byte, 1)
    }

    /// Returns whether it came to an end, and not the listener.
    private func waitForEndOfRefusal() -> Bool {
        while let end = refusesUntil.withLock({ $0 }), end > ContinuousClock.now {
            var waits = [
                pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            #if canImport(Darwin)
                let watched: nfds_t = 2
            #else
                let watched: nfds_t = 1
            #endif
            let milliseconds = Int32(clamping: Int((end - ContinuousClock.now) / .milliseconds(1)) + 1)
            _ = poll(&waits, watched, milliseconds)
            if waits[0].revents != 0 {
                var byte = Self.stopByte
                guard read(wakeUp.read, &byte, 1) == 1, byte == Self.refuseByte else { return false }
            } else if waits[1].revents != 0 {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { continue }
                Socket(descriptor: connection).resetOnClose()
                close(connection)
            }
        }
        return listen(descriptor, 1024) == 0
    }

    private static func failure(_ action: String) -> MockOSSServer.StartError {
        MockOSSServer.StartError(description: "cannot \(action): \(String(cString: strerror(errno)))")
    }
}
