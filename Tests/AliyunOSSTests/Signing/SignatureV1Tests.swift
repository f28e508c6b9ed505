import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Signature V1")
struct SignatureV1Tests {
    static let headerVectors = VectorFile<SignatureVector>.load("sign_v1_header")
    static let queryVectors = VectorFile<SignatureVector>.load("sign_v1_query")
    private let signer = Signer(version: .v1)

    @Test("The V1 vectors are complete")
    func vectorsAreHere() {
        #expect(Self.headerVectors.count == 15)
        #expect(Self.queryVectors.count == 9)
    }

    @Test(
        "The signature of a given text equals the published one",
        arguments: headerVectors.filter { $0.kind == "string-only" })
    func textOnly(_ vector: SignatureVector) throws {
        let text = Array(try #require(vector.stringToSign).utf8)
        #expect(Signer.signatureV1(of: text, secret: try #require(vector.accessKeySecret)) == vector.expected.signature)
    }

    @Test(
        "The string to sign and the Authorization header equal the published ones",
        arguments: headerVectors.filter { $0.kind != "string-only" })
    func authorization(_ vector: SignatureVector) throws {
        var request = try vector.request()
        let date = try #require(request.headers["x-oss-date"] ?? request.headers["Date"])
        signer.sign(&request, credentials: try vector.credentials(), at: try #require(HTTPDate.date(from: date)))
        if let expected = vector.expected.stringToSign {
            #expect(String(decoding: StringToSignV1.bytes(of: request, date: date), as: UTF8.self) == expected)
        }
        let signature = try #require(vector.expected.signature)
        let accessKeyID = try #require(vector.accessKeyId)
        #expect(request.headers["Authorization"] == "OSS \(accessKeyID):\(signature)")
        if let expected = vector.expected.authorization { #expect(request.headers["Authorization"] == expected) }
        #expect(request.headers["Date"] == date)
        #expect(request.headers["x-oss-security-token"] == vector.securityToken)
    }

    @Test("A presigned URL has exactly the published parameters", arguments: queryVectors)
    func presigned(_ vector: SignatureVector) throws {
        var request = try vector.request()
        let before = request
        let expires = try #require(vector.expires)
        try signer.presign(
            &request, credentials: try vector.credentials(), at: Date(timeIntervalSince1970: Double(expires - 900)),
            validFor: .seconds(900))
        if let expected = vector.expected.stringToSign {
            var unsigned = request
            unsigned.query.removeAll { $0.name == "Signature" }
            #expect(
                String(decoding: StringToSignV1.bytes(of: unsigned, date: "\(expires)"), as: UTF8.self) == expected)
        }
        #expect(values("Expires", in: request) == ["\(expires)"])
        // One page of the documentation prints a signature and not the secret.
        guard vector.accessKeySecret != nil else { return }
        #expect(values("Signature", in: request) == [vector.expected.signature])
        if let expected = vector.expected.query {
            for (name, value) in expected { #expect(values(name, in: request) == [value], "\(name)") }
            #expect(request.query.count == before.query.count + expected.count)
        }
        if let expected = vector.expected.exampleUrl {
            request.query.sort { $0.name < $1.name }
            let endpoint = try Endpoint("http://oss-cn-hangzhou.aliyuncs.com")
            #expect(endpoint.url(bucket: request.bucket, key: request.key, query: request.query) == expected)
        }
    }

    @Test(
        "Parameters that select or page a listing are not signed",
        arguments: [
            "prefix", "marker", "max-keys", "delimiter", "encoding-type", "list-type", "start-after", "fetch-owner",
            "key-marker", "version-id-marker", "max-uploads", "upload-id-marker", "max-parts", "part-number-marker",
            "regions", "accessmonitor", "tag-key", "tag-value",
        ])
    func unsigned(_ name: String) {
        #expect(!SignedSubresources.contains(name))
    }

    @Test(
        "Continuation tokens, operation parameters and all x-oss parameters are signed",
        arguments: [
            "continuation-token", "cors", "x-oss-process", "x-oss-request-payer", "accessPointPolicy", "uploadId",
        ])
    func signed(_ name: String) {
        #expect(SignedSubresources.contains(name))
    }
}
