import Foundation

/// An error that is thrown when the peer or ``MockOSSServer/shutDown()`` has closed the connection.
struct SocketClosed: Error {
    /// Number of bytes that were sent before the connection was closed.
    var sent = 0
}

/// A connected stream socket with blocking calls. ``ConnectionRegistry`` owns its descriptor.
struct Socket: Sendable {
    let descriptor: Int32

    /// Configures the socket to send small responses without delay, not to raise SIGPIPE, and to time out when idle.
    func prepare(idleTimeout: Duration) {
        setOption(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
        #if canImport(Darwin)
            setOption(SOL_SOCKET, SO_NOSIGPIPE, Int32(1))
        #endif
        let parts = idleTimeout.components
        var timeout = timeval()
        timeout.tv_sec = numericCast(parts.seconds)
        timeout.tv_usec = numericCast(parts.attoseconds / 1_000_000_000_000)
        setOption(SOL_SOCKET, SO_RCVTIMEO, timeout)
        setOption(SOL_SOCKET, SO_SNDTIMEO, timeout)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Receives at least one byte, or returns 0 if the peer has closed the connection.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SocketClosed) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            if errno != EINTR { throw SocketClosed() }
        }
    }

    /// Sends several buffers with as few system calls as possible, so that a small response is sent in one packet.
    func send(_ runs: [UnsafeRawBufferPointer]) throws(SocketClosed) {
        var sent = 0
        var index = 0
        // Number of bytes sent of the buffer at `index`.
        var offset = 0
        while index < runs.count {
            guard runs[index].count > offset else {
                (index, offset) = (index + 1, 0)
                continue
            }
            let count = sendOnce(runs[index...], offset)
            if count > 0 {
                sent += count
                offset += count
                while index < runs.count, offset >= runs[index].count {
                    offset -= runs[index].count
                    index += 1
                }
            } else if errno != EINTR {
                throw SocketClosed(sent: sent)
            }
        }
    }

    private static let maximumVectorCount = 64

    private func sendOnce(_ runs: ArraySlice<UnsafeRawBufferPointer>, _ offset: Int) -> Int {
        let runs = runs.prefix(Self.maximumVectorCount)
        return withUnsafeTemporaryAllocation(of: iovec.self, capacity: runs.count) { vectors in
            var count = 0
            for run in runs {
                let start = count == 0 ? offset : 0
                let base = UnsafeMutableRawPointer(mutating: run.baseAddress).map { $0 + start }
                vectors.initializeElement(at: count, to: iovec(iov_base: base, iov_len: run.count - start))
                count += 1
            }
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = numericCast(count)
            #if canImport(Darwin)
                return sendmsg(descriptor, &message, 0)
            #else
                return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
            #endif
        }
    }

    /// Waits for the given time, or until the connection is interrupted or reset. A fault's delay therefore cannot
    /// outlive the server.
    func pause(for duration: Duration) {
        let end = ContinuousClock.now + min(duration, .longestWait)
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            var wait = pollfd(fd: descriptor, events: 0, revents: 0)
            let count = poll(&wait, 1, left.pollMilliseconds)
            if count > 0 || (count < 0 && errno != EINTR) { return }
        }
    }

    /// Reads and discards bytes until the peer closes the connection, the idle timeout expires or the connection is
    /// interrupted.
    func drain() {
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 16) { buffer in
            while let count = try? receive(into: buffer), count > 0 {}
        }
    }

    /// Shuts down the socket, which ends all current and future calls on it. Can be called from any thread.
    func interrupt() {
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Configures the socket to send RST instead of FIN when it is closed.
    func resetOnClose() {
        setOption(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }

    private func setOption<Value>(_ level: Int32, _ name: Int32, _ value: Value) {
        withUnsafeBytes(of: value) { bytes in
            _ = setsockopt(descriptor, level, name, bytes.baseAddress, socklen_t(bytes.count))
        }
    }
}

extension Duration {
    /// Maximum duration of a wait. Longer waits are shortened to it, so that adding a wait to the current time cannot
    /// overflow.
    static let longestWait = Duration.seconds(365 * 86_400)

    /// The duration in milliseconds, rounded up, for use as a `poll` timeout. A wait that is too long for `poll` ends
    /// early, so callers check the clock.
    var pollMilliseconds: Int32 {
        let parts = min(self, Self.longestWait).components
        return Int32(clamping: parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000 + 1)
    }
}
