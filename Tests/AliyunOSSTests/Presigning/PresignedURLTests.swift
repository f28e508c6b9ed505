import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Presigned URLs", .timeLimit(.minutes(5)))
struct PresignedURLTests {
    private static let keys: [ObjectKey] = [
        "plain.txt", "a b", "a+b", "a%20b", "100%", "中文/文件", "👩‍👩‍👧 emoji", "e\u{301}", "a//b", "a/", "?q=1&r", "a#b",
        "a/../b",
        "a;b,c='d'\"", "\u{1}",
    ]

    @Test("A URL stores, reads and deletes an object with any key", arguments: PresignedKind.all)
    func oddKeys(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        for key in Self.keys {
            let content = Array("content of \(key)".utf8)
            func send(_ request: OSSRequest, _ body: [UInt8] = []) async throws -> RawResponse {
                let presigned = try await scene.bucket.presignedURL(for: request, expiresIn: .minutes(15))
                return try scene.server.send(presigned, body: body)
            }
            let put = try await send(.put(key), content)
            #expect(put.status == 200, "\(key): \(put.text)")
            #expect(scene.server.data(of: key.rawValue, in: "photos") == Data(content), "\(key)")
            #expect(try await send(.get(key)).body == content, "\(key)")
            #expect(try await send(.head(key)).headers["content-length"] == "\(content.count)", "\(key)")
            #expect(try await send(.delete(key)).status == 204, "\(key)")
            #expect(scene.server.data(of: key.rawValue, in: "photos") == nil, "\(key)")
        }
        #expect(scene.server.requests.allSatisfy { $0.headers["Authorization"] == nil })
    }

    @Test("A URL is valid for virtual-hosted addressing", arguments: PresignedKind.all)
    func virtualHosted(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        try scene.service.store("a b", count: 10)
        let bucket = try Bucket(
            "photos", at: Endpoint("http://localhost:\(scene.server.port)", style: .virtualHosted),
            region: scene.server.region, credentials: scene.bucket.client.provider,
            configuration: {
                var configuration = scene.bucket.client.configuration
                configuration.addressing = .virtualHosted
                return configuration
            }())
        let presigned = try await bucket.presignedURL(for: .get("a b"), expiresIn: .minutes(1))
        #expect(presigned.url.host() == "photos.localhost")
        #expect(try scene.server.send(presigned).body.count == 10)
    }

    @Test("The requests of a multipart upload can be presigned", arguments: PresignedKind.all)
    func multipart(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        func send(_ request: OSSRequest, _ body: [UInt8] = []) async throws -> RawResponse {
            try scene.server.send(
                try await scene.bucket.presignedURL(for: request, expiresIn: .hours(1)), body: body)
        }
        let initiated = try await send(.initiateMultipartUpload("big", headers: ["Content-Type": "text/x-big"]))
        let upload = MultipartUpload(key: "big", uploadID: try #require(initiated.element("UploadId")))
        let eTag = try #require(try await send(.uploadPart(1, of: upload), [1, 2, 3]).headers["etag"])
        let part = "<Part><PartNumber>1</PartNumber><ETag>\(eTag)</ETag></Part>"
        let completed = try await send(
            .completeMultipartUpload(upload),
            Array("<CompleteMultipartUpload>\(part)</CompleteMultipartUpload>".utf8))
        #expect(completed.status == 200, "\(completed.text)")
        #expect(scene.service.stored("big") == Data([1, 2, 3]))
        #expect(try await scene.bucket.headObject("big").contentType == "text/x-big")
        let other = try await scene.bucket.initiateMultipartUpload("other")
        #expect(try await send(.abortMultipartUpload(other)).status == 204)
    }

    @Test("Any method with a query and headers can be presigned", arguments: PresignedKind.all)
    func anyOperation(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        try scene.service.store("k", count: 10)
        var tagging = OSSRequest("PutObjectTagging", .put, key: "k", query: ["tagging": nil])
        tagging.headers["Content-Type"] = "application/xml"
        let document = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"
        let put = try await scene.bucket.presignedURL(for: tagging, expiresIn: .minutes(1))
        #expect(put.headers == ["Content-Type": "application/xml"])
        #expect(try scene.server.send(put, body: Array(document.utf8)).status == 200)
        let list = OSSRequest("ListObjects", .get, query: ["prefix": "k", "max-keys": "1"])
        let listed = try scene.server.send(try await scene.bucket.presignedURL(for: list, expiresIn: .minutes(1)))
        #expect(listed.element("Key") == "k")
        let saved = OSSRequest.get("k", query: ["response-content-disposition": "attachment; filename=\"a b\""])
        let response = try scene.server.send(try await scene.bucket.presignedURL(for: saved, expiresIn: .minutes(1)))
        #expect(response.headers["content-disposition"] == "attachment; filename=\"a b\"")
    }

    @Test("Requests to the service and to one of its buckets are presigned", arguments: PresignedKind.all)
    func service(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        try scene.service.store("k", count: 10)
        let service = try OSSService(
            at: scene.bucket.client.endpoint, region: scene.server.region,
            credentials: scene.bucket.client.provider, configuration: scene.bucket.client.configuration)
        let list = try await service.presignedURL(for: OSSRequest("ListBuckets", .get), expiresIn: .minutes(1))
        #expect(try scene.server.send(list).elements("Name") == ["archive", "photos"])
        #expect(try await scene.presignedClient().send(list).status == 200)
        var get = OSSRequest.get("k")
        get.bucket = "photos"
        let presigned = try await service.presignedURL(for: get, expiresAt: PresignedScene.now + 60)
        #expect(try scene.server.send(presigned).body.count == 10)
    }

    @Test("A URL expires after its validity, and not before", arguments: PresignedKind.all)
    func expiry(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        try scene.service.store("k", count: 10)
        let end = Date(timeIntervalSince1970: PresignedScene.now.timeIntervalSince1970.rounded(.down) + 60)
        let requests = [
            try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .minutes(1)),
            try await scene.bucket.presignedURL(for: .get("k"), expiresAt: end + 0.9),
        ]
        for request in requests {
            #expect(request.expiration == end)
            #expect(PresignedRequest(.get, url: request.url).expiration == end)
            scene.server.clockOffset = .seconds(59)
            #expect(try scene.server.send(request).status == 200)
            scene.server.clockOffset = .seconds(61)
            let late = try scene.server.send(request)
            #expect(late.status == 403)
            #expect(late.element("Message") == "Request has expired.")
        }
    }

    @Test("A URL with temporary credentials reports their earlier expiration")
    func expiringCredentials() async throws {
        let end = PresignedScene.now + 30
        let provider = ClosureCredentialsProvider {
            Credentials(accessKeyID: "id", accessKeySecret: "secret", securityToken: "token", expiration: end)
        }
        let bucket = try Bucket.scripted(ScriptedTransport { _ in .ok() }, credentials: provider) {
            $0.clock = { PresignedScene.now }
        }
        #expect(try await bucket.presignedURL(for: .get("k"), expiresIn: .minutes(1)).expiration == end)
        #expect(try await bucket.presignedURL(for: .get("k"), expiresIn: .seconds(2)).expiration ?? end < end)
    }

    @Test("A changed URL, method or header is refused, and nothing is stored", arguments: PresignedKind.all)
    func tampering(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        try scene.service.store("other", count: 10)
        let put = try await scene.bucket.presignedURL(
            for: .put("k", contentType: "text/plain", headers: ["x-oss-meta-a": "1"]), expiresIn: .minutes(1))
        func expectRefused(
            _ request: PresignedRequest, method: String? = nil, without header: String? = nil,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            let response = try scene.server.send(request, method: method, body: [1], without: header)
            #expect(response.status == 403, sourceLocation: sourceLocation)
            #expect(response.element("Code") == "SignatureDoesNotMatch", sourceLocation: sourceLocation)
        }
        try expectRefused(put, method: "DELETE")
        for name in put.headers.keys { try expectRefused(put, without: name) }
        var changed = put
        changed.headers["Content-Type"] = "text/html"
        try expectRefused(changed)
        changed = put
        changed.headers["x-oss-object-acl"] = "public-read"
        try expectRefused(changed)
        for (old, new) in [("/k?", "/other?"), ("/photos/", "/archive/")] {
            changed = put
            changed.url = try #require(URL(string: put.url.absoluteString.replacingOccurrences(of: old, with: new)))
            try #require(changed.url != put.url)
            try expectRefused(changed)
        }
        let longer =
            kind.version == .v4
            ? put.url.absoluteString.replacingOccurrences(of: "x-oss-expires=60", with: "x-oss-expires=90")
            : put.url.absoluteString.replacingOccurrences(of: "Expires=17", with: "Expires=18")
        changed = put
        changed.url = try #require(URL(string: longer))
        try #require(changed.url != put.url)
        try expectRefused(changed)
        #expect(scene.server.keys(in: "photos") == ["other"])
        #expect(scene.server.keys(in: "archive") == [])
        #expect(try scene.server.send(put, body: [1]).status == 200)
    }

    @Test(
        "A validity that the service would refuse is refused before signing",
        arguments: [Duration.zero, .seconds(-1), .days(7) + .nanoseconds(1), .days(8), .days(.max)])
    func validity(_ validity: Duration) async throws {
        let scene = try PresignedScene(PresignedKind(version: .v4))
        let error = await #expect(throws: OSSError.self) {
            try await scene.bucket.presignedURL(for: .get("k"), expiresIn: validity)
        }
        #expect(error?.code == .invalidArgument)
        for date in [PresignedScene.now, PresignedScene.now + 7 * 86_400 + 1, .distantPast, .distantFuture] {
            let error = await #expect(throws: OSSError.self) {
                try await scene.bucket.presignedURL(for: .get("k"), expiresAt: date)
            }
            #expect(error?.code == .invalidArgument)
        }
        _ = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .days(7))
    }

    @Test("A V1 URL can be valid for longer than seven days")
    func longValidity() async throws {
        let scene = try PresignedScene(PresignedKind(version: .v1))
        try scene.service.store("k", count: 10)
        let request = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .days(30))
        scene.server.clockOffset = .seconds(29 * 86_400)
        #expect(try scene.server.send(request).status == 200)
    }

    @Test("An invalid key and missing credentials are refused")
    func refused() async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let bucket = try Bucket.scripted(transport)
        for request in [OSSRequest.get("/k"), .get(""), .get("k", versionID: "v").with(header: "bad\nname")] {
            let error = await #expect(throws: OSSError.self) {
                try await bucket.presignedURL(for: request, expiresIn: .minutes(1))
            }
            #expect(error?.code == .invalidArgument)
        }
        let anonymous = try Bucket.scripted(transport, credentials: .anonymous)
        let error = await #expect(throws: OSSError.self) {
            try await anonymous.presignedURL(for: .get("k"), expiresIn: .minutes(1))
        }
        #expect(error?.code == .credentialsUnavailable)
        #expect(error?.operation == "GetObject")
        #expect(transport.requests.isEmpty)
    }

    @Test(
        "A presigned request survives encoding, and its descriptions omit the signature", arguments: PresignedKind.all)
    func encoding(_ kind: PresignedKind) async throws {
        let scene = try PresignedScene(kind)
        let request = try await scene.bucket.presignedURL(
            for: .put("a b", contentType: "text/plain"), expiresIn: .minutes(1))
        let decoded = try JSONDecoder().decode(PresignedRequest.self, from: JSONEncoder().encode(request))
        #expect(decoded == request)
        #expect(request.description == "PUT \(scene.server.endpoint)/photos/a%20b")
        for text in printed(request) { #expect(!text.contains("ignature=") && !text.contains("token=")) }
    }

    @Test(
        "The bucket and the key are read from a URL",
        arguments: [
            ("http://127.0.0.1:80/photos//a%2Fb?x=1", "photos", "/a/b"), ("http://127.0.0.1/photos/", "photos", nil),
            ("https://photos.oss-cn-hangzhou.aliyuncs.com/%E4%B8%AD", "photos", "中"),
            ("https://cdn.example.com/a?acl", nil, "a"), ("https://oss-cn-hangzhou.aliyuncs.com/?regions", nil, nil),
        ] as [(String, String?, String?)])
    func parsing(url: String, bucket: String?, key: String?) throws {
        let parsed = try PresignedURL(try #require(URL(string: url)))
        #expect(parsed.bucket == bucket)
        #expect(parsed.key?.rawValue == key)
    }
}

extension OSSRequest {
    fileprivate func with(header name: String) -> OSSRequest {
        var request = self
        request.headers.add(name, "value")
        return request
    }
}
