import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Credentials from a URI", .timeLimit(.minutes(3)))
struct CredentialsURITests {
    @Test("The credentials of a local service are used until they expire")
    func success() async throws {
        let server = try CredentialsServer { _ in .ok(CredentialsServer.document()) }
        let provider: RefreshingCredentialsProvider = .uri(server.url("/v1/credentials?key=s3cr3t"))
        for _ in 0..<3 { #expect(try await provider.credentials()?.securityToken == "t0k3n") }
        #expect(server.requests.map(\.line) == ["GET /v1/credentials?key=s3cr3t HTTP/1.1"])
    }

    @Test("An error names the host but not the path or the query")
    func errors() async throws {
        let server = try CredentialsServer { _ in .status("500 Internal Server Error", "s3cr3t") }
        let error = try await failure(
            of: .uri("https://credentials.example.com/s3cr3t?key=t0k3n", transport: server.transport))
        #expect(error.message.contains("https://credentials.example.com") && error.message.contains("status 500"))
        #expect(server.requests.count == 3)
    }

    @Test(
        "A URI that is not encrypted or not valid is rejected before any request",
        arguments: [
            ("http://credentials.example.com/s3cr3t", "not encrypted"), ("file:///s3cr3t", "not valid"),
            ("s3cr3t", "not valid"), ("https://user:s3cr3t@example.com/", "user name"), ("", "not valid"),
        ])
    func rejected(_ uri: String, _ word: String) async throws {
        let server = try CredentialsServer { _ in .ok(CredentialsServer.document()) }
        #expect(try await failure(of: .uri(uri, transport: server.transport)).message.contains(word))
        #expect(server.sent.isEmpty)
    }

    @Test("An unencrypted connection to another machine must be permitted")
    func plainHTTP() async throws {
        let server = try CredentialsServer { _ in .ok(CredentialsServer.document()) }
        let provider: RefreshingCredentialsProvider = .uri(
            "http://credentials.example.com/", allowsPlainHTTP: true, transport: server.transport)
        #expect(try await provider.credentials()?.accessKeyID == "STS.id")
    }
}
