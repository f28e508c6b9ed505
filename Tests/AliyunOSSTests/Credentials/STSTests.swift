import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// A published signature of an RPC request.
private struct RPCVector: Decodable, Sendable, CustomStringConvertible {
    struct Expected: Decodable, Sendable {
        var signature: String
        var stringToSign: String?
    }

    var id: String
    var method: String?
    var accessKeySecret: String?
    var params: [String: String]?
    var hmacKey: String?
    var stringToSign: String?
    var expected: Expected

    var description: String { id }
}

@Suite("RPC signature")
struct RPCSignatureTests {
    fileprivate static let vectors = VectorFile<RPCVector>.load("sts_rpc")

    @Test("The signature equals that of Aliyun's clients", arguments: vectors.filter { $0.params != nil })
    fileprivate func vector(_ vector: RPCVector) throws {
        let parameters = try #require(vector.params)
        let text = RPCSignature.stringToSign(method: try #require(vector.method), parameters: parameters)
        #expect(text == vector.expected.stringToSign)
        let secret = try #require(vector.accessKeySecret)
        #expect(RPCSignature.signature(of: text, secret: secret) == vector.expected.signature)
    }

    @Test("A signature is a SHA-1 authentication code in Base64", arguments: vectors.filter { $0.hmacKey != nil })
    fileprivate func code(_ vector: RPCVector) throws {
        let (text, key) = (try #require(vector.stringToSign), try #require(vector.hmacKey))
        let code = HMAC<SHA1>.authenticationCode(for: Data(text.utf8), key: Data(key.utf8))
        #expect(Data(code).base64EncodedString() == vector.expected.signature)
    }

    @Test("The file contains vectors of both kinds")
    func count() { #expect(Self.vectors.count == 4) }
}

@Suite("Credentials of an assumed role", .timeLimit(.minutes(3)))
struct STSTests {
    private static let user: StaticCredentialsProvider = .static(
        accessKeyID: "user", accessKeySecret: "us3r-s3cr3t", securityToken: "us3r-t0k3n")
    private static let secrets = ["s3cr3t", "t0k3n", "p0l1cy"]

    private static let role = role { _ in }

    private static func role(_ change: (inout RAMRole) -> Void) -> RAMRole {
        var role: RAMRole = "acs:ram::123456789012:role/backup"
        role.policy = #"{"Version": "1", "p0l1cy": []}"#
        role.externalID = "external"
        role.duration = .seconds(900)
        change(&role)
        return role
    }

    @Test("A role is assumed with a signed request, in which all secrets are in the body")
    func assumeRole() async throws {
        let server = try CredentialsServer { _ in .ok(CredentialsServer.stsDocument()) }
        let provider: RefreshingCredentialsProvider = .assumeRole(
            Self.role, with: Self.user, transport: server.transport)
        let credentials = try #require(try await provider.credentials())
        #expect(credentials.accessKeyID == "STS.id" && credentials.accessKeySecret == "s3cr3t")
        #expect(credentials.securityToken == "t0k3n")

        let request = try #require(server.requests.first)
        #expect(server.requests.count == 1 && server.sent[0].url.hasPrefix("https://sts.aliyuncs.com/?"))
        #expect(request["content-type"] == "application/x-www-form-urlencoded")
        var parameters = request.parameters
        let signature = parameters.removeValue(forKey: "Signature")
        let text = RPCSignature.stringToSign(method: "POST", parameters: parameters)
        #expect(signature == RPCSignature.signature(of: text, secret: "us3r-s3cr3t"))
        let nonce = parameters.removeValue(forKey: "SignatureNonce") ?? ""
        let timestamp = parameters.removeValue(forKey: "Timestamp") ?? ""
        #expect(!nonce.isEmpty && ISO8601.date(from: timestamp) != nil && !timestamp.contains("."))
        #expect(
            parameters == [
                "Action": "AssumeRole", "Version": "2015-04-01", "Format": "JSON", "AccessKeyId": "user",
                "SecurityToken": "us3r-t0k3n", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
                "RoleArn": "acs:ram::123456789012:role/backup", "RoleSessionName": "aliyun-oss-swift",
                "DurationSeconds": "900", "Policy": #"{"Version": "1", "p0l1cy": []}"#, "ExternalId": "external",
            ])
        for secret in Self.secrets + [signature ?? ""] { #expect(!request.target.contains(secret)) }
    }

    @Test("A retry has another nonce and another signature")
    func retry() async throws {
        let attempts = Recorder<Int>()
        let server = try CredentialsServer { _ in
            attempts.append(1) == 1 ? .status("503 Service Unavailable") : .ok(CredentialsServer.stsDocument())
        }
        _ =
            try await RefreshingCredentialsProvider
            .assumeRole(Self.role, with: Self.user, transport: server.transport).credentials()
        #expect(server.requests.count == 2)
        for name in ["SignatureNonce", "Signature"] {
            #expect(Set(server.requests.map { $0.parameters[name] }).count == 2)
        }
    }

    @Test(
        "A refusal is an error with the code of STS, the next step, and without the message of STS",
        arguments: [
            ("NoPermission", "trust policy"), ("InvalidAccessKeyId.NotFound", "access key"),
            ("SignatureDoesNotMatch", "access key"), ("InvalidSecurityToken.Expired", "renew"),
            ("EntityNotExist.Role", "ARN"), ("InvalidTimeStamp.Expired", "clock"), ("Unheard.Of", "troubleshoot"),
        ])
    func refusals(_ code: String, _ step: String) async throws {
        let server = try CredentialsServer { request in
            // STS repeats the signed text, with the token.
            let text = String(decoding: request.body, as: UTF8.self)
            let body = #"{"RequestId": "6894B13B", "Code": "\#(code)", "Message": "server string is \#(text)"}"#
            return .status("403 Forbidden", body)
        }
        let provider: RefreshingCredentialsProvider = .assumeRole(
            Self.role, with: Self.user, transport: server.transport)
        let error = try await failure(of: provider, hiding: Self.secrets)
        #expect(error.message.contains(code) && error.message.contains(step), "\(error)")
        #expect(error.message.contains("STS at https://sts.aliyuncs.com"))
        #expect(error.serviceError?.requestID == "6894B13B" && error.serviceError?.status == 403)
        #expect(server.requests.count == 1)
    }

    @Test(
        "A foreign or unusable response is an error",
        arguments: [
            ("200 OK", "<html>Sign in</html>", "HTML"),
            ("200 OK", #"{"Credentials": {"AccessKeyId": "a"}}"#, "without"),
            ("200 OK", #"{"Credentials": []}"#, "malformed"), ("404 Not Found", "<html></html>", "status 404"),
            ("403 Forbidden", #"{"Code": "<b>us3r-s3cr3t</b>"}"#, "status 403"),
            ("200 OK", CredentialsServer.stsDocument(livingFor: -1), "expired"),
        ])
    func foreignResponses(_ status: String, _ body: String, _ word: String) async throws {
        let server = try CredentialsServer { _ in .status(status, body) }
        let provider: RefreshingCredentialsProvider = .assumeRole(
            Self.role, with: Self.user, transport: server.transport)
        let error = try await failure(of: provider, hiding: Self.secrets)
        #expect(error.message.contains("STS at") && error.message.contains(word), "\(error)")
        #expect(server.requests.count == 1)
    }

    @Test("If STS does not respond, or never completes a response, the provider fails", arguments: [true, false])
    func silence(_ isSilent: Bool) async throws {
        let server = try CredentialsServer { _ in isSilent ? .missing : .endless }
        let provider: RefreshingCredentialsProvider = .assumeRole(
            Self.role, with: Self.user, transport: server.impatientTransport)
        let error = try await failure(of: provider, hiding: Self.secrets)
        #expect(error.message.contains("STS at https://sts.aliyuncs.com"), "\(error)")
        #expect((error.underlying as? HTTPTransportError)?.kind == .timedOut, "\(error)")
        #expect(server.requests.count == 3)
        #expect(server.sent.allSatisfy { $0.timeouts.total != nil })
    }

    @Test("Credentials that STS rejects are invalidated in their source")
    func invalidation() async throws {
        struct Source: CredentialsProvider {
            let invalidated = Recorder<String>()

            func credentials() async throws -> Credentials? {
                Credentials(accessKeyID: "id\(invalidated.values.count)", accessKeySecret: "s3cr3t")
            }
            func invalidate(_ credentials: Credentials) async { invalidated.append(credentials.accessKeyID) }
        }
        let server = try CredentialsServer { request in
            request.parameters["AccessKeyId"] == "id0"
                ? .status("403 Forbidden", #"{"Code": "InvalidSecurityToken.Expired"}"#)
                : .ok(CredentialsServer.stsDocument())
        }
        let source = Source()
        let provider: RefreshingCredentialsProvider = .assumeRole(
            "acs:ram::1:role/r", with: source, transport: server.transport)
        _ = try await failure(of: provider)
        #expect(source.invalidated.values == ["id0"])
        #expect(try await provider.credentials()?.accessKeyID == "STS.id")
    }

    @Test(
        "An invalid role or endpoint is reported before any request",
        arguments: [
            (role { $0.arn = "backup" }, "ARN"), (role { $0.sessionName = "a b" }, "session name"),
            (role { $0.sessionName = "a" }, "session name"),
            (role { $0.duration = .seconds(60) }, "900 seconds (got 60)"),
            (role { $0.endpoint = "http://sts.aliyuncs.com" }, "not encrypted"),
            (role { $0.endpoint = "https://user:s3cr3t@sts.aliyuncs.com" }, "user name"),
            (role { $0.endpoint = "sts" }, "not valid"),
        ])
    func invalidRoles(_ role: RAMRole, _ word: String) async throws {
        let server = try CredentialsServer { _ in .ok(CredentialsServer.stsDocument()) }
        let provider: RefreshingCredentialsProvider = .assumeRole(role, with: Self.user, transport: server.transport)
        #expect(try await failure(of: provider, hiding: Self.secrets).message.contains(word))
        #expect(server.sent.isEmpty)
    }

    @Test("A role cannot be assumed anonymously")
    func anonymous() async throws {
        let error = try await failure(of: .assumeRole(Self.role, with: .anonymous))
        #expect(error.message.contains("anonymously"))
    }

    @Test("Without the variables of a pod, the error names them")
    func noPod() async throws {
        try #require(ProcessInfo.processInfo.environment["ALIBABA_CLOUD_OIDC_TOKEN_FILE"] == nil)
        let message = try await failure(of: .oidc).message
        for name in ["ALIBABA_CLOUD_ROLE_ARN", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"] {
            #expect(message.contains(name))
        }
    }

    @Test("The token of an OIDC provider is read for each request, which has no signature")
    func oidc() async throws {
        let server = try CredentialsServer { _ in .ok(CredentialsServer.stsDocument()) }
        let folder = try ScratchDirectory()
        try folder.write("token", "first-t0k3n\n")
        let provider: RefreshingCredentialsProvider = .oidc(
            "acs:ram::1:role/r", provider: "acs:ram::1:oidc-provider/ack", tokenFile: folder["token"],
            transport: server.transport)
        let first = try #require(try await provider.credentials())
        try folder.write("token", "second-t0k3n")
        await provider.invalidate(first)
        _ = try await provider.credentials()
        #expect(server.requests.map { $0.parameters["OIDCToken"] } == ["first-t0k3n", "second-t0k3n"])
        let parameters = try #require(server.requests.first?.parameters)
        #expect(parameters["Action"] == "AssumeRoleWithOIDC")
        #expect(parameters["OIDCProviderArn"] == "acs:ram::1:oidc-provider/ack")
        #expect(parameters["Signature"] == nil && parameters["AccessKeyId"] == nil)
        #expect(!server.requests[0].target.contains("t0k3n"))
    }

    @Test(
        "A token file without a token is an error with its path",
        arguments: ["", " \n", "<html>s3cr3t page</html>", String(repeating: "s3cr3t", count: 20_000)])
    func tokenFiles(_ content: String) async throws {
        let folder = try ScratchDirectory()
        try folder.write("token", content)
        try folder.makeFIFO("pipe")
        for name in ["token", "pipe", "missing"] {
            let error = try await failure(
                of: .oidc("acs:ram::1:role/r", provider: "acs:ram::1:oidc-provider/ack", tokenFile: folder[name]))
            #expect(error.message.contains("OIDC token file") && error.message.contains(folder[name]))
        }
    }
}
