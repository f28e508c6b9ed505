import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Signature V4")
struct SignatureV4Tests {
    static let headerVectors = VectorFile<SignatureVector>.load("sign_v4_header")
    static let queryVectors = VectorFile<SignatureVector>.load("sign_v4_query")

    @Test("The V4 vectors are complete")
    func vectorsAreHere() {
        #expect(Self.headerVectors.count == 13)
        #expect(Self.queryVectors.count == 13)
    }

    @Test(
        "The signing key, the canonical request and the string to sign equal the published ones",
        arguments: headerVectors)
    func pieces(_ vector: SignatureVector) throws {
        let datetime = try #require(
            vector.xOssDate ?? vector.time.map { ISO8601.basic(Date(timeIntervalSince1970: $0)) })
        var request = try vector.request()
        // One SDK sends its time in `Date`. This library never does, and its canonical form is right for it all the same.
        if vector.dateInDateHeader != true { request.headers["x-oss-date"] = datetime }
        request.headers["x-oss-content-sha256"] = "UNSIGNED-PAYLOAD"
        request.headers["x-oss-security-token"] = vector.securityToken
        try expectPieces(of: request, datetime: datetime, vector)
    }

    @Test(
        "The Authorization header equals the published one",
        arguments: headerVectors.filter { $0.dateInDateHeader != true }
    )
    func authorization(_ vector: SignatureVector) throws {
        var request = try vector.request()
        let date = Date(timeIntervalSince1970: try #require(vector.time))
        vector.signer.sign(&request, credentials: try vector.credentials(), at: date)
        let authorization = try #require(request.headers["Authorization"])
        if let expected = vector.expected.authorization { #expect(authorization == expected) }
        if let expected = vector.expected.signature { #expect(authorization.hasSuffix(",Signature=\(expected)")) }
        #expect(request.headers["x-oss-date"] == ISO8601.basic(date))
        #expect(request.headers["x-oss-content-sha256"] == "UNSIGNED-PAYLOAD")
        #expect(request.headers["x-oss-security-token"] == vector.securityToken)
    }

    @Test("A presigned V4 URL has exactly the published parameters", arguments: queryVectors)
    func presigned(_ vector: SignatureVector) throws {
        var request = try vector.request()
        let before = request
        try vector.signer.presign(
            &request, credentials: try vector.credentials(),
            at: Date(timeIntervalSince1970: try #require(vector.time)), validFor: .seconds(try #require(vector.expires))
        )
        let expected = try #require(vector.expected.query)
        for (name, value) in expected { #expect(values(name, in: request) == [value], "\(name)") }
        #expect(request.query.count == before.query.count + expected.count)
        #expect(request.headers.map(\.name).sorted() == before.headers.map(\.name).sorted())

        request.query.removeAll { $0.name == "x-oss-signature" }
        try expectPieces(of: request, datetime: try #require(expected["x-oss-date"]), vector)
    }

    @Test("A signing key is reused only for the same secret, day, region and product")
    func cache() {
        typealias Key = (secret: String, day: String, region: String, product: String)
        let cache = SigningKeyCache()
        let first: Key = ("secret", "20231216", "cn-hangzhou", "oss")
        let others: [Key] = [
            first, ("secret", "20231217", "cn-hangzhou", "oss"), ("other", "20231216", "cn-hangzhou", "oss"),
            ("secret", "20231216", "cn-beijing", "oss"), ("secret", "20231216", "cn-hangzhou", "oss-cloudbox"),
        ]
        for key in others {
            // Each follows the first: what differs from it must not be taken from the cache.
            for key in [first, key] {
                let derived = SigningKeyV4.derive(
                    secret: key.secret, day: key.day, region: key.region, product: key.product)
                let expected = HMAC<SHA256>.authenticationCode(for: Array("message".utf8), key: derived)
                let cached = cache.key(secret: key.secret, day: key.day, region: key.region, product: key.product)
                #expect(cached.signature(of: Array("message".utf8)) == Hexadecimal.lowercase(expected), "\(key)")
                #expect(cached.scope == "\(key.day)/\(key.region)/\(key.product)/aliyun_v4_request")
            }
        }
    }

    private func expectPieces(of request: SignableRequest, datetime: String, _ vector: SignatureVector) throws {
        let signer = vector.signer
        let names = signer.additionalHeaders.present(in: request.headers)
        let canonical = CanonicalRequestV4.bytes(of: request, additional: signer.additionalHeaders, names: names)
        if let expected = vector.expected.canonicalRequest {
            #expect(String(decoding: canonical, as: UTF8.self) == expected)
        }
        let secret = try #require(vector.accessKeySecret)
        let text = Signer.stringToSignV4(
            canonical: canonical, datetime: datetime, signer.signingKey(of: datetime, secret: secret).scope)
        if let expected = vector.expected.stringToSign { #expect(String(decoding: text, as: UTF8.self) == expected) }
        let key = SigningKeyV4.derive(
            secret: secret, day: String(datetime.prefix(8)), region: signer.region, product: signer.product)
        if let expected = vector.expected.signingKeyHex { #expect(Hexadecimal.lowercase(key) == expected) }
        let signature = HMAC<SHA256>.authenticationCode(for: text, key: key)
        #expect(Hexadecimal.lowercase(signature) == vector.expected.signature)
    }
}
