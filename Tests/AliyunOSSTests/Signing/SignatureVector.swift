import Foundation
import Testing

@testable import AliyunOSS

/// One entry of the `sign_*.json` files.
struct SignatureVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Expected: Decodable, Sendable {
        var signature: String?
        var authorization: String?
        var canonicalRequest: String?
        var stringToSign: String?
        var signingKeyHex: String?
        var query: [String: String]?
        var exampleUrl: String?
    }

    var id: String
    var kind: String?
    var accessKeyId: String?
    var accessKeySecret: String?
    var securityToken: String?
    var region: String?
    var product: String?
    var time: Double?
    var expires: Int64?
    var xOssDate: String?
    var method: String?
    var bucket: String?
    var key: String?
    var headers: [String: String]?
    var query: [[String?]]?
    var additionalHeaders: [String]?
    var dateInDateHeader: Bool?
    var stringToSign: String?
    var expected: Expected

    var testDescription: String { id }

    /// The vector's request, not signed.
    func request() throws -> SignableRequest {
        var request = SignableRequest(
            method: try #require(method.flatMap(HTTPMethod.init)), bucket: bucket, key: key,
            query: (query ?? []).compactMap { pair in pair[0].map { (name: $0, value: pair[1]) } })
        for (name, value) in headers ?? [:] { request.headers.add(name, value) }
        return request
    }

    /// The vector's credentials; some published examples do not give the secret.
    func credentials() throws -> Credentials {
        Credentials(
            accessKeyID: try #require(accessKeyId), accessKeySecret: accessKeySecret ?? "not published",
            securityToken: securityToken)
    }

    var signer: Signer {
        Signer(
            version: .v4, region: region ?? "", product: product ?? "oss", additionalHeaders: additionalHeaders ?? [])
    }
}

/// The parameters of a request that a name stands for; a list, so that a name that stands twice is seen.
func values(_ name: String, in request: SignableRequest) -> [String] {
    request.query.filter { $0.name == name }.map { $0.value ?? "" }
}
