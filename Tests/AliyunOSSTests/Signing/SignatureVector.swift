import TestKit
import Testing

@testable import AliyunOSS

extension SignatureVector {
    /// The vector's request without a signature.
    func request() throws -> SignableRequest {
        var request = SignableRequest(
            method: try #require(method.flatMap(HTTPMethod.init)), bucket: bucket, key: key,
            query: (query ?? []).compactMap { pair in pair[0].map { (name: $0, value: pair[1]) } })
        for (name, value) in headers ?? [:] { request.headers.add(name, value) }
        return request
    }

    /// The vector's credentials. Some published examples do not contain the secret.
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

/// The parameters of a request. They are a list, so that a repeated name is detected.
func values(_ name: String, in request: SignableRequest) -> [String] {
    request.query.filter { $0.name == name }.map { $0.value ?? "" }
}
