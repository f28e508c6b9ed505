import Foundation
import OSSPrimitives

extension Signer {
    static let algorithm = "OSS4-HMAC-SHA256"

    func signV4(_ request: inout SignableRequest, credentials: Credentials, at date: Date) {
        let datetime = ISO8601.basic(date)
        request.headers[HeaderName.date] = datetime
        request.headers[HeaderName.payload] = CanonicalRequestV4.payload
        let names = additionalHeaders.present(in: request.headers)
        let canonical = CanonicalRequestV4.bytes(of: request, additional: additionalHeaders, names: names)
        let scope = scope(of: datetime)
        let signature = signature(of: canonical, datetime: datetime, scope: scope, secret: credentials.accessKeySecret)
        request.headers[HeaderName.authorization] =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope)"
            + (names.isEmpty ? "" : ",AdditionalHeaders=\(names)") + ",Signature=\(signature)"
    }

    func presignV4(_ request: inout SignableRequest, credentials: Credentials, at date: Date, seconds: Int64) {
        let datetime = ISO8601.basic(date)
        let scope = scope(of: datetime)
        let names = additionalHeaders.present(in: request.headers)
        request.query.append((QueryName.v4Version, Self.algorithm))
        request.query.append((QueryName.v4Credential, "\(credentials.accessKeyID)/\(scope)"))
        request.query.append((QueryName.v4Date, datetime))
        request.query.append((QueryName.v4Expires, "\(seconds)"))
        if !names.isEmpty { request.query.append((QueryName.v4AdditionalHeaders, names)) }
        if let token = credentials.securityToken { request.query.append((QueryName.v4Token, token)) }
        let canonical = CanonicalRequestV4.bytes(of: request, additional: additionalHeaders, names: names)
        let signature = signature(of: canonical, datetime: datetime, scope: scope, secret: credentials.accessKeySecret)
        request.query.append((QueryName.v4Signature, signature))
    }

    /// What is hashed with the key: algorithm, time, scope and the hash of the canonical request.
    static func stringToSignV4(canonical: [UInt8], datetime: String, scope: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        for line in [algorithm, datetime, scope] {
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        bytes += Hexadecimal.lowercase(SHA256.hash(canonical)).utf8
        return bytes
    }

    func scope(of datetime: String) -> String {
        "\(datetime.prefix(8))/\(region)/\(product)/aliyun_v4_request"
    }

    private func signature(of canonical: [UInt8], datetime: String, scope: String, secret: String) -> String {
        var code = keys.code(secret: secret, day: String(datetime.prefix(8)), region: region, product: product)
        code.update(Self.stringToSignV4(canonical: canonical, datetime: datetime, scope: scope))
        return Hexadecimal.lowercase(code.finalize())
    }
}
