import Foundation

/// A connection broke, or was broken by ``MockOSSServer/shutDown()``.
struct SocketClosed: Error {
    /// How much of what was to be sent went out before.
    var sent = 0
}

/// A connected stream socket with blocking calls. It does not own the descriptor: ``ConnectionRegistry`` does.
struct Socket: Sendable {
    let descriptor: Int32

    /// Sets what every connection needs: no delay for small replies, no SIGPIPE, a bound on silence.
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

    /// Receives at least one byte. Zero means that the peer has finished.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SocketClosed) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            if errno != EINTR { throw SocketClosed() }
        }
    }

    /// Sends a head and a body in as few calls as the kernel allows, so that a small reply is one packet.
    func send(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer = .init(start: nil, count: 0))
        throws(SocketClosed)
    {
        var sent = 0
        let total = head.count + body.count
        while sent < total {
            let first = UnsafeRawBufferPointer(rebasing: head.dropFirst(sent))
            let second = UnsafeRawBufferPointer(rebasing: body.dropFirst(max(0, sent - head.count)))
            let count = sendOnce(first, second)
            if count > 0 {
                sent += count
            } else if errno != EINTR {
                throw SocketClosed(sent: sent)
            }
        }
    }

    private func sendOnce(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
        var vectors = (
            iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
        )
        return withUnsafeMutablePointer(to: &vectors) { pointer in
            pointer.withMemoryRebound(to: iovec.self, capacity: 2) { pointer in
                var message = msghdr()
                message.msg_iov = first.isEmpty ? pointer + 1 : pointer
                message.msg_iovlen = first.isEmpty ? 1 : 2
                #if canImport(Darwin)
                    return sendmsg(descriptor, &message, 0)
                #else
                    return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
                #endif
            }
        }
    }

    /// Waits, unless the connection is interrupted or reset meanwhile: the delays of faults must not outlive the server.
    func pause(for duration: Duration) {
        let end = ContinuousClock.now + duration
        while true {
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            var wait = pollfd(fd: descriptor, events: 0, revents: 0)
            let count = poll(&wait, 1, Int32(clamping: milliseconds + 1))
            if count > 0 || (count < 0 && errno != EINTR) { return }
        }
    }

    /// Makes every blocked and later call on the socket end, from any thread.
    func interrupt() {
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Makes the close that follows send RST instead of FIN.
    func resetOnClose() {
        setOption(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }

    private func setOption<Value>(_ level: Int32, _ name: Int32, _ value: Value) {
        withUnsafeBytes(of: value) { bytes in
            _ = setsockopt(descriptor, level, name, bytes.baseAddress, socklen_t(bytes.count))
        }
    }
}
