import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of credentials that expire, fail or are requested by many callers at once.
@Suite("Credentials providers that fail or expire", .timeLimit(.minutes(10)))
struct CredentialsFaultTests {
    private static func key(_ number: Int) -> MockOSSServer.AccessKey {
        .init(id: "STS.\(number)", secret: "secret-\(number)", securityToken: "token-\(number)")
    }

    @Test(
        "B8: a token that expires during a transfer is replaced once, and the transfer continues",
        arguments: [false, true])
    func b8(isUnknownID: Bool) async throws {
        let fetches = Recorder<Void>()
        let provider = RefreshingCredentialsProvider {
            let key = Self.key(fetches.append(()))
            return Credentials(
                accessKeyID: key.id, accessKeySecret: key.secret, securityToken: key.securityToken,
                expiration: Date().addingTimeInterval(3600))
        }
        let service = try TestService(
            server: { $0.accessKeys = [Self.key(1), Self.key(2)] }, credentials: provider)
        if isUnknownID {
            service.server.add(
                .respond(status: 403, code: "InvalidAccessKeyId"), when: .operation("PutObject", skip: 3))
        } else {
            service.server.add(.afterwards(.expireToken(accessKeyID: "STS.1")), when: .operation("PutObject", skip: 3))
        }
        let folder = try ScratchDirectory()
        for index in 0..<10 { try folder.write("f\(index)", Data("\(index)".utf8)) }
        let report = try await DirectoryTransfer(service.bucket, concurrency: 1).upload(from: folder.path)
        #expect(report.isComplete)
        #expect(service.server.keys(in: "photos").count == 10)
        #expect(service.count("PutObject") == 11)
        #expect(fetches.values.count == 2)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("B8: credentials are replaced five minutes before they expire")
    func b8Ahead() async throws {
        let clock = ManualClock()
        let fetches = Recorder<Void>()
        let provider = RefreshingCredentialsProvider(now: { clock.now }) {
            Credentials(
                accessKeyID: "id\(fetches.append(()))", accessKeySecret: "secret",
                expiration: clock.now.addingTimeInterval(3600))
        }
        #expect(try await provider.credentials()?.accessKeyID == "id1")
        clock.advance(by: .seconds(3290))
        #expect(try await provider.credentials()?.accessKeyID == "id1")
        #expect(fetches.values.count == 1)
        clock.advance(by: .seconds(20))
        #expect(try await eventually { try await provider.credentials()?.accessKeyID == "id2" })
        #expect(fetches.values.count == 2)
    }

    @Test("B9: a provider that fails once keeps its credentials and tries again")
    func b9() async throws {
        struct Outage: Error {}
        let clock = ManualClock()
        let fetches = Recorder<Void>()
        let provider = RefreshingCredentialsProvider(now: { clock.now }) {
            let number = fetches.append(())
            if number == 1 || number == 3 { throw Outage() }
            return Credentials(
                accessKeyID: "id\(number)", accessKeySecret: "secret", expiration: clock.now.addingTimeInterval(3600))
        }
        #expect(await failure { try await provider.credentials() }?.code == .credentialsUnavailable)
        #expect(try await provider.credentials()?.accessKeyID == "id2")
        // The third fetch, before the expiration, fails. The old credentials are still valid.
        clock.advance(by: .seconds(3400))
        #expect(try await provider.credentials()?.accessKeyID == "id2")
        #expect(try await eventually { fetches.values.count == 3 })
        clock.advance(by: .seconds(30))
        #expect(try await eventually { try await provider.credentials()?.accessKeyID == "id4" })
    }

    @Test("B10: many concurrent callers share one fetch, and cancelling one of them does not affect the others")
    func b10() async throws {
        let fetches = Recorder<Void>()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let provider = RefreshingCredentialsProvider {
            _ = fetches.append(())
            for await _ in gate { break }
            return Credentials(accessKeyID: "id", accessKeySecret: "secret")
        }
        let callers = (0..<64).map { _ in Task { try await provider.credentials()?.accessKeyID } }
        #expect(try await eventually { provider.waiting == 64 })
        callers[17].cancel()
        await #expect(throws: CancellationError.self) { try await callers[17].value }
        open.yield()
        for (index, caller) in callers.enumerated() where index != 17 { #expect(try await caller.value == "id") }
        #expect(fetches.values.count == 1)
    }

    @Test(
        "B16: while a foreign server responds in place of the metadata service, nothing is sent to OSS",
        arguments: [
            "<html><body>Sign in</body></html>", #"{"Code": "Success", "AccessKeyId": "STS.1", "AccessKeySe"#,
            #"{"Code": "Success", "AccessKeyId": "STS.1", "AccessKeySecret": "secret-1"}"#,
        ])
    func b16(page: String) async throws {
        let isForeign = Mutex(true)
        let metadata = try ScriptedServer { connection in
            while let request = connection.readRequest() {
                let genuine = """
                    {"Code": "Success", "AccessKeyId": "STS.1", "AccessKeySecret": "secret-1",
                    "SecurityToken": "token-1", "Expiration": "2099-01-01T00:00:00Z"}
                    """
                let isToken = request.line.hasPrefix("PUT")
                let document = isForeign.withLock { $0 } ? page : genuine
                connection.reply(body: Data((isToken ? "access-token" : document).utf8))
            }
        }
        let service = try TestService(
            server: { $0.accessKeys = [Self.key(1)] }, credentials: .ecsRAMRole("backup", endpoint: metadata.url("")))
        let error = await failure { try await service.bucket.putObject("k", "text") }
        #expect(error?.code == .credentialsUnavailable && error?.operation == "PutObject", "\(error as Any)")
        #expect(error?.message.contains("metadata service") == true && !"\(error as Any)".contains("secret-1"))
        #expect(service.server.requests.isEmpty && metadata.requests.count == 2)
        isForeign.withLock { $0 = false }
        try await service.bucket.putObject("k", "text")
        #expect(service.stored("k") == Data("text".utf8) && metadata.requests.count == 4)
    }

    @Test(
        "J6: a credentials provider that never returns delays no call beyond its deadline or cancellation",
        .timeLimit(.minutes(2)))
    func j6() async throws {
        let provider = SilentProvider()
        defer { provider.close() }
        let service = try TestService({ $0.deadline = .milliseconds(50) }, credentials: provider)
        let error = await failure { try await service.bucket.getObject("k") }
        #expect(error?.code == .timedOut && error?.operation == "GetObject", "\(error as Any)")
        #expect(error?.message.contains("credentials provider") == true)

        let patient = try TestService(credentials: provider)
        let call = Task { try await patient.bucket.getObject("k") }
        #expect(try await eventually { provider.waiting == 2 })
        call.cancel()
        await #expect(throws: CancellationError.self) { _ = try await call.value }
        #expect(service.server.requests.isEmpty && patient.server.requests.isEmpty)

        // The same after its credentials were rejected.
        let stale = SilentProvider(Credentials(accessKeyID: "unknown", accessKeySecret: "x"))
        defer { stale.close() }
        let refusing = try TestService({ $0.deadline = .seconds(2) }, credentials: stale)
        let refusal = await failure { try await refusing.bucket.getObject("k") }
        #expect(refusal?.code == .timedOut, "\(refusal as Any)")
        #expect(refusing.server.requests.count == 1)
    }
}

/// A provider that returns credentials once, if it has any, and then never returns, even if the calling task is
/// cancelled.
private final class SilentProvider: CredentialsProvider {
    private struct State {
        var credentials: Credentials?
        var askers: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ credentials: Credentials? = nil) {
        state = Mutex(State(credentials: credentials))
    }

    /// Resumes the waiting callers.
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
