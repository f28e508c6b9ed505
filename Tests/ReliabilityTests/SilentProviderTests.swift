import AliyunOSSTesting
import Foundation
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("Credentials providers that never respond", .timeLimit(.minutes(2)))
struct SilentProviderTests {
    @Test("J6: a credentials provider that never answers holds up no call beyond its deadline or its cancellation")
    func j6() async throws {
        let provider = SilentProvider()
        defer { provider.close() }
        let service = try FaultyService({ $0.deadline = .milliseconds(50) }, credentials: provider)
        let error = await failure { try await service.bucket.getObject("k") }
        #expect(error?.code == .timedOut && error?.operation == "GetObject", "\(error as Any)")
        #expect(error?.message.contains("credentials provider") == true)

        let patient = try FaultyService(credentials: provider)
        let call = Task { try await patient.bucket.getObject("k") }
        #expect(try await eventually { provider.waiting == 2 })
        call.cancel()
        await #expect(throws: CancellationError.self) { _ = try await call.value }
        #expect(service.server.requests.isEmpty && patient.server.requests.isEmpty)

        // The same after a refusal of the credentials it gave once.
        let stale = SilentProvider(Credentials(accessKeyID: "unknown", accessKeySecret: "x"))
        defer { stale.close() }
        let refusing = try FaultyService({ $0.deadline = .seconds(2) }, credentials: stale)
        let refusal = await failure { try await refusing.bucket.getObject("k") }
        #expect(refusal?.code == .timedOut, "\(refusal as Any)")
        #expect(refusing.server.requests.count == 1)
    }
}

/// Gives credentials once, if it has any, and then never answers, whatever becomes of the task that asks.
private final class SilentProvider: CredentialsProvider {
    private struct State {
        var credentials: Credentials?
        var askers: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ credentials: Credentials? = nil) {
        state = Mutex(State(credentials: credentials))
    }

    /// Lets go of those who wait.
    func close() {
        for asker in state.withLock({ $0.askers }) { asker.resume() }
    }

    var waiting: Int { state.withLock { $0.askers.count } }

    func credentials() async throws -> Credentials? {
        let given = state.withLock { state in
            defer { state.credentials = nil }
            return state.credentials
        }
        if given == nil { await withCheckedContinuation { asker in state.withLock { $0.askers.append(asker) } } }
        return given
    }
}
