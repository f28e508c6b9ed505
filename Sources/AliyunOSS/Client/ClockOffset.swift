import Foundation
import OSSPrimitives
import Synchronization

/// How far the service's clock is ahead of this machine's, in seconds. Learned from a refusal, then used by every
/// request of the client: otherwise each one would be sent twice.
final class ClockOffset: Sendable {
    private let seconds = Mutex<TimeInterval>(0)
    private let clock: @Sendable () -> Date

    init(clock: @escaping @Sendable () -> Date) {
        self.clock = clock
    }

    /// The time by the service's clock, as far as it is known.
    var now: Date {
        clock() + seconds.withLock { $0 }
    }

    /// Learns from a refusal. Returns whether the offset changed by enough to make another attempt worthwhile.
    func learn(from serviceError: OSSError.ServiceError, dateHeader: String?) -> Bool {
        let stated =
            serviceError.details["ServerTime"].flatMap(ISO8601.date(from:)) ?? dateHeader.flatMap(HTTPDate.date(from:))
        guard let stated else { return false }
        let offset = stated.timeIntervalSince(clock())
        return seconds.withLock { current in
            // Another call may have learned it in the meantime: then this one was signed with the old offset, and a
            // repeat is worthwhile without any change here.
            current = offset
            return true
        }
    }
}
