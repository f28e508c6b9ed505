import Foundation
import Testing

@testable import AliyunOSS

@Suite("Redaction")
struct RedactionTests {
    @Test(
        "A request shows neither its credentials nor its signature, however it is printed",
        arguments: [SignatureVersion.v4, .v1])
    func request(signature: SignatureVersion) async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let credentials = Credentials(accessKeyID: "id", accessKeySecret: "hush-hush", securityToken: "tell-nobody")
        let bucket = try Bucket.scripted(transport, credentials: StaticCredentialsProvider(credentials)) {
            $0.signature = signature
        }
        try await bucket.deleteObject("a")
        let request = try #require(transport.requests.first)
        #expect(request.headers["x-oss-security-token"] == "tell-nobody")
        let authorization = try #require(request.headers["Authorization"])
        var text = "\(request) \(String(reflecting: request)) \(request.headers) \(String(reflecting: request.headers))"
        dump(request, to: &text)
        dump(request.headers, to: &text)
        for secret in ["hush-hush", "tell-nobody", authorization] { #expect(!text.contains(secret)) }
    }
}
