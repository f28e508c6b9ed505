import AliyunOSS
import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@Suite("Mock requester-pays buckets")
struct RequestPaymentTests {
    private static let payer = "x-oss-request-payer"
    let server: MockOSSServer

    init() throws {
        let keys: [MockOSSServer.AccessKey] = [
            .init(id: "owner", secret: "s"), .init(id: "stranger", secret: "s", accountID: "1234"),
        ]
        server = try MockOSSServer(.init(buckets: ["photos"], accessKeys: keys, blocksPublicAccess: false))
    }

    /// Sends a request with a V1 signature.
    ///
    /// - Parameter resource: Path and query; all parameters are signed, in order.
    private func send(
        _ id: String, _ method: String, _ resource: String, says: String? = nil, body: String = ""
    ) throws -> RawResponse {
        let date = HTTPDate.string(from: Date())
        let line = says.map { "\(Self.payer):\($0)\n" } ?? ""
        let mac = HMAC<SHA1>.authenticationCode(
            for: Array("\(method)\n\n\n\(date)\n\(line)\(resource)".utf8), key: Array("s".utf8))
        let client = try RawClient(server)
        client.send(
            "\(method) \(resource) HTTP/1.1\r\nHost: 127.0.0.1\r\nDate: \(date)\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Authorization: OSS \(id):\(Data(mac).base64EncodedString())\r\n"
                + (says.map { "\(Self.payer): \($0)\r\n" } ?? "") + "\r\n" + body)
        return try #require(client.response())
    }

    private func setPayer(_ name: String) throws {
        let body = "<RequestPaymentConfiguration><Payer>\(name)</Payer></RequestPaymentConfiguration>"
        #expect(try send("owner", "PUT", "/photos/?requestPayment", body: body).status == 200)
    }

    @Test("Another account must accept the costs in a header or in the URL; the owner need not")
    func payer() throws {
        #expect(try send("stranger", "PUT", "/photos/k", body: "hello").status == 200)
        try setPayer("Requester")
        for says in [nil, "owner"] {
            let refused = try send("stranger", "GET", "/photos/k", says: says)
            #expect(refused.status == 403 && refused.element("Code") == "AccessDenied")
            #expect(refused.element("Message") == "Access denied for requester pay bucket")
        }
        #expect(try send("stranger", "DELETE", "/photos/k").status == 403)
        #expect(server.keys(in: "photos") == ["k"])
        #expect(try send("stranger", "GET", "/photos/k", says: "requester").text == "hello")
        #expect(try send("stranger", "GET", "/photos/k?\(Self.payer)=requester").text == "hello")
        #expect(try send("owner", "GET", "/photos/k").text == "hello")
        try setPayer("BucketOwner")
        #expect(try send("stranger", "GET", "/photos/k").text == "hello")
    }

    @Test("A requester-pays bucket rejects anonymous requests regardless of its ACL")
    func anonymous() throws {
        try server.put("k", Data("hello".utf8), in: "photos", headers: ["x-oss-object-acl": "public-read"])
        let client = try RawClient(server)
        #expect(try client.request("GET", "/photos/k").text == "hello")
        try setPayer("Requester")
        #expect(try client.request("GET", "/photos/k").status == 403)
    }
}
