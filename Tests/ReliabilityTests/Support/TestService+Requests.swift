import AliyunOSSTesting
import TestKit
import Testing

@testable import AliyunOSS

extension TestService {
    /// Returns the number of requests in flight when `callers` calls are made and the server responds to none of them.
    /// Cancels the calls.
    func requestsInFlight(callers: Int) async throws -> Int {
        let before = unanswered
        server.add(.neverRespond, when: .operation("GetObject", key: "held"), times: callers)
        defer { server.faults.removeAll() }
        return try await withThrowingTaskGroup { group in
            for _ in 0..<callers {
                group.addTask { _ = try? await bucket.getObject("held") }
            }
            let isSettled = try await eventually {
                unanswered - before + bucket.client.limit.waiterCount == callers
            }
            #expect(isSettled)
            let inFlight = unanswered - before
            group.cancelAll()
            return inFlight
        }
    }

    private var unanswered: Int { server.requests.count { $0.status == 0 } }
}

extension BucketConfiguration {
    /// Sets the limits for connecting and for a connection without traffic.
    mutating func setPatience(_ duration: Duration) {
        timeouts.connect = duration
        timeouts.idle = duration
    }
}
