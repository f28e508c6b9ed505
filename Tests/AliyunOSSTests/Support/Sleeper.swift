import Synchronization

/// Sleeps for no time at all, and remembers for how long it should have.
final class Sleeper: Sendable {
    private let durations = Mutex<[Duration]>([])

    func sleep(_ duration: Duration) { durations.withLock { $0.append(duration) } }
    var slept: [Duration] { durations.withLock { $0 } }
}
