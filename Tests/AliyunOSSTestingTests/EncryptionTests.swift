import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock encryption, persistent headers and traffic limits")
struct EncryptionTests {
    private static let algorithm = "x-oss-server-side-encryption"
    private static let key = "x-oss-server-side-encryption-key-id"
    private static let data = "x-oss-server-side-data-encryption"
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    @Test("The encryption requested by a write is returned by the write and by reads")
    func writes() throws {
        let cases: [(KeyValuePairs<String, String>, String?, Bool, String?)] = [
            ([:], nil, false, nil), (["x-oss-server-side-encryption": "AES256"], "AES256", false, nil),
            (["x-oss-server-side-encryption": "KMS"], "KMS", true, nil),
            (
                ["x-oss-server-side-encryption": "KMS", "x-oss-server-side-data-encryption": "SM4"], "KMS", true, "SM4"
            ),
            (
                ["x-oss-server-side-encryption": "AES256", "x-oss-server-side-data-encryption": "SM4"], "AES256", false,
                nil
            ), (["x-oss-server-side-data-encryption": "SM4"], nil, false, nil),
        ]
        for (headers, algorithm, hasKey, data) in cases {
            let put = try server.request("PUT", "/photos/k", headers: headers, body: "x")
            let get = try server.request("GET", "/photos/k")
            for response in [put, get, try server.request("HEAD", "/photos/k")] {
                #expect(response.headers[Self.algorithm] == algorithm, "\(headers)")
                #expect((response.headers[Self.key] != nil) == hasKey, "\(headers)")
                #expect(response.headers[Self.data] == data, "\(headers)")
            }
        }
        let refused = try server.request("PUT", "/photos/k", headers: ["x-oss-server-side-encryption": "DES"], body: "")
        #expect(refused.status == 400)
        #expect(refused.element("Code") == "InvalidEncryptionAlgorithmError")
    }

    @Test("The bucket's default encryption applies to writes without one")
    func bucketRule() throws {
        let rule = """
            <ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm>\
            <KMSMasterKeyID>mine</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>
            """
        #expect(try server.request("PUT", "/photos?encryption", body: rule).status == 200)
        let put = try server.request("PUT", "/photos/k", body: "x")
        #expect(put.headers[Self.algorithm] == "KMS" && put.headers[Self.key] == "mine")
        let other = try server.request("PUT", "/photos/k", headers: ["x-oss-server-side-encryption": "SM4"], body: "x")
        #expect(other.headers[Self.algorithm] == "SM4" && other.headers[Self.key] == nil)
    }

    @Test("A default encryption keeps KMS settings only for KMS, and rejects a key ID without KMS")
    func ruleWithoutKMS() throws {
        func rule(_ key: String) -> String {
            """
            <ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
            <KMSMasterKeyID>\(key)</KMSMasterKeyID><KMSDataEncryption>SM4</KMSDataEncryption>\
            </ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>
            """
        }
        let refused = try server.request("PUT", "/photos?encryption", body: rule("mine"))
        #expect(refused.status == 400 && refused.element("Code") == "InvalidArgument")
        #expect(try server.request("GET", "/photos?encryption").status == 404)
        #expect(try server.request("PUT", "/photos?encryption", body: rule("")).status == 200)
        let response = try server.request("GET", "/photos?encryption")
        #expect(response.element("SSEAlgorithm") == "AES256")
        #expect(response.element("KMSMasterKeyID") == nil && response.element("KMSDataEncryption") == nil)
    }

    @Test("PutBucket can set the default encryption")
    func newBucket() throws {
        let headers: KeyValuePairs = [
            "x-oss-server-side-encryption": "KMS", "x-oss-server-side-encryption-key-id": "mine",
            "x-oss-server-side-data-encryption": "SM4",
        ]
        #expect(try server.request("PUT", "/new-bucket", headers: headers).status == 200)
        let info = try server.request("GET", "/new-bucket?bucketInfo")
        #expect(info.element("SSEAlgorithm") == "KMS")
        #expect(info.element("KMSMasterKeyID") == "mine" && info.element("KMSDataEncryption") == "SM4")
        #expect(try server.request("GET", "/new-bucket?encryption").element("SSEAlgorithm") == "KMS")
        #expect(try server.request("PUT", "/new-bucket/k", body: "x").headers[Self.algorithm] == "KMS")
        let wrong = try server.request("PUT", "/other-bucket", headers: ["x-oss-server-side-encryption": "DES"])
        #expect(wrong.element("Code") == "InvalidEncryptionAlgorithmError" && wrong.status == 400)
        #expect(server.buckets == ["new-bucket", "photos"])
    }

    @Test("A copy does not inherit the encryption of its source")
    func copy() throws {
        try server.write("k", "x", headers: ["x-oss-server-side-encryption": "KMS"])
        let source: (String, String) = ("x-oss-copy-source", "/photos/k")
        #expect(
            try server.request("PUT", "/photos/c", headers: [source.0: source.1], body: "").headers[Self.algorithm]
                == nil)
        let asked = try server.request(
            "PUT", "/photos/c", headers: [source.0: source.1, "x-oss-server-side-encryption": "AES256"], body: "")
        #expect(asked.headers[Self.algorithm] == "AES256")
        #expect(try server.request("HEAD", "/photos/c").headers[Self.algorithm] == "AES256")
    }

    @Test("A multipart upload has the encryption of its initiation, and an appendable object that of its first append")
    func uploads() throws {
        let headers: KeyValuePairs = ["x-oss-server-side-encryption": "KMS"]
        let initiated = try server.request("POST", "/photos/m?uploads", headers: headers)
        let key = try #require(initiated.headers[Self.key])
        let id = try #require(initiated.element("UploadId"))
        let target = "/photos/m?partNumber=1&uploadId=\(id)"
        #expect(
            try server.request("PUT", target, headers: headers, body: "x").element("Code") == "InvalidArgument")
        let part = try server.request("PUT", target, body: "x")
        #expect(part.headers[Self.key] == key)
        let tag = try #require(part.headers["etag"])
        let body =
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\(tag)</ETag></Part></CompleteMultipartUpload>"
        let done = "/photos/m?uploadId=\(id)"
        #expect(try server.request("POST", done, headers: headers, body: body).element("Code") == "InvalidArgument")
        #expect(try server.request("POST", done, body: body).headers[Self.key] == key)
        #expect(try server.request("HEAD", "/photos/m").headers[Self.key] == key)

        let first = try server.request("POST", "/photos/a?append&position=0", headers: headers, body: "x")
        #expect(first.headers[Self.algorithm] == "KMS")
        let second = try server.request(
            "POST", "/photos/a?append&position=1", headers: ["x-oss-server-side-encryption": "AES256"], body: "x")
        #expect(second.headers[Self.algorithm] == "KMS")
    }

    @Test("Persistent headers are returned as ordinary headers")
    func persistentHeaders() throws {
        let headers: KeyValuePairs = ["x-oss-persistent-headers": "My-Header:aGVsbG8=,other:eA=="]
        try server.write("k", "x", headers: headers)
        for method in ["GET", "HEAD"] {
            let response = try server.request(method, "/photos/k")
            #expect(response.headers["my-header"] == "hello")
            #expect(response.headers["other"] == "x")
        }
        for bad in ["x", "a:!", "a b:eA==", "a:DQpYOiB5", "Content-Length:MQ=="] {
            let response = try server.request(
                "PUT", "/photos/bad", headers: ["x-oss-persistent-headers": bad], body: "x")
            #expect(response.element("Code") == "InvalidArgument", "\(bad)")
        }
    }

    @Test("A traffic limit must be a number in range and occur once")
    func trafficLimit() throws {
        for (header, query, status) in [
            ("819200", "", 200), ("838860800", "", 200), ("819199", "", 400), ("838860801", "", 400), ("x", "", 400),
            ("819200", "?x-oss-traffic-limit=819200", 400),
        ] {
            let response = try server.request(
                "PUT", "/photos/k\(query)", headers: ["x-oss-traffic-limit": header], body: "x")
            #expect(response.status == status, "\(header) \(query)")
            if status == 400 { #expect(response.element("Code") == "InvalidArgument") }
        }
        #expect(try server.request("GET", "/photos/k?x-oss-traffic-limit=819200").status == 200)
        #expect(try server.request("GET", "/photos/k?x-oss-traffic-limit=1").status == 400)
    }

    @Test("ListLiveChannel returns an empty list")
    func liveChannels() throws {
        let response = try server.request("GET", "/photos?live&prefix=&marker=&max-keys=100")
        #expect(response.status == 200)
        #expect(response.text.contains("ListLiveChannelResult"))
        #expect(response.element("IsTruncated") == "false")
    }
}
