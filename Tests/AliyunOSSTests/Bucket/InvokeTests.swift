import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Invoking any operation", .timeLimit(.minutes(5)))
struct InvokeTests {
    private static let info = OSSRequest("GetBucketInfo", .get, query: ["bucketInfo": nil])

    @Test("A response is returned with its status, headers and body", arguments: SignatureVersion.allCases)
    func response(_ version: SignatureVersion) async throws {
        let service = try TestService { $0.signature = version }
        let response = try await service.bucket.invoke(Self.info)
        #expect(response.status == 200)
        #expect(response.requestID == service.server.requests.last?.requestID)
        #expect(try XMLReader.read(response.body).text("Bucket", "Name") == "photos")
        let tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"
        var put = OSSRequest("PutBucketTags", .put, query: ["tagging": nil])
        put.headers["Content-Type"] = "application/xml"
        try await service.bucket.invoke(put, body: .string(tagging))
        let digest = Data(MD5.hash(Data(tagging.utf8))).base64EncodedString()
        #expect(service.server.requests.last?.headers["Content-MD5"] == digest)
        var remove = put
        (remove.method, remove.headers) = (.delete, [:])
        #expect(try await service.bucket.invoke(remove).status == 204)
    }

    @Test("An object is stored, read and saved to a file, and its CRC-64 is compared")
    func content() async throws {
        let service = try TestService()
        let content = Data.pattern(300_000)
        try await service.bucket.invoke(.put("a b"), body: .data(content))
        #expect(service.stored("a b") == content)
        // The CRC-64 in the response is compared instead.
        #expect(service.server.requests.last?.headers["Content-MD5"] == nil)
        #expect(try await service.bucket.invoke(.get("a b")).body == content)
        let folder = try ScratchDirectory()
        let saved = try await service.bucket.invoke(.get("a b"), savingTo: folder["copy"])
        #expect(saved.body.isEmpty)
        #expect(try folder.read("copy") == content)
        var range = OSSRequest.get("a b")
        range.headers["Range"] = "bytes=10-19"
        #expect(try await service.bucket.invoke(range).body == content[10..<20])
        try await service.bucket.invoke(range, savingTo: folder["range"])
        #expect(try folder.read("range") == content[10..<20])
    }

    @Test("Altered or truncated content is an error, and the existing file stays")
    func damage() async throws {
        let service = try TestService()
        try service.store("k")
        let folder = try ScratchDirectory()
        try folder.write("k", "old")
        service.server.add(.corruptBody(at: 10), when: .operation("GetObject"), times: 100)
        service.server.add(.header("x-oss-hash-crc64ecma", "1"), when: .operation("PutObject"), times: 100)
        for attempt in [
            { _ = try await service.bucket.invoke(.get("k"), savingTo: folder["k"]) },
            { _ = try await service.bucket.invoke(.get("k")) },
            { _ = try await service.bucket.invoke(.put("new"), body: "content") },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: OSSError.self) { try await attempt() }
            #expect(error?.code == .checksumMismatch)
        }
        try service.server.reset()
        try service.store("k")
        service.server.add(.truncateBody(after: 200_000), times: 100)
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.invoke(.get("k"), savingTo: folder["k"])
        }
        #expect(error?.code == .truncatedBody)
        #expect(try folder.read("k") == Data("old".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["k"])
    }

    @Test("A temporary failure is retried, and a lost response only if the request is idempotent")
    func retries() async throws {
        let lost: ScriptedTransport.Answer = { _ in throw HTTPTransportError(.connectionLost, "reset") }
        func count(_ first: @escaping ScriptedTransport.Answer, _ request: OSSRequest) async throws -> Int {
            let transport = ScriptedTransport(first, { _ in .ok() })
            _ = try? await Bucket.scripted(transport).invoke(request, body: request.method == .get ? nil : "body")
            return transport.requests.count
        }
        let post = OSSRequest("DoMetaQuery", .post, query: ["metaQuery": nil, "comp": "query"])
        var idempotent = post
        idempotent.isIdempotent = true
        #expect(try await count(lost, Self.info) == 2)
        #expect(try await count(lost, OSSRequest("PutBucketTags", .put, query: ["tagging": nil])) == 2)
        #expect(try await count(lost, post) == 1)
        #expect(try await count(lost, idempotent) == 2)
        // A throttled request was not performed.
        #expect(try await count({ _ in .refusal(503, "SlowDown") }, post) == 2)
    }

    @Test("A response that reports a failure, is too large or did not come from OSS is an error")
    func refusals() async throws {
        let service = try TestService()
        func code(_ fault: MockFault.Action, upTo limit: Int = 1 << 20) async -> OSSError? {
            service.server.add(fault, times: 1)
            return await #expect(throws: OSSError.self) { try await service.bucket.invoke(Self.info, upTo: limit) }
        }
        let inSuccess = await code(.errorInSuccess(code: "InvalidArgument"))
        #expect(inSuccess?.serviceError?.code == "InvalidArgument")
        #expect(inSuccess?.operation == "GetBucketInfo")
        let refused = await code(.respond(status: 409, code: "SomeConflict"))
        #expect(refused?.code == .refused)
        let html = MockFault.Action.response(status: 200, body: Array("<html></html>".utf8))
        service.server.add(html, times: 10)
        service.server.add(.header("x-oss-request-id", nil), times: 10)
        let foreign = await #expect(throws: OSSError.self) { try await service.bucket.invoke(Self.info) }
        #expect(foreign?.code == .invalidResponse)
        try service.server.reset()
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.invoke(Self.info, upTo: 100)
        }
        #expect(error?.code == .bodyTooLarge)
    }

    @Test("Invalid requests are refused before anything is sent")
    func invalid() async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let bucket = try Bucket.scripted(transport)
        var otherBucket = OSSRequest("GetBucketInfo", .get, bucket: "NOT VALID")
        otherBucket.query = [("bucketInfo", nil)]
        var requests = [OSSRequest.get("/k"), otherBucket]
        for target in [
            ServiceTarget(host: "user@example.com", resource: "/"), ServiceTarget(host: "a/b", resource: "/"),
            ServiceTarget(host: "example.com", path: "k", resource: "/"),
            ServiceTarget(host: "example.com", path: "/k?x", resource: "/"),
            ServiceTarget(host: "example.com", resource: "k"),
        ] {
            var request = OSSRequest("GetThing", .get)
            request.target = target
            requests.append(request)
        }
        for request in requests {
            let error = await #expect(throws: OSSError.self) { try await bucket.invoke(request) }
            #expect(error?.code == .invalidArgument, "\(request)")
        }
        let local = try Bucket(
            "photos", endpoint: "http://127.0.0.1:1", region: "cn-hangzhou",
            credentials: .static(accessKeyID: "id", accessKeySecret: "secret"))
        var plain = OSSRequest("GetThing", .get)
        plain.target = ServiceTarget(host: "example.com", resource: "/")
        let error = await #expect(throws: OSSError.self) { try await local.invoke(plain) }
        #expect(error?.code == .invalidArgument)
        #expect(transport.requests.isEmpty)
    }

    @Test(
        "A target sets the host, the path, the signed resource and the product",
        arguments: [
            (
                ServiceTarget(
                    host: "embeddings-1234567890.cn-hangzhou.oss-vectors.aliyuncs.com",
                    resource: "/acs:ossvector:cn-hangzhou:1234567890:embeddings/"),
                "https://embeddings-1234567890.cn-hangzhou.oss-vectors.aliyuncs.com/?listVectorIndexes",
                "/acs%3Aossvector%3Acn-hangzhou%3A1234567890%3Aembeddings/"
            ),
            (
                ServiceTarget(
                    host: "lake-1234567890.cn-hangzhou.oss-tables.aliyuncs.com",
                    path: "/buckets/acs%3Aosstables%3Acn-hangzhou%3A1234567890%3Abucket%2Flake",
                    resource:
                        "/acs:osstables:cn-hangzhou:1:bucket/lake/buckets/acs:osstables:cn-hangzhou:1:bucket/lake",
                    product: "osstables"),
                "https://lake-1234567890.cn-hangzhou.oss-tables.aliyuncs.com/buckets/"
                    + "acs%3Aosstables%3Acn-hangzhou%3A1234567890%3Abucket%2Flake?listVectorIndexes",
                "/acs%3Aosstables%3Acn-hangzhou%3A1%3Abucket/lake/buckets/acs%3Aosstables%3Acn-hangzhou%3A1%3Abucket/lake"
            ),
        ])
    func target(_ target: ServiceTarget, url: String, resource: String) async throws {
        let transport = ScriptedTransport { _ in .ok("{\"indexes\": []}") }
        let bucket = try Bucket.scripted(transport)
        var request = OSSRequest("ListVectorIndexes", .post, query: ["listVectorIndexes": nil])
        request.headers["Content-Type"] = "application/json"
        request.target = target
        let response = try await bucket.invoke(request, body: "{}")
        #expect(response.body == Data("{\"indexes\": []}".utf8))
        let sent = try #require(transport.requests.first)
        #expect(sent.url == url)
        let date = try #require(sent.headers["x-oss-date"])
        let canonical =
            "POST\n\(resource)\nlistVectorIndexes\ncontent-type:application/json\n"
            + "x-oss-content-sha256:UNSIGNED-PAYLOAD\nx-oss-date:\(date)\n\n\nUNSIGNED-PAYLOAD"
        let scope = "\(date.prefix(8))/cn-hangzhou/\(target.product)/aliyun_v4_request"
        let text = "OSS4-HMAC-SHA256\n\(date)\n\(scope)\n\(Hexadecimal.lowercase(SHA256.hash(Array(canonical.utf8))))"
        var key = Array("aliyun_v4secret".utf8)
        for part in scope.split(separator: "/") {
            key = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), key: key)
        }
        let signature = Hexadecimal.lowercase(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), key: key))
        #expect(
            sent.headers["Authorization"] == "OSS4-HMAC-SHA256 Credential=id/\(scope),Signature=\(signature)")
    }

    @Test(
        "A JSON error document is read",
        arguments: [
            (#"{"Error": {"Code": "NoSuchVectorIndex", "Message": "None.", "EC": "1"}}"#, "NoSuchVectorIndex", "None."),
            (#"{"message": "No table."}"#, "", "No table."), (#"{"Error": 1}"#, "", ""), ("{", "", ""),
        ])
    func jsonErrors(document: String, code: String, message: String) async throws {
        let transport = ScriptedTransport { _ in
            HTTPResponse(
                status: 404, headers: ["x-oss-request-id": "1"], body: Data(document.utf8),
                bodyLength: Int64(document.utf8.count))
        }
        let error = await #expect(throws: OSSError.self) { try await Bucket.scripted(transport).invoke(Self.info) }
        #expect(error?.code == .notFound)
        #expect(error?.serviceError?.code == code)
        #expect(error?.serviceError?.message == message)
    }

    @Test(
        "Only requests that store or read an object have verified content",
        arguments: [
            (OSSRequest.put("k"), OSSRequest.Content.upload), (.get("k", versionID: "v"), .download),
            (.get("k", query: ["response-expires": "x"]), .download), (.head("k"), .none),
            (.uploadPart(1, of: MultipartUpload(key: "k", uploadID: "u")), .upload),
            (.get("k", query: ["acl": nil]), .none), (.get("k", query: ["x-oss-process": "style/a"]), .none),
            (.get("k", query: ["uploadId": "u"]), .none), (.put("k", headers: ["x-oss-copy-source": "/a/b"]), .none),
            (OSSRequest("PutObjectTagging", .put, key: "k", query: ["tagging": nil]), .none),
            (OSSRequest("PutBucket", .put), .none), (.delete("k"), .none),
        ])
    func content(of request: OSSRequest, _ content: OSSRequest.Content) {
        #expect(request.content == content)
    }
}
