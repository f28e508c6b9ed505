import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Signers for clients without a secret", .timeLimit(.minutes(5)))
struct RequestSignerTests {
    /// A signer that encodes what it sends to its server, and what it receives from it.
    private struct RemoteSigner: RequestSigner {
        var server: CredentialsSigner
        var seen = Recorder<SignableRequest>()

        func signature(
            for request: SignableRequest, at date: Date, validFor seconds: Int?
        ) async throws -> RequestSignature {
            let received = try JSONDecoder().decode(SignableRequest.self, from: JSONEncoder().encode(request))
            seen.append(received)
            let signature = try await server.signature(for: received, at: date, validFor: seconds)
            return try JSONDecoder().decode(RequestSignature.self, from: JSONEncoder().encode(signature))
        }

        func signature(for policy: PostPolicy, at date: Date) async throws -> RequestSignature {
            let received = try JSONDecoder().decode(PostPolicy.self, from: JSONEncoder().encode(policy))
            guard received == policy, received.conditions.first == .equals("bucket", "photos") else {
                throw UnexpectedRequest()
            }
            let signature = try await server.signature(for: received, at: date)
            return try JSONDecoder().decode(RequestSignature.self, from: JSONEncoder().encode(signature))
        }
    }

    private struct ClosureSigner: RequestSigner {
        var closure: @Sendable () async throws -> RequestSignature

        func signature(
            for request: SignableRequest, at date: Date, validFor seconds: Int?
        ) async throws -> RequestSignature {
            try await closure()
        }
    }

    private struct UnexpectedRequest: Error {}

    private func scene(_ kind: PresignedKind) throws -> (PresignedScene, Bucket, RemoteSigner) {
        let scene = try PresignedScene(kind)
        let signer = RemoteSigner(
            server: CredentialsSigner(
                region: scene.server.region, credentials: scene.bucket.client.provider, version: kind.version))
        var configuration = scene.bucket.client.configuration
        configuration.signer = signer
        let bucket = try Bucket(
            "photos", endpoint: scene.server.endpoint, region: scene.server.region,
            credentials: .closure { throw UnexpectedRequest() }, configuration: configuration)
        return (scene, bucket, signer)
    }

    @Test("A client without credentials stores, reads and lists objects", arguments: PresignedKind.all)
    func signs(_ kind: PresignedKind) async throws {
        let (scene, bucket, signer) = try scene(kind)
        try await bucket.putObject("a b", "content", options: .init(contentType: "text/plain", metadata: ["a": "1"]))
        #expect(try await bucket.getObject("a b").body.text() == "content")
        var keys: [ObjectKey] = []
        for try await object in bucket.listObjects(prefix: "a") { keys.append(object.key) }
        #expect(keys == ["a b"])
        #expect(scene.server.requests.allSatisfy { $0.status < 300 && $0.headers["Authorization"] != nil })
        #expect(signer.seen.values.map(\.method) == [.put, .get, .get])
        #expect(signer.seen.values.map(\.key) == ["a b", "a b", nil])
    }

    @Test("A client without credentials presigns requests", arguments: PresignedKind.all)
    func presigns(_ kind: PresignedKind) async throws {
        let (scene, bucket, _) = try scene(kind)
        let put = try await bucket.presignedURL(for: .put("k", contentType: "text/plain"), expiresIn: .minutes(1))
        #expect(put.headers == ["Content-Type": "text/plain"])
        #expect(try scene.server.send(put, body: [1]).status == 200)
        let same = try await scene.bucket.presignedURL(
            for: .put("k", contentType: "text/plain"), expiresIn: .minutes(1))
        let names = { (request: PresignedRequest) in Set(PresignedURL.query(of: request.url).map(\.name)) }
        #expect(names(put) == names(same))
    }

    @Test("A client without credentials makes the same form as one with credentials", arguments: PresignedKind.all)
    func forms(_ kind: PresignedKind) async throws {
        let (scene, bucket, _) = try scene(kind)
        let conditions: [PostCondition] = [
            .equals("key", "k"), .startsWith("x-oss-meta-a", "a$"), .isOneOf("content-type", ["image/png"]),
            .isNotOneOf("cache-control", ["no-cache"]), .contentLength(1...5),
        ]
        let form = try await bucket.postForm(conditions, expiresIn: .minutes(1))
        let local = try await scene.bucket.postForm(conditions, expiresIn: .minutes(1))
        #expect(form.fields.map(\.name) == local.fields.map(\.name))
        #expect(form.fields.map(\.value) == local.fields.map(\.value))
        #expect(form.url == local.url && form.expiration == local.expiration)
    }

    @Test("A signer that signs no forms is an error that names the function to implement")
    func formsAreOptional() async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let bucket = try Bucket.scripted(transport) { $0.signer = ClosureSigner { RequestSignature() } }
        let error = await #expect(throws: OSSError.self) { try await bucket.postForm([], expiresIn: .minutes(1)) }
        #expect(error?.code == .credentialsUnavailable && error?.operation == "PostObject")
        #expect(error?.message.contains("ClosureSigner signs no forms; implement signature(for:at:)") == true)
    }

    @Test("A policy that is not valid is not signed")
    func invalidPolicies() async throws {
        let signer = CredentialsSigner(
            region: "cn-hangzhou", credentials: .static(accessKeyID: "id", accessKeySecret: "secret"))
        let now = PresignedScene.now
        for policy in [
            PostPolicy(expiration: now + 8 * 86_400, conditions: [.equals("bucket", "photos")]),
            PostPolicy(expiration: now - 1, conditions: [.equals("bucket", "photos")]),
            PostPolicy(expiration: now + 60, conditions: [.equals("bucket", "photos"), .equals("policy", "x")]),
        ] {
            let error = await #expect(throws: OSSError.self) { try await signer.signature(for: policy, at: now) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test(
        "A condition that is not known cannot be decoded",
        arguments: [
            #"{"a":"b","c":"d"}"#, "{}", #"["like","$key","x"]"#, #"["eq","key","x"]"#, #"["eq","$key","x","y"]"#,
            #"["content-length-range",5,1]"#, #"["in","$key","x"]"#, "5",
        ])
    func unknownConditions(_ text: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(PostCondition.self, from: Data(text.utf8))
        }
    }

    @Test("A failing signer is an error, and nothing is sent")
    func failure() async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let bucket = try Bucket.scripted(transport) {
            $0.signer = ClosureSigner { throw UnexpectedRequest() }
        }
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("k") }
        #expect(error?.code == .credentialsUnavailable)
        #expect(error?.message == "the signer failed: UnexpectedRequest")
        #expect(error?.operation == "DeleteObject")
        #expect(transport.requests.isEmpty)
    }

    @Test("A signer that never returns does not outlast the deadline")
    func hanging() async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let bucket = try Bucket.scripted(transport) {
            $0.signer = ClosureSigner {
                try await Task.sleep(for: .seconds(3600))
                return RequestSignature()
            }
            $0.deadline = .milliseconds(50)
        }
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("k") }
        #expect(error?.code == .timedOut)
        #expect(transport.requests.isEmpty)
    }

    @Test("Descriptions of a signature and of a request omit their values")
    func redaction() async throws {
        let signer = CredentialsSigner(
            region: "cn-hangzhou",
            credentials: .static(accessKeyID: "id", accessKeySecret: "TOPSECRET", securityToken: "TOPTOKEN"))
        for seconds in [nil, 60] {
            let signature = try await signer.signature(
                for: SignableRequest(method: .get, bucket: "photos"), at: PresignedScene.now, validFor: seconds)
            let values = [signature.headers["Authorization"], signature.query["x-oss-signature"]].compactMap { $0 }
            try #require(!values.isEmpty)
            for text in printed(signature) + printed(signer) {
                #expect(!text.contains("TOPSECRET") && !text.contains("TOPTOKEN"))
                #expect(!values.contains(where: text.contains))
            }
        }
    }
}
