import AliyunOSSTesting
import Foundation
import TestProcesses
import Testing

@testable import AliyunOSS

/// What TLS must refuse. URLSession on Linux takes no certificate authority of a test's own, so every certificate that
/// a test can present is one from an unknown issuer: a wrong host or a date in the past cannot be shown by itself.
@Suite("TLS")
struct TLSTests {
    private func bucket(port: Int) throws -> Bucket {
        var configuration = BucketConfiguration()
        configuration.retry = RetryPolicy(maximumAttempts: 3, baseDelay: .milliseconds(1))
        configuration.addressing = .path
        return try Bucket(
            "photos", endpoint: "https://127.0.0.1:\(port)", region: "cn-hangzhou", credentials: .anonymous,
            configuration: configuration)
    }

    @Test("A16: a server that cannot prove who it is is refused, and not asked again")
    func a16() async throws {
        // It answers in the clear, where TLS was expected.
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let error = await failure { try await bucket(port: Int(server.port)).getObject("k") }
        #expect(error?.code == .connectionFailed, "\(error as Any)")
        #expect(error?.attempts == 1)
        #expect(server.statistics.connections == 1)
        #expect(server.requests.isEmpty)
    }

    @Test(
        "A certificate that nobody vouches for is refused, and the server not asked again",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func selfSigned() async throws {
        let folder = try Scratch()
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
        // It says its port once it listens.
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
