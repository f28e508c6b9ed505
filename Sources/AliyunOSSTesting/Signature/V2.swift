import Foundation
import OSSPrimitives

/// Functions that derive the V2 string to sign (HMAC-SHA256) from a received request. This string extends the V1 string
/// with additional headers and encoded parameters.
enum V2 {
    static let name = "OSS2"

    static func stringToSign(_ request: ServiceRequest, date: String, additionalHeaders: [String]) -> [UInt8] {
        let headers = request.canonicalHeaders { $0.hasPrefix("x-oss-") || additionalHeaders.contains($0) }
        let resource = "/" + (request.bucket.map { $0 + "/" } ?? "") + (request.key ?? "")
        let query = V4.canonicalQuery(request.query)
        let end =
            additionalHeaders.joined(separator: ";") + "\n" + V4.encode(resource, keepsSlash: false)
            + (query.isEmpty ? "" : "?" + query)
        return V1.start(request, date: date) + headers + end.utf8
    }

    /// An Authorization header in the form `OSS2 AccessKeyId:id[,AdditionalHeaders:a;b],Signature:base64`.
    struct Authorization {
        let accessKeyID: String
        let additionalHeaders: [String]
        let signature: String

        init(_ header: String) throws(ServiceError) {
            var fields: [String: String] = [:]
            let items = header.utf8.dropFirst(name.utf8.count).split(separator: UInt8(ascii: ","))
            guard (2...3).contains(items.count) else { throw Self.malformed(header, "102") }
            for item in items {
                let text = V4.trimmed(item)
                guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { throw Self.malformed(header, "103") }
                let name = String(Substring(text[..<colon]))
                guard ["AccessKeyId", "AdditionalHeaders", "Signature"].contains(name) else {
                    throw Self.malformed(header, "104")
                }
                fields[name] = String(Substring(text[text.index(after: colon)...]))
            }
            guard let id = fields["AccessKeyId"], !id.isEmpty else { throw Self.malformed(header, "105") }
            guard let signature = fields["Signature"], !signature.isEmpty else { throw Self.malformed(header, "108") }
            accessKeyID = id
            additionalHeaders = V4.headerNames(fields["AdditionalHeaders"] ?? "")
            self.signature = signature
        }

        private static func malformed(_ header: String, _ number: String) -> ServiceError {
            .invalidArgument(
                "Authorization header is invalid.", name: "Authorization", value: header, ec: "0002-00000\(number)")
        }
    }
}

extension SignatureChecker {
    func verifyV2Header(_ request: ServiceRequest, _ authorization: String) throws(ServiceError) -> Identity {
        let fields = try V2.Authorization(authorization)
        let text = request.header("x-oss-date") ?? request.header("Date")
        guard let text, let date = HTTPDate.date(from: text) else { throw Self.invalidDate(isMissing: text == nil) }
        try V4.check(fields.additionalHeaders, of: request)
        try Self.checkSkew(date, now: request.now)
        let token = request.header("x-oss-security-token") ?? request.query["security-token"]
        let key = try accessKey(fields.accessKeyID, token: token, now: request.now)
        return try compareV2(
            V2.stringToSign(request, date: text, additionalHeaders: fields.additionalHeaders), key, fields.signature)
    }

    func verifyV2URL(_ request: ServiceRequest) throws(ServiceError) -> Identity {
        func parameter(_ name: String, ec: String) throws(ServiceError) -> String {
            guard let value = request.query[name], !value.isEmpty else {
                throw .invalidArgument("The parameter \(name) is missing.", name: name, value: "", ec: ec)
            }
            return value
        }
        let expires = try parameter("x-oss-expires", ec: "0002-00000113")
        let id = try parameter("x-oss-access-key-id", ec: "0002-00000115")
        let signature = try parameter("x-oss-signature", ec: "0002-00000117")
        let additionalHeaders = V4.headerNames(request.query["x-oss-additional-headers"] ?? "")
        try Self.checkExpiry(expires, now: request.now)
        try V4.check(additionalHeaders, of: request)
        if request.header("x-oss-security-token") != nil { throw Self.tokenInHeader }
        let key = try accessKey(id, token: request.query["security-token"], now: request.now)
        return try compareV2(
            V2.stringToSign(request, date: expires, additionalHeaders: additionalHeaders), key, signature)
    }

    private func compareV2(
        _ stringToSign: [UInt8], _ key: MockOSSServer.AccessKey, _ provided: String
    ) throws(ServiceError) -> Identity {
        let mac = HMAC<SHA256>.authenticationCode(for: stringToSign, key: Array(key.secret.utf8))
        guard Data(mac).base64EncodedString() == provided else { throw Self.mismatch(key.id, provided, stringToSign) }
        return .accessKey(key.id)
    }
}
