import Foundation
import Synchronization

/// The points that a transfer passes, and the one where it is to stop.
final class Points: Sendable {
    private struct State {
        var count = 0
        /// How many writes there were since anything else was done.
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

    /// Says that something is about to be done, or has just been done. Does not return when it is the point to stop at.
    func pass(_ name: String) {
        state.withLock { $0.writes = 0 }
        stop(at: name)
    }

    /// Says that something is about to be written.
    ///
    /// In how many writes the bytes of an answer come is the network's affair. So the first is to move a few bytes only, and
    /// the second, which there then is in every run, has a point in front of it: inside a line, inside a window. The others
    /// have none.
    ///
    /// - Returns: whether it is the first.
    func passWrite(to thing: String) -> Bool {
        let number = state.withLock { state in
            state.writes += 1
            return state.writes
        }
        if number == 1 { stop(at: "write \(thing)") }
        if number == 2 { stop(at: "go on writing \(thing)") }
        return number == 1
    }

    /// Notes that something was done that no one needs to stop at: what is written then is another matter.
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

    /// Prints a line at once.
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }
}
