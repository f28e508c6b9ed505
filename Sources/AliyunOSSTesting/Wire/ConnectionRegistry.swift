import Foundation
import Synchronization

/// A registry of open connections. It owns their descriptors and therefore never interrupts a descriptor that has been
/// reused.
final class ConnectionRegistry: Sendable {
    private struct State {
        var sockets: [Int: Socket] = [:]
        var accepted = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let running = DispatchGroup()

    init(limit: Int) {
        self.limit = limit
    }

    /// Number of open connections.
    var count: Int { state.withLock { $0.sockets.count } }

    /// Takes ownership of a socket and returns its connection number. If the limit has been reached or the server is
    /// stopping, closes the socket and returns `nil` instead.
    func add(_ socket: Socket) -> Int? {
        let number: Int? = state.withLock { state in
            guard !state.isStopped, state.sockets.count < limit else { return nil }
            defer { state.accepted += 1 }
            state.sockets[state.accepted] = socket
            return state.accepted
        }
        if number == nil { close(socket.descriptor) } else { running.enter() }
        return number
    }

    /// Closes a connection and removes it from the registry. Called when the connection's thread ends.
    func remove(_ number: Int) {
        state.withLock { state in
            if let socket = state.sockets.removeValue(forKey: number) { close(socket.descriptor) }
        }
        running.leave()
    }

    /// Interrupts all current and future connections.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            for socket in state.sockets.values { socket.interrupt() }
        }
    }

    /// Waits up to 10 seconds for the threads of all connections to end.
    func waitUntilIdle() {
        _ = running.wait(timeout: .now() + 10)
    }
}
