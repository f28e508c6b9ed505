import Foundation
import Synchronization

/// A clock that moves only when a test sets or advances it, for use as ``MockOSSServer/Configuration/clock``.
///
/// ```swift
/// let clock = ManualClock()
/// var configuration = MockOSSServer.Configuration(buckets: ["photos"])
/// configuration.clock = { clock.now }
/// let server = try MockOSSServer(configuration)
/// clock.advance(by: .seconds(3600))
/// ```
public final class ManualClock: Sendable {
    private let time: Mutex<Date>

    /// Creates a clock that is set to the given time.
    ///
    /// - Parameter now: Initial time. Default: 2026-01-01 00:00:00 UTC.
    public init(_ now: Date = Date(timeIntervalSince1970: 1_767_225_600)) {
        time = Mutex(now)
    }

    /// Current time. It can be set to an earlier time.
    public var now: Date {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    /// Advances the clock; a negative duration moves it back.
    public func advance(by duration: Duration) {
        time.withLock { $0.addTimeInterval(duration.timeInterval) }
    }
}

extension Duration {
    var timeInterval: TimeInterval {
        TimeInterval(components.seconds) + TimeInterval(components.attoseconds) * 1e-18
    }
}
