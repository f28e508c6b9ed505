import AliyunOSS
import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

/// A server that does not compute MD5s, for benchmarks.
@Suite("Mock server without MD5")
struct ContentDigestTests {
    private func server() throws -> MockOSSServer {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.computesMD5 = false
        return try MockOSSServer(configuration)
    }

    @Test("No response to a write contains an MD5, and no ETag has the form of one")
    func writes() throws {
        let server = try server()
        try server.put("source", Data("x".utf8), in: "photos")
        let source: KeyValuePairs = ["x-oss-copy-source": "/photos/source"]
        let form =
            "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nform\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--B--\r\n"
        let id = try server.initiateUpload()
        let writes = [
            try server.request("PUT", "/photos/put", body: "x"),
            try server.request("PUT", "/photos/copy", headers: source, body: ""),
            try server.request(
                "POST", "/photos", headers: ["Content-Type": "multipart/form-data; boundary=B"], body: form),
            try server.request("PUT", "/photos/big?partNumber=1&uploadId=\(id)", body: "x"),
            try server.request("PUT", "/photos/big?partNumber=1&uploadId=\(id)", headers: source, body: ""),
        ]
        for response in writes {
            #expect((200...204).contains(response.status), "\(response.text)")
            #expect(response.headers["content-md5"] == nil)
        }
        // The same bytes have the same ETag, regardless of the operation.
        let eTags = Set(writes.compactMap { $0.headers["etag"] })
        let eTag = try #require(eTags.first)
        #expect(eTags.count == 1)
        #expect(eTag.wholeMatch(of: /"[0-9A-F]{32}-1"/) != nil, "\(eTag)")

        let completed = try server.request(
            "POST", "/photos/big?uploadId=\(id)", headers: ["x-oss-complete-all": "yes"], body: "")
        #expect(completed.status == 200)
        for key in ["put", "copy", "form", "source"] {
            let head = try server.request("HEAD", "/photos/\(key)")
            #expect(head.headers["etag"] == eTag && head.headers["content-md5"] == nil, "\(key)")
            #expect(head.headers["x-oss-object-type"] == "Normal", "\(key)")
        }
        let digits = eTag.filter { $0 != "\"" }
        #expect(try server.request("GET", "/photos").elements("ETag").filter { $0.contains(digits) }.count == 4)
        #expect(try server.request("PUT", "/photos/put", body: "y").headers["etag"] != eTag)
    }

    @Test("A sequential upload stores no MD5 either")
    func sequentialUpload() throws {
        let server = try server()
        let response = try server.request("POST", "/photos/big?uploads&sequential")
        let id = try #require(response.element("UploadId"))
        _ = try server.uploadPart(1, "x", id)
        let target = "/photos/big?uploadId=\(id)"
        #expect(try server.request("POST", target, headers: ["x-oss-complete-all": "yes"], body: "").status == 200)
        #expect(try server.request("HEAD", "/photos/big").headers["content-md5"] == nil)
    }

    @Test("A Content-MD5 in a request is verified")
    func requestDigest() throws {
        let server = try server()
        let digest = Data(MD5.hash(Array("hello".utf8))).base64EncodedString()
        let id = try server.initiateUpload()
        for (method, target) in [
            ("PUT", "/photos/k"), ("PUT", "/photos/big?partNumber=1&uploadId=\(id)"),
            ("POST", "/photos/log?append&position=0"),
        ] {
            let wrong = try server.request(method, target, headers: ["Content-MD5": digest], body: "hallo")
            #expect(wrong.element("Code") == "InvalidDigest", "\(target)")
            #expect(try server.request(method, target, headers: ["Content-MD5": digest], body: "hello").status == 200)
        }
        #expect(server.keys(in: "photos") == ["k", "log"])
    }

    @Test("A client compares contents by CRC-64")
    func client() async throws {
        let server = try server()
        let scratch = try ScratchDirectory()
        var configuration = BucketConfiguration()
        configuration.stateDirectory = .path(scratch["state"])
        let bucket = try server.bucket("photos", configuration: configuration)
        try scratch.makeDirectory("source")
        try scratch.write("source/small", "hello")
        try scratch.write("source/large", Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) }))
        try await bucket.putObject("k", "hello")
        #expect(try await bucket.downloadObject("k", to: scratch["k"]).integrity == .checksum)

        var transfer = DirectoryTransfer(bucket)
        transfer.options.multipartThreshold = 200_000
        transfer.options.partSize = 100 << 10
        #expect(try await transfer.upload(from: scratch["source"], to: "www/").transferred.files == 2)
        #expect(try await transfer.download(from: "www/", to: scratch["copy"]).transferred.files == 2)
        #expect(try scratch.contents(in: "copy") == scratch.contents(in: "source"))

        // Without a record, equal sizes are compared by the CRC-64 of a HeadObject response, and a difference is found.
        transfer.options.updateMode = .checksum
        #expect(try await transfer.upload(from: scratch["source"], to: "www/").unchanged.files == 2)
        #expect(server.requests.contains { $0.operation == "HeadObject" && $0.key == "www/small" })
        try scratch.write("source/small", "hallo")
        #expect(try await transfer.upload(from: scratch["source"], to: "www/").transferred.files == 1)
        #expect(server.data(of: "www/small", in: "photos") == Data("hallo".utf8))
    }
}
