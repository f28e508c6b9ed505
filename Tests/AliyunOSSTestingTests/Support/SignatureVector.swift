import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit

@testable import AliyunOSSTesting

extension SignatureVector {
    /// The vectors of a file that a server can verify.
    static func verifiable(_ name: String) -> [SignatureVector] {
        VectorFile.load(name).filter { $0.accessKeySecret != nil && $0.kind != "string-only" }
    }

    /// Returns the request as a server receives it, at the time of its signature.
    func request(isV4: Bool) -> ServiceRequest {
        var fields = HTTPHeaders()
        for (name, value) in (headers ?? [:]).sorted(by: { $0.key < $1.key }) {
            fields.add(name, value.trimmingCharacters(in: .whitespaces))
        }
        var items = QueryItems()
        items.items = (query ?? []).map { ($0[0] ?? "", $0[1]) }
        for (name, value) in (expected.query ?? [:]).sorted(by: { $0.key > $1.key }) {
            items.items.append((name, value))
        }
        // Some sources print only the signature.
        let bare = expected.query == nil ? expected.signature.map { "OSS \(accessKeyId ?? ""):\($0)" } : nil
        if let authorization = expected.authorization ?? bare {
            fields["Authorization"] = authorization
            if let token = securityToken { fields["x-oss-security-token"] = token }
            if isV4 {
                fields[dateInDateHeader == true ? "Date" : "x-oss-date"] = xOssDate
                fields["x-oss-content-sha256"] = "UNSIGNED-PAYLOAD"
            }
        }
        let signed =
            time.map { Date(timeIntervalSince1970: $0) }
            ?? (fields["x-oss-date"] ?? fields["Date"]).flatMap { HTTPDate.date(from: $0) }
            ?? Date(timeIntervalSince1970: Double(expires ?? 0) - 60)
        return ServiceRequest(
            method: method ?? "", operation: .getObject, bucket: bucket, key: key, query: items, headers: fields,
            authority: "", requestID: "", now: signed)
    }

    func checker(secret: String? = nil) -> SignatureChecker {
        SignatureChecker(
            accessKeys: [
                .init(id: accessKeyId ?? "", secret: secret ?? accessKeySecret ?? "", securityToken: securityToken)
            ], region: region ?? "")
    }
}
