import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Credentials of an ECS instance", .timeLimit(.minutes(3)))
struct MetadataServiceTests {
    private typealias Response = CredentialsServer.Response

    private static let list = "/latest/meta-data/ram/security-credentials/"

    /// Starts a metadata service with the role `backup`.
    private static func service(
        token: Response = .ok("access-token"), role: Response = .ok("backup\n"),
        credentials: Response = .ok(CredentialsServer.document())
    ) throws -> CredentialsServer {
        try CredentialsServer { request in
            switch request.target {
            case "/latest/api/token": token
            case list: role
            case list + "backup": credentials
            default: .status("404 Not Found")
            }
        }
    }

    @Test("The credentials are requested with an access token, and for the role of the instance")
    func tokenAndRole() async throws {
        let server = try Self.service()
        let credentials = try await RefreshingCredentialsProvider.ecsRAMRole(transport: server.transport).credentials()
        #expect(credentials?.accessKeyID == "STS.id" && credentials?.accessKeySecret == "s3cr3t")
        #expect(credentials?.securityToken == "t0k3n" && credentials?.expiration != nil)
        #expect(
            server.requests.map(\.line) == [
                "PUT /latest/api/token HTTP/1.1", "GET \(Self.list) HTTP/1.1", "GET \(Self.list)backup HTTP/1.1",
            ])
        #expect(server.requests.map { $0["x-aliyun-ecs-metadata-token-ttl-seconds"] != nil } == [true, false, false])
        #expect(server.requests.map { $0["x-aliyun-ecs-metadata-token"] } == [nil, "access-token", "access-token"])
        #expect(server.requests.allSatisfy { $0["accept-encoding"] == "identity" })
        #expect(server.requests.allSatisfy { $0["user-agent"]?.hasPrefix("aliyun-oss-swift/") == true })
        #expect(server.sent.allSatisfy { $0.url.hasPrefix("http://100.100.100.200/") && $0.timeouts.total != nil })
    }

    @Test("With the name of the role, it is not requested")
    func namedRole() async throws {
        let server = try Self.service()
        let provider: RefreshingCredentialsProvider = .ecsRAMRole("backup", endpoint: server.url(""))
        #expect(try await provider.credentials()?.accessKeyID == "STS.id")
        #expect(server.requests.count == 2)
    }

    @Test(
        "Without an access token, the service is used only if that is allowed",
        arguments: ["404 Not Found", "403 Forbidden", "405 Method Not Allowed"])
    func withoutToken(_ status: String) async throws {
        let server = try Self.service(token: .status(status))
        let error = try await failure(of: .ecsRAMRole("backup", transport: server.transport))
        #expect(error.message.contains("metadata service at http://100.100.100.200") && error.message.contains("40"))
        #expect(server.requests.count == 1)
        let lenient: RefreshingCredentialsProvider = .ecsRAMRole(
            "backup", allowsV1: true, transport: server.transport)
        #expect(try await lenient.credentials()?.accessKeyID == "STS.id")
        #expect(server.requests.last?["x-aliyun-ecs-metadata-token"] == nil)
    }

    @Test(
        "A foreign or unusable response is an error that names the service",
        arguments: [
            ("<html>Sign in to s3cr3t Wi-Fi</html>", "HTML"), ("", "empty"),
            (#"{"AccessKeyId": "STS.id", "Acc"#, "malformed"),
            (#"{"Code": "Success"}"#, "without the access key ID"), ("OK", "another format"),
            (
                #"{"Code": "Success", "AccessKeyId": "STS.id", "AccessKeySecret": "s3cr3t"}"#,
                "without the security token"
            ),
            (CredentialsServer.document(livingFor: -60), "expired"),
            (CredentialsServer.document(code: "Failed"), "failure Failed"),
            (CredentialsServer.document("s3cr3t s3cr3t"), "contains a space"),
            (CredentialsServer.document(String(repeating: "s3cr3t", count: 20_000)), "bodyTooLarge"),
        ])
    func foreignResponses(_ body: String, _ word: String) async throws {
        let server = try Self.service(credentials: .ok(body))
        let error = try await failure(of: .ecsRAMRole("backup", transport: server.transport))
        #expect(error.message.contains("ECS metadata service"), "\(error)")
        #expect("\(error) \(error.underlying.map { "\($0)" } ?? "")".contains(word), "\(error)")
        #expect(server.requests.count == 2)
    }

    @Test("The page of a captive portal is neither an access token nor the name of a role")
    func captivePortal() async throws {
        let portal = Response.ok("<html><body>Sign in</body></html>")
        let (tokens, roles) = (try Self.service(token: portal), try Self.service(role: portal))
        #expect(try await failure(of: .ecsRAMRole(transport: tokens.transport)).message.contains("access token"))
        #expect(try await failure(of: .ecsRAMRole(transport: roles.transport)).message.contains("name of a RAM role"))
        #expect(tokens.requests.count == 1 && roles.requests.count == 2)
    }

    @Test("A redirect is not followed, and an instance without a role is named as the cause")
    func statuses() async throws {
        let redirect = try Self.service(
            credentials: Response(status: "302 Found", headers: ["Location: http://127.0.0.1:1/"]))
        #expect(
            try await failure(of: .ecsRAMRole("backup", transport: redirect.transport)).message.contains("redirect"))
        let none = try Self.service(role: .status("404 Not Found"))
        #expect(try await failure(of: .ecsRAMRole(transport: none.transport)).message.contains("attach the role"))
        #expect(redirect.requests.count == 2 && none.requests.count == 2)
    }

    @Test("A service that does not respond, or never completes a response, ends in an error", arguments: [true, false])
    func silence(_ isSilent: Bool) async throws {
        let server = try Self.service(credentials: isSilent ? .missing : .endless)
        let error = try await failure(of: .ecsRAMRole("backup", transport: server.impatientTransport))
        #expect((error.underlying as? HTTPTransportError)?.kind == .timedOut, "\(error)")
        #expect(server.requests.count { $0.target.hasSuffix("/backup") } == 3)
    }

    @Test("A failure that may be temporary is retried")
    func temporaryFailure() async throws {
        let failed = Recorder<Int>()
        let server = try CredentialsServer { request in
            if request.target == "/latest/api/token" { return .ok("token") }
            return failed.append(1) < 3 ? .status("503 Service Unavailable") : .ok(CredentialsServer.document())
        }
        let provider: RefreshingCredentialsProvider = .ecsRAMRole("backup", transport: server.transport)
        #expect(try await provider.credentials()?.accessKeyID == "STS.id")
        #expect(failed.values.count == 3)
    }

    @Test("Expired credentials are not returned, but fetched again")
    func expiration() async throws {
        let fetches = Recorder<Int>()
        let server = try CredentialsServer { request in
            if request.target == "/latest/api/token" { return .ok("token") }
            return .ok(CredentialsServer.document("secret\(fetches.append(1))", livingFor: 2))
        }
        let provider: RefreshingCredentialsProvider = .ecsRAMRole("backup", transport: server.transport)
        var secrets: Set<String> = []
        let isRenewed = try await eventually {
            // On a busy machine, the credentials may have expired when they arrive, which is an error.
            guard let credentials = try? await provider.credentials() else { return false }
            secrets.insert(credentials.accessKeySecret)
            return secrets.count == 2
        }
        #expect(isRenewed && fetches.values.count >= 2)
    }

    @Test("Concurrent callers share one fetch, and rejected credentials are fetched again")
    func oneFetch() async throws {
        let fetches = Recorder<Int>()
        let server = try CredentialsServer { request in
            if request.target == "/latest/api/token" { return .ok("token") }
            return .ok(CredentialsServer.document("secret\(fetches.append(1))"))
        }
        let provider: RefreshingCredentialsProvider = .ecsRAMRole("backup", transport: server.transport)
        let secrets = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<50 { group.addTask { try await provider.credentials()?.accessKeySecret } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(secrets == ["secret1"] && fetches.values.count == 1)
        let current = try #require(try await provider.credentials())
        await provider.invalidate(current)
        #expect(try await provider.credentials()?.accessKeySecret == "secret2")
        for text in printed(provider) { #expect(!text.contains("secret1") && !text.contains("t0k3n")) }
    }

    @Test("A transport that ignores its time limits does not block the provider")
    func hangingTransport() async throws {
        struct HangingTransport: HTTPTransport {
            func send(_ request: HTTPRequest) async throws -> HTTPResponse {
                // Not even a cancellation ends the wait.
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
                throw CancellationError()
            }
        }
        let service = CredentialsService(
            name: "the service", transport: HangingTransport(), timeouts: HTTPTimeouts(total: .milliseconds(1)),
            maximumAttempts: 1)
        let error = try await #require(throws: OSSError.self) {
            _ = try await service.send { HTTPRequest(method: .get, url: "http://127.0.0.1/") }
        }
        #expect((error.underlying as? HTTPTransportError)?.kind == .timedOut)
    }
}
