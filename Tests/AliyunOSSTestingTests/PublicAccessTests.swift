import AliyunOSS
import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Mock public access")
struct PublicAccessTests {
    private static let publicRead: KeyValuePairs = ["x-oss-object-acl": "public-read"]
    private static let policy = #"{"Version":"1","Statement":[{"Effect":"Allow","Principal":["*"]}]}"#

    /// A request that would grant public access, and the expected error.
    struct Attempt: CustomTestStringConvertible {
        var method: String
        var target: String
        var headers: KeyValuePairs<String, String> = publicRead
        var body = ""
        var subject = "object acl"

        var testDescription: String { "\(method) \(target) \(headers)" }
    }

    private static let attempts = [
        Attempt(method: "PUT", target: "/photos?acl", headers: ["x-oss-acl": "public-read"], subject: "bucket acl"),
        Attempt(
            method: "PUT", target: "/photos?acl", headers: ["x-oss-acl": "public-read-write"], subject: "bucket acl"),
        Attempt(method: "PUT", target: "/photos", headers: ["x-oss-acl": "public-read"], subject: "bucket acl"),
        Attempt(method: "PUT", target: "/photos?policy", headers: [:], body: policy, subject: "bucket policy"),
        Attempt(method: "PUT", target: "/photos/new", body: "x"),
        Attempt(method: "PUT", target: "/photos/new", headers: ["x-oss-object-acl": "public-read-write"], body: "x"),
        Attempt(method: "PUT", target: "/photos/k?acl"),
        Attempt(method: "POST", target: "/photos/new?append&position=0", body: "x"),
        Attempt(method: "POST", target: "/photos/new?uploads"),
        Attempt(
            method: "PUT", target: "/photos/new",
            headers: ["x-oss-object-acl": "public-read", "x-oss-copy-source": "/photos/k"]),
        Attempt(
            method: "PUT", target: "/photos/new?symlink",
            headers: ["x-oss-object-acl": "public-read", "x-oss-symlink-target": "k"]),
    ]

    private func makeServer(blocks: Bool = true) throws -> MockOSSServer {
        let server = try MockOSSServer(.init(buckets: ["photos"], blocksPublicAccess: blocks))
        try server.put("k", Data("x".utf8), in: "photos")
        return server
    }

    @Test("A new bucket rejects public settings until its block is deleted", arguments: attempts)
    func attempt(_ attempt: Attempt) throws {
        let server = try makeServer()
        func send() throws -> RawResponse {
            try server.request(attempt.method, attempt.target, headers: attempt.headers, body: attempt.body)
        }
        let refused = try send()
        #expect(refused.status == 403)
        #expect(refused.element("Code") == "AccessDenied")
        #expect(refused.element("Message") == "Put public \(attempt.subject) is not allowed")
        #expect(server.keys(in: "photos") == ["k"])
        #expect(try server.request("GET", "/photos?acl").element("Grant") == "private")
        #expect(try server.request("DELETE", "/photos?publicAccessBlock").status == 204)
        #expect(try send().status == 200)
        let older = try makeServer(blocks: false)
        let taken = try older.request(attempt.method, attempt.target, headers: attempt.headers, body: attempt.body)
        #expect(taken.status == 200)
    }

    @Test("PutBucket and CompleteMultipartUpload reject public ACLs")
    func creation() throws {
        let server = try makeServer()
        let refused = try server.request("PUT", "/other", headers: ["x-oss-acl": "public-read"])
        #expect(refused.status == 403 && refused.element("Message") == "Put public bucket acl is not allowed")
        #expect(server.buckets == ["photos"])
        let id = try server.initiateUpload()
        _ = try server.uploadPart(1, "x", id)
        let completed = try server.request(
            "POST", "/photos/big?uploadId=\(id)",
            headers: ["x-oss-object-acl": "public-read", "x-oss-complete-all": "yes"], body: "")
        #expect(completed.status == 403 && completed.element("EC") == "0016-00000901")
        #expect(throws: MockOSSServer.SetupError.self) {
            try server.put("new", Data(), in: "photos", headers: ["x-oss-object-acl": "public-read"])
        }
        for acl in ["private", "default"] {
            let headers: KeyValuePairs = ["x-oss-object-acl": acl]
            #expect(try server.request("PUT", "/photos/new", headers: headers, body: "x").status == 200)
        }
        let closed = Self.policy.replacingOccurrences(of: "*", with: "1234")
        #expect(try server.request("PUT", "/photos?policy", body: closed).status == 200)
    }

    @Test(
        "New buckets of every origin block public access; buckets loaded from a folder keep their setting")
    func newBuckets() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-mock-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = MockOSSServer.Configuration(
            buckets: ["start"], storage: .folder(folder.path), blocksPublicAccess: false)
        try MockOSSServer(configuration).shutDown()
        configuration.blocksPublicAccess = true
        configuration.buckets.append("later")
        let server = try MockOSSServer(configuration)
        #expect(try server.request("PUT", "/put-bucket").status == 200)
        try server.createBucket("made")
        func isBlocked(_ name: String) throws -> [String?] {
            [
                try server.request("GET", "/\(name)?bucketInfo").element("BlockPublicAccess"),
                try server.request("GET", "/\(name)?publicAccessBlock").element("BlockPublicAccess"),
            ]
        }
        for name in ["later", "put-bucket", "made"] { #expect(try isBlocked(name) == ["true", "true"], "\(name)") }
        #expect(try isBlocked("start") == ["false", "false"])
        #expect(try server.request("DELETE", "/later?publicAccessBlock").status == 204)
        #expect(try isBlocked("later") == ["false", "false"])
        try server.reset()
        for name in ["start", "later"] { #expect(try isBlocked(name) == ["true", "true"], "\(name)") }
    }

    @Test("A bucket that blocks public access rejects anonymous requests regardless of its ACL")
    func anonymous() throws {
        let server = try MockOSSServer(
            .init(buckets: ["photos"], accessKeys: [.init(id: "id", secret: "s")], blocksPublicAccess: false))
        try server.put("k", Data("x".utf8), in: "photos", headers: ["x-oss-object-acl": "public-read"])
        #expect(try server.request("GET", "/photos/k").text == "x")
        let body =
            "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>"
        let date = HTTPDate.string(from: Date())
        let mac = HMAC<SHA1>.authenticationCode(
            for: Array("PUT\n\n\n\(date)\n/photos/?publicAccessBlock".utf8), key: Array("s".utf8))
        let headers: KeyValuePairs = ["Date": date, "Authorization": "OSS id:\(Data(mac).base64EncodedString())"]
        #expect(try server.request("PUT", "/photos?publicAccessBlock", headers: headers, body: body).status == 200)
        #expect(try server.request("GET", "/photos/k").status == 403)
    }
}
