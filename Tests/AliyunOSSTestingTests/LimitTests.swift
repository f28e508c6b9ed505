import AliyunOSS
import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

/// Data that is too long or misplaced is rejected instead of misinterpreted.
@Suite("Mock limits of received data")
struct LimitTests {
    private let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    @Test("A document beyond the maximum length is rejected instead of treated as empty")
    func document() throws {
        let id = try server.initiateUpload()
        _ = try server.uploadPart(1, "hello", id)
        let client = try RawClient(server)
        client.send(
            "POST /photos/big?uploadId=\(id) HTTP/1.1\r\nHost: 127.0.0.1\r\nx-oss-complete-all: yes\r\n"
                + "Content-Length: 17000000\r\n\r\n")
        let response = try #require(client.response())
        #expect(response.status == 400)
        #expect(response.element("Code") == "MalformedXML")
        #expect(client.readToEnd().isEmpty)
        #expect(server.keys(in: "photos").isEmpty)
        #expect(server.statistics.openUploads == 1)
    }

    @Test(
        "The key ID of a bucket's encryption cannot add a header", arguments: ["KMSMasterKeyID", "KMSDataEncryption"])
    func encryption(name: String) throws {
        let rule = "<SSEAlgorithm>KMS</SSEAlgorithm><\(name)>k&#13;&#10;X-Evil: 1</\(name)>"
        let response = try server.request(
            "PUT", "/photos?encryption",
            body: "<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault>\(rule)"
                + "</ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>")
        #expect(response.status == 400)
        let put = try server.request("PUT", "/photos/k", body: "x")
        #expect(put.status == 200)
        #expect(put.headers["x-evil"] == nil)
    }

    @Test("The ID of a replication rule cannot add a header")
    func replication() throws {
        let response = try server.request(
            "POST", "/photos?replication&comp=add",
            body: "<ReplicationConfiguration><Rule><ID>r&#13;&#10;X-Evil: 1</ID><Destination><Bucket>other</Bucket>"
                + "<Location>oss-cn-beijing</Location></Destination></Rule></ReplicationConfiguration>")
        #expect(response.status == 400, "\(response.text)")
        #expect(response.element("Code") == "InvalidArgument", "\(response.text)")
        #expect(response.headers["x-evil"] == nil)
    }

    @Test("Requests beyond the maximum rate fail with the error of the service")
    func requestRate() throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.maximumRequestsPerSecond = 1
        let server = try MockOSSServer(configuration)
        let refusal = try #require(
            (0..<1000).lazy.compactMap { _ in try? server.request("GET", "/photos") }.first { $0.status == 503 })
        #expect(refusal.element("Code") == "TotalQpsLimitExceeded")
        #expect(refusal.headers["x-oss-ec"] == "0004-00000302")
    }

    @Test("The rate limiter admits a tenth of a second's requests at once, and then its rate")
    func rateLimiter() {
        let limiter = RequestRateLimiter(perSecond: 100)
        let start = ContinuousClock.now
        func admitted(_ count: Int, after seconds: Double) -> Int {
            (0..<count).count { _ in limiter.admits(at: start + .seconds(seconds)) }
        }
        #expect(admitted(50, after: 1) == 10)
        #expect(admitted(50, after: 1.05) == 5)
        #expect(admitted(50, after: 1.05) == 0)
        #expect(admitted(50, after: 60) == 10)
    }

    @Test("Only texts up to the maximum size are compressed")
    func compression() throws {
        for (length, isCompressed) in [
            (Compression.maximumLength, true), (Compression.maximumLength + 1, false),
        ] {
            try server.put("k", Data(count: length), in: "photos", headers: ["Content-Type": "text/plain"])
            let client = try RawClient(server)
            client.send("GET /photos/k HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
            let response = try #require(client.response())
            #expect((response.headers["content-encoding"] == "gzip") == isCompressed)
        }
    }

    @Test("Exhausted memory is reported as an error without a write out of bounds")
    func memory() {
        var builder = ObjectBytesBuilder { memory, length in length > 100_000 ? nil : realloc(memory, length) }
        let piece = [UInt8](repeating: 1, count: 60_000)
        var seen: [Bool] = []
        for _ in 0..<2 {
            piece.withUnsafeBytes { builder.append($0) }
            seen.append(builder.isExhausted)
        }
        #expect(seen == [false, true])
        var count = builder.count
        #expect(count == 60_000)
        while case let space = builder.space(atMost: 1000, announced: 1 << 20), !space.isEmpty {
            builder.advance(by: space.count)
        }
        count = builder.count
        #expect(count <= 100_000)
    }

    @Test("Statistics count only object bytes as sent and only a form's file as received")
    func statistics() async throws {
        #expect(try server.request("GET", "/photos/none").status == 404)
        #expect(try server.request("GET", "/none/k").status == 404)
        #expect(server.statistics.bytesSent == 0)
        let form =
            "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello\r\n--B--\r\n"
        let posted = try server.request(
            "POST", "/", headers: ["Content-Type": "multipart/form-data; boundary=B"], body: form,
            host: "photos.localhost")
        #expect(posted.status == 204)
        #expect(server.statistics.bytesReceived == 5)
        #expect(server.requests.last?.bodyLength == form.utf8.count)
        #expect(try server.request("GET", "/photos/k", headers: ["Range": "bytes=1-2"]).text == "el")
        #expect(server.statistics.bytesSent == 2)
    }

    @Test("CompleteMultipartUpload returns the object's URL in the addressing style of the request")
    func location() throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.cnames = ["photos.example.com": "photos", "img.example.com": "photos"]
        let server = try MockOSSServer(configuration)
        let form =
            "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na b\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"success_action_status\"\r\n\r\n201\r\n"
            + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello\r\n--B--\r\n"
        for (host, root) in [
            ("127.0.0.1:9000", "/photos"), ("photos.localhost", ""), ("img.example.com", ""), ("localhost", "/photos"),
        ] {
            let target = "\(root)/a%20b"
            let id = try #require(try server.request("POST", target + "?uploads", host: host).element("UploadId"))
            _ = try server.request("PUT", target + "?partNumber=1&uploadId=\(id)", body: "x", host: host)
            let done = try server.request(
                "POST", target + "?uploadId=\(id)", headers: ["x-oss-complete-all": "yes"], body: "", host: host)
            #expect(done.element("Location") == "http://\(host)\(target)")
            let posted = try server.request(
                "POST", root + "/", headers: ["Content-Type": "multipart/form-data; boundary=B"], body: form, host: host
            )
            #expect(posted.element("Location") == "http://\(host)\(target)", "\(posted.text)")
        }
    }
}
