import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

@testable import AliyunOSS

/// Tests of the servers that receive credentials. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Connection security", .timeLimit(.minutes(10)))
struct ConnectionSecurityTests {
    @Test("A8: a password challenge ends in accessDenied after one request")
    func a8() async throws {
        let service = try TestService { $0.deadline = .seconds(300) }
        service.server.add(.challenge, times: 2)
        for error in [
            await failure { try await service.bucket.putObject("k", "x") },
            await failure { try await service.bucket.getObject("k") },
        ] {
            #expect(error?.code == .accessDenied, "\(error.map { "\($0)" } ?? "no error")")
        }
        #expect(service.count() == 2)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A9: a redirect is not followed; the error names its target, which receives no credentials",
        arguments: [301, 302, 307, 308], [false, true])
    func a9(status: Int, isSameHost: Bool) async throws {
        let service = try TestService()
        let other = try MockOSSServer(.init(buckets: ["photos"]))
        let target = (isSameHost ? service.server : other).endpoint + "/photos/elsewhere"
        service.server.add(.redirect(status: status, to: target), times: 2)
        for error in [
            await failure { try await service.bucket.getObject("k") },
            await failure { try await service.bucket.putObject("k", "x") },
        ] {
            #expect(error?.code == .invalidResponse)
            #expect(error?.message.contains(target) == true)
        }
        #expect(service.count() == 2)
        #expect(other.requests.isEmpty)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A17: plain HTTP with credentials is rejected, except on the same machine or with permission")
    func a17() throws {
        func make(_ endpoint: String, _ credentials: any CredentialsProvider, allowed: Bool = false) throws {
            var configuration = BucketConfiguration()
            configuration.allowsPlainHTTP = allowed
            _ = try Bucket(
                "photos", endpoint: endpoint, region: "cn-hangzhou", credentials: credentials,
                configuration: configuration)
        }
        let key = StaticCredentialsProvider.static(accessKeyID: "id", accessKeySecret: "secret")
        let remote = [
            "http://oss-cn-hangzhou.aliyuncs.com", "http://10.0.0.1", "http://127.example.com",
        ]
        for endpoint in remote {
            #expect { try make(endpoint, key) } throws: {
                ($0 as? OSSError)?.code == .invalidArgument
                    && ($0 as? OSSError)?.message.contains("allowsPlainHTTP") == true
            }
            try make(endpoint, key, allowed: true)
            try make(endpoint, .anonymous)
        }
        for endpoint in [
            "http://127.0.0.1:1", "http://127.1.2.3", "http://localhost", "https://x.example",
        ] {
            try make(endpoint, key)
        }
    }

    private func bucket(port: Int) throws -> Bucket {
        var configuration = BucketConfiguration()
        configuration.retry = RetryPolicy(maximumAttempts: 3, baseDelay: .milliseconds(1))
        configuration.addressing = .path
        return try Bucket(
            "photos", endpoint: "https://127.0.0.1:\(port)", region: "cn-hangzhou", credentials: .anonymous,
            configuration: configuration)
    }

    @Test("A16: a server with an untrusted certificate is rejected without a retry")
    func a16() async throws {
        // The server responds without TLS where TLS is expected.
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let error = await failure { try await bucket(port: Int(server.port)).getObject("k") }
        #expect(error?.code == .connectionFailed, "\(error as Any)")
        #expect(error?.attempts == 1)
        #expect(server.statistics.connections == 1)
        #expect(server.requests.isEmpty)
    }

    @Test(
        "A self-signed certificate is rejected without a retry",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func selfSigned() async throws {
        let folder = try ScratchDirectory()
        let request = try run([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", "-keyout",
            folder["key.pem"], "-out", folder["certificate.pem"],
        ])
        try #require(await request.end() == .exited(0))
        try folder.write("output", Data())
        let server = try run(
            [
                "s_server", "-accept", "127.0.0.1:0", "-key", folder["key.pem"], "-cert", folder["certificate.pem"],
                "-www",
            ],
            output: FileHandle(forWritingTo: URL(fileURLWithPath: folder["output"])))
        defer { server.send(SIGKILL) }
        // The server prints its port when it listens.
        let announcement = /ACCEPT 127\.0\.0\.1:([0-9]+)\n/
        var announced: Int?
        let isReady = try await eventually {
            let said = try String(contentsOfFile: folder["output"], encoding: .utf8)
            announced = said.firstMatch(of: announcement).flatMap { Int($0.output.1) }
            return announced != nil
        }
        try #require(isReady)
        let port = try #require(announced)
        let error = await failure { try await bucket(port: port).getObject("k") }
        #expect(error?.code == .connectionFailed, "\(error as Any)")
        #expect(error?.attempts == 1)
        #expect(error?.message.localizedCaseInsensitiveContains("certificate") == true, "\(error as Any)")
    }

    private func run(_ arguments: [String], output: FileHandle? = nil) throws -> ChildProcess {
        try ChildProcess("/usr/bin/openssl", arguments, standardOutput: output, standardError: nil)
    }
}
