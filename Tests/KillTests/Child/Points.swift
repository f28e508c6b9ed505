import Foundation
import Synchronization

/// The points that a transfer passes, and the point at which to stop.
final class Points: Sendable {
    private struct State {
        var count = 0
        /// Number of writes since the last other action.
        var writes = 0
    }

    private let wanted: Int?
    private let areListed: Bool
    private let state = Mutex(State())

    init?(_ argument: String) {
        areListed = argument == "all"
        wanted = Int(argument)
        guard areListed || wanted != nil || argument == "none" else { return nil }
    }

    /// Passes a point before or after an action. Does not return if this is the point at which to stop.
    func pass(_ name: String) {
        state.withLock { $0.writes = 0 }
        stop(at: name)
    }

    /// Passes a point before a write.
    ///
    /// The number of writes for a response depends on the network. Therefore, the first write transfers only a few
    /// bytes, so that every run has a second write. The point before the second write is inside a line or a range.
    /// Later writes have no point.
    ///
    /// - Returns: Whether this is the first write.
    func passWrite(to thing: String) -> Bool {
        let number = state.withLock { state in
            state.writes += 1
            return state.writes
        }
        if number == 1 { stop(at: "write \(thing)") }
        if number == 2 { stop(at: "go on writing \(thing)") }
        return number == 1
    }

    /// Records an action without a point. Later writes are counted from one again.
    func beginAnew() {
        state.withLock { $0.writes = 0 }
    }

    private func stop(at name: String) {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        if areListed { Self.say("PASSED \(name)") }
        guard number == wanted else { return }
        Self.say("POINT \(name)")
        while true { pause() }
    }

    /// Prints a line immediately.
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
