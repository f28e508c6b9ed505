import Synchronization
import TestKit

@testable import AliyunOSS

/// The credentials of ``TestService``, which let a test do something right before a request: they are asked for then.
final class WatchedCredentials: CredentialsProvider {
    private struct State {
        var count = 0
        var action: (@Sendable (Int) async throws -> Void)?
    }

    private let state = Mutex(State())

    /// Calls this before each request from now on, with its number, which begins at 1.
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
