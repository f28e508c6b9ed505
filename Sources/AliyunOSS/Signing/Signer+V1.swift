import Foundation
import OSSPrimitives

extension Signer {
    func signV1(_ request: inout SignableRequest, credentials: Credentials, at date: Date) {
        let text = HTTPDate.string(from: date)
        request.headers["Date"] = text
        // The service prefers this one to `Date`. A caller that sent it must not keep the time of an earlier attempt.
        if request.headers[HeaderName.date] != nil { request.headers[HeaderName.date] = text }
        let signature = Self.signatureV1(
            of: StringToSignV1.bytes(of: request, date: text), secret: credentials.accessKeySecret)
        request.headers[HeaderName.authorization] = "OSS \(credentials.accessKeyID):\(signature)"
    }

    func presignV1(_ request: inout SignableRequest, credentials: Credentials, at date: Date, seconds: Int64) {
        let expires = "\(Int64(date.timeIntervalSince1970) + seconds)"
        if let token = credentials.securityToken { request.query.append((QueryName.token, token)) }
        let signature = Self.signatureV1(
            of: StringToSignV1.bytes(of: request, date: expires), secret: credentials.accessKeySecret)
        request.query.append((QueryName.accessKeyID, credentials.accessKeyID))
        request.query.append((QueryName.expires, expires))
        request.query.append((QueryName.signature, signature))
    }

    static func signatureV1(of stringToSign: [UInt8], secret: String) -> String {
        Data(HMAC<SHA1>.authenticationCode(for: stringToSign, key: Array(secret.utf8))).base64EncodedString()
    }
}
