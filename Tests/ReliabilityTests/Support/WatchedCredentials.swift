import Synchronization
import TestKit

@testable import AliyunOSS

/// A provider of ``TestService``'s credentials that lets a test perform an action just before each request, when
/// credentials are requested.
final class WatchedCredentials: CredentialsProvider {
    private struct State {
        var count = 0
        var action: (@Sendable (Int) async throws -> Void)?
    }

    private let state = Mutex(State())

    /// Sets a closure to call before each later request with the request's number, counted from 1.
    func beforeEachRequest(_ action: @escaping @Sendable (_ number: Int) async throws -> Void) {
        state.withLock { $0 = State(action: action) }
    }

    func credentials() async throws -> Credentials? {
        let (number, action) = state.withLock { state in
            state.count += 1
            return (state.count, state.action)
        }
        try await action?(number)
        return Credentials(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret)
    }
}
