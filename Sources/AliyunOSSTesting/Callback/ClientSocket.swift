import Foundation

/// A client connection in which every call has a deadline.
struct ClientSocket {
    private let descriptor: Int32

    /// Connects to a server, or returns `nil` if the connection fails or the deadline expires.
    init?(host: String, port: UInt16, deadline: ContinuousClock.Instant) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Self.streamType
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var candidate = list
        while let address = candidate {
            if let descriptor = Self.connect(address.pointee, deadline) {
                self.descriptor = descriptor
                return
            }
            candidate = address.pointee.ai_next
        }
        return nil
    }

    private static var streamType: Int32 {
        #if canImport(Glibc)
            Int32(SOCK_STREAM.rawValue)
        #else
            SOCK_STREAM
        #endif
    }

    private static func connect(_ address: addrinfo, _ deadline: ContinuousClock.Instant) -> Int32? {
        let descriptor = socket(address.ai_family, streamType, 0)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // The socket is nonblocking; `poll` waits.
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        #if canImport(Darwin)
            var one: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
        #endif
        var status = Foundation.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno
        if status == EINPROGRESS || status == EINTR {
            status = ETIMEDOUT
            if wait(descriptor, for: POLLOUT, until: deadline) {
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &length)
            }
        }
        guard status == 0 else {
            _ = Foundation.close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Sends all of the given bytes, or returns `false` if the peer closed the connection or the deadline expired.
    func send(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { bytes in
                #if canImport(Darwin)
                    Foundation.send(descriptor, bytes.baseAddress, bytes.count, 0)
                #else
                    Foundation.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                #endif
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                guard Self.wait(descriptor, for: POLLOUT, until: deadline) else { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Waits for at least one byte and returns the bytes received. Returns an empty array if the peer closed the
    /// connection, or `nil` if the deadline expired.
    func receive(until deadline: ContinuousClock.Instant) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 { return Array(chunk[..<count]) }
            if errno == EAGAIN {
                guard Self.wait(descriptor, for: POLLIN, until: deadline) else { return nil }
            } else if errno != EINTR {
                return []
            }
        }
    }

    func close() {
        _ = Foundation.close(descriptor)
    }

    private static func wait(
        _ descriptor: Int32, for event: some BinaryInteger, until deadline: ContinuousClock.Instant
    ) -> Bool {
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return false }
            var wait = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = poll(&wait, 1, left.pollMilliseconds)
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
