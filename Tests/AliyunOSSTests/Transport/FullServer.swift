#if os(Linux)
    import Foundation

    /// A server with a full connection queue that accepts no connection, so that connecting neither succeeds nor fails.
    final class FullServer: Sendable {
        let url: String
        private let sockets: [Int32]

        init() throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            var sockets = [listener]
            let isReady = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    guard bind(listener, address, length) == 0, listen(listener, 0) == 0,
                        getsockname(listener, address, &length) == 0
                    else { return false }
                    for _ in 0..<4 {
                        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
                        sockets.append(client)
                        _ = connect(client, address, length)
                    }
                    return true
                }
            }
            self.sockets = sockets
            guard isReady else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/k"
        }

        deinit {
            for socket in sockets { close(socket) }
        }
    }
#endif
