import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Forms for browsers", .timeLimit(.minutes(5)))
struct PostFormTests {
    private struct Vector: Decodable, CustomTestStringConvertible {
        struct Expected: Decodable {
            var policyBase64: String
            var signature: String?
        }

        var id: String
        var version: String
        var accessKeyId: String?
        var accessKeySecret: String?
        var date: String?
        var region: String?
        var expected: Expected

        var testDescription: String { id }
    }

    @Test("The signature of a policy equals the published one", arguments: VectorFile<Vector>.load("post_policy"))
    private func vectors(_ vector: Vector) throws {
        guard let signature = vector.expected.signature, let secret = vector.accessKeySecret else { return }
        let signer = Signer(version: vector.version == "V4" ? .v4 : .v1, region: vector.region ?? "")
        let date = try #require(vector.date.map { ISO8601.date(from: "\($0)T000000Z") } ?? Date())
        let field = signer.formSignature(
            ofPolicy: vector.expected.policyBase64,
            credentials: Credentials(accessKeyID: vector.accessKeyId ?? "id", accessKeySecret: secret), at: date)
        #expect(field.value == signature)
        #expect(field.name == (vector.version == "V4" ? "x-oss-signature" : "Signature"))
    }

    /// Sends a form as a browser does.
    private func submit(
        _ form: PostForm, adding fields: [(String, String)] = [], file: String = "content", to scene: PresignedScene
    ) throws -> RawResponse {
        var body = ""
        for (name, value) in form.fields + fields {
            body += "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        body += "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.txt\"\r\n\r\n\(file)\r\n--B--\r\n"
        var request = PresignedRequest(.post, url: form.url)
        request.headers = ["Content-Type": "multipart/form-data; boundary=B"]
        return try scene.server.send(request, body: Array(body.utf8))
    }

    @Test("A form stores its file with the fields that the conditions fix", arguments: PresignedKind.all)
    func stores(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        let form = try await scene.bucket.postForm(
            [
                .equals("key", "up \"x\"/\\中/${filename}"), .equals("success_action_status", "201"),
                .startsWith("x-oss-meta-a", ""), .isOneOf("content-type", ["image/png", "text/plain"]),
                .isNotOneOf("cache-control", ["no-cache"]), .contentLength(1...7),
            ], expiresIn: .minutes(30))
        #expect(form.fields.prefix(2).map(\.name) == ["key", "success_action_status"])
        let end = PresignedScene.now.timeIntervalSince1970.rounded(.down) + 1800
        #expect(form.expiration.timeIntervalSince1970 == end)
        let response = try submit(
            form,
            adding: [("x-oss-meta-a", "1"), ("Content-Type", "text/plain"), ("Cache-Control", "no-store")], to: scene)
        #expect(response.status == 201, "\(response.text)")
        #expect(scene.service.stored("up \"x\"/\\中/a b.txt") == Data("content".utf8))
        for text in printed(form) { #expect(!text.contains(form.fields.last?.value ?? "")) }
    }

    @Test("A form that breaks a condition is refused", arguments: PresignedKind.all)
    func refuses(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        let form = try await scene.bucket.postForm(
            [.startsWith("key", "up/"), .isOneOf("content-type", ["text/plain"]), .contentLength(2...7)],
            expiresIn: .minutes(1))
        let type = ("Content-Type", "text/plain")
        #expect(try submit(form, adding: [("key", "up/k"), type], to: scene).status == 204)
        try scene.server.reset()
        #expect(try submit(form, adding: [("key", "down/k"), type], to: scene).status == 403)
        #expect(try submit(form, adding: [("key", "up/k"), ("Content-Type", "text/html")], to: scene).status == 403)
        #expect(try submit(form, adding: [("key", "up/k"), type], file: "12345678", to: scene).status == 400)
        #expect(try submit(form, adding: [("key", "up/k"), type], file: "1", to: scene).status == 400)
        let other = try await scene.bucket.postForm([.startsWith("key", "")], expiresIn: .minutes(1))
        var forged = form
        for index in forged.fields.indices where forged.fields[index].name == "policy" {
            forged.fields[index].value = try #require(other.fields.first { $0.name == "policy" }).value
        }
        #expect(try submit(forged, adding: [("key", "down/k")], to: scene).status == 403)
        scene.server.clockOffset = .seconds(62)
        #expect(try submit(form, adding: [("key", "up/k"), type], to: scene).status == 403)
        #expect(scene.server.keys(in: "photos") == [])
    }

    @Test("A form expires at a date")
    func date() async throws {
        let scene = try PresignedScene(PresignedKind(version: .v4))
        let end = PresignedScene.now + 100
        let form = try await scene.bucket.postForm([.equals("key", "k")], expiresAt: end)
        #expect(form.expiration.timeIntervalSince1970 == end.timeIntervalSince1970.rounded(.down))
        for date in [PresignedScene.now - 1, PresignedScene.now + 8 * 86_400] {
            let error = await #expect(throws: OSSError.self) { try await scene.bucket.postForm([], expiresAt: date) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test(
        "An invalid condition is refused",
        arguments: [
            PostCondition.equals("", "x"), .equals("Policy", "x"), .startsWith("bucket", ""), .isOneOf("key", []),
            .isNotOneOf("key", []), .contentLength(-1...5), .equals("x-oss-signature", "x"),
        ])
    func invalid(_ condition: PostCondition) async throws {
        let scene = try PresignedScene(PresignedKind(version: .v4))
        let error = await #expect(throws: OSSError.self) {
            try await scene.bucket.postForm([condition], expiresIn: .minutes(1))
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("An anonymous bucket makes no form")
    func anonymous() async throws {
        let bucket = try Bucket.scripted(ScriptedTransport { _ in .ok() }, credentials: .anonymous)
        let error = await #expect(throws: OSSError.self) { try await bucket.postForm([], expiresIn: .minutes(1)) }
        #expect(error?.code == .credentialsUnavailable)
    }
}
