import Foundation
import Testing

@testable import AliyunOSS

@Suite("Redaction")
struct RedactionTests {
    @Test(
        "A request shows neither its credentials nor its signature, in any textual form",
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

    /// Elements that an error response can repeat, with `%@` in place of a secret. The service itself uses the first
    /// one.
    private static let echoes = [
        "<SecurityToken>%@</SecurityToken>", "<Detail>%@</Detail>", "<ArgumentValue>token %@, no</ArgumentValue>",
        "<CanonicalRequest>GET\n/\nx-oss-date:1\nx-oss-security-token:%@\n\nhost;x-oss-security-token</CanonicalRequest>",
        "<StringToSign>GET\nx-oss-security-token:%@\n/photos/a?security-token=%@</StringToSign>",
        "<HostId>%@</HostId>", "<EC>%@</EC>", "<Code>%@</Code>", "<Message>The token %@\u{301} has expired.</Message>",
        "<Unheard><Of>%@</Of></Unheard>",
    ]

    @Test("No error shows the secret or the token, wherever the response repeats them", arguments: echoes)
    func refusal(echo: String) async throws {
        let secrets = ["hush+hush/==", "tell+nobody/=="]
        let credentials = Credentials(accessKeyID: "id", accessKeySecret: secrets[0], securityToken: secrets[1])
        for secret in secrets + ["hush%2Bhush%2F%3D%3D", "tell%2Bnobody%2F%3D%3D"] {
            let body = echo.replacingOccurrences(of: "%@", with: secret)
            let transport = ScriptedTransport { _ in .refusal(403, "SecurityTokenExpired", more: body) }
            let bucket = try Bucket.scripted(transport, credentials: StaticCredentialsProvider(credentials))
            let error = try #require(await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") })
            let text = Self.everything(about: error)
            #expect(error.serviceError?.status == 403)
            #expect(text.range(of: secret, options: .literal) == nil, "\(text)")
        }
    }

    @Test(
        "A long message is truncated after secrets are removed, so no part of a secret remains",
        arguments: [1024, 4096])
    func longMessage(limit: Int) async throws {
        let credentials = Credentials(
            accessKeyID: "id", accessKeySecret: "hush-hush", securityToken: "tell-nobody-at-all")
        let padding = String(repeating: "x", count: limit - 9)
        let transport = ScriptedTransport { _ in
            .refusal(403, "SecurityTokenExpired", more: "<Message>\(padding)tell-nobody-at-all</Message>")
        }
        let bucket = try Bucket.scripted(transport, credentials: StaticCredentialsProvider(credentials))
        let error = try #require(await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") })
        #expect(error.serviceError?.message.hasPrefix("xxx") == true)
        #expect(!Self.everything(about: error).contains("tell"))
    }

    @Test("An error keeps the signed text without the token, even if the credentials are unknown")
    func signedText() throws {
        let lines = "GET\nx-oss-date:1\nx-oss-security-token:%@\n\nhost;x-oss-security-token\nUNSIGNED-PAYLOAD"
        let response = HTTPResponse.refusal(
            403, "SignatureDoesNotMatch",
            more: "<CanonicalRequest>\(lines.replacingOccurrences(of: "%@", with: "tell-nobody"))</CanonicalRequest>")
        let details = OSSError.ServiceError(response).details
        #expect(details == ["CanonicalRequest": lines.replacingOccurrences(of: "%@", with: "redacted")])
    }

    @Test("A transport error that contains the token is not kept as the underlying error")
    func underlying() async throws {
        struct Talkative: Error { var headers: [String] }
        let credentials = Credentials(accessKeyID: "id", accessKeySecret: "hush-hush", securityToken: "tell-nobody")
        let transport = ScriptedTransport { request in
            throw Talkative(headers: request.headers.map { "\($0.name): \($0.value)" })
        }
        let bucket = try Bucket.scripted(transport, credentials: StaticCredentialsProvider(credentials)) {
            $0.retry.maximumAttempts = 1
        }
        let error = try #require(await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") })
        #expect(!Self.everything(about: error).contains("tell-nobody"))
        #expect(error.message.contains("redacted"))
    }

    /// Returns every text representation of an error.
    private static func everything(about error: OSSError) -> String {
        var text = "\(error)\n\(String(reflecting: error))\n\(error.localizedDescription)\n"
        dump(error, to: &text)
        if let reply = error.serviceError { dump(reply, to: &text) }
        return text
    }
}
